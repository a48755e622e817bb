"""A read model: tables, and what each event does to their rows.

Handlers are deterministic: no clock, no random, no I/O. The same fold serves live running, rebuild,
verification and tests.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TypeVar, cast, overload

from sqlalchemy import MetaData, Table

from domain.shared.aggregate import Event
from projections.rows import Key, Rows

E = TypeVar("E", bound=Event)
F = TypeVar("F", bound=Event)
Handler = Callable[[Event, Rows], None]
KeyOf = Callable[[Event], Key | None]

CHECKPOINTS = "read model "
"""What the names of all read models' checkpoints begin with."""


class ReadModel:
    """`keys` says for each table which row an event concerns, so that a batch of events can load
    the rows it touches in one select per table. A handler may touch others; that costs a select.
    Who gives a command sees it in all that are `awaited`; of the others whoever asks waits. What is
    asked of one that is `cached` the API processes remember: they are told when its rows change.
    """

    def __init__(
        self, name: str, version: int, *, awaited: bool = True, cached: bool = False
    ) -> None:
        self.name = name
        self.version = version
        self.awaited = awaited
        self.cached = cached
        self.schema = f"{name.replace('.', '_')}_v{version}"
        """The Postgres schema that the tables live in."""
        self.metadata = MetaData(schema=self.schema)
        self.keys: dict[Table, KeyOf] = {}
        self.handlers: dict[type[Event], Handler] = {}

    @property
    def checkpoint(self) -> str:
        """The name under which the position is kept."""
        return f"{CHECKPOINTS}{self.name} v{self.version}"

    @classmethod
    def named(cls, checkpoint: str) -> "ReadModel":
        """The one whose checkpoint has this name, without its tables."""
        name, _, version = checkpoint.removeprefix(CHECKPOINTS).rpartition(" v")
        return cls(name, int(version))

    @cached_property
    def tables(self) -> Sequence[Table]:
        """All of them, once the module that declares them is imported."""
        return self.metadata.sorted_tables

    def keep(self, table: Table, *, by: Sequence[str]) -> Table:
        """Say by which event fields a table's rows are found."""
        self.keys[table] = _key_of(tuple(by))
        return table

    @overload
    def on(
        self, kind: type[E], /
    ) -> Callable[[Callable[[E, Rows], None]], Callable[[E, Rows], None]]: ...

    @overload
    def on(
        self, kind: type[E], other: type[F], /
    ) -> Callable[[Callable[[E | F, Rows], None]], Callable[[E | F, Rows], None]]: ...

    def on(self, *kinds: type[Event]) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Register what one kind of event, or either of two, does to the rows."""

        def register(handler: Callable[..., None]) -> Callable[..., None]:
            for kind in kinds:
                if kind in self.handlers:
                    raise TypeError(f"{self.name} handles {kind.__name__} already")
                self.handlers[kind] = handler
            return handler

        return register


def _key_of(fields: tuple[str, ...]) -> KeyOf:
    def single(event: Event) -> Key | None:
        return cast("Key | None", getattr(event, fields[0], None))

    def several(event: Event) -> Key | None:
        key = tuple(getattr(event, field, None) for field in fields)
        return None if None in key else key

    return single if len(fields) == 1 else several
