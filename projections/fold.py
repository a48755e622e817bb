"""The fold: events in order, each changing rows. Pure; whoever calls it loads and stores."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import Table

from domain.shared.aggregate import Event
from domain.shared.ids import TenantId
from projections.read_model import ReadModel
from projections.rows import Key, NotLoadedError, Rows

_NOTHING: Mapping[UUID, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Fact:
    """An event, where it stands in the log, and whose it is."""

    position: int
    tenant_id: TenantId
    event: Event


class HandlerFailedError(Exception):
    """A handler raised on one fact; `__cause__` is what it raised."""

    def __init__(self, fact: Fact) -> None:
        super().__init__(f"position {fact.position}")
        self.fact = fact


def fold(
    model: ReadModel, facts: Iterable[Fact], rows: Rows, parked: Mapping[UUID, int] = _NOTHING
) -> None:
    """Apply the facts to the rows; of each aggregate that is parked only those before a position.

    Raises NotLoadedError or HandlerFailedError; the rows are then of no use any more.
    """
    for fact in facts:
        event = fact.event
        handler = model.handlers.get(type(event))
        if handler is None or fact.position >= parked.get(event.originator_id, inf):
            continue
        rows.for_tenant(fact.tenant_id)
        rows.position = fact.position
        try:
            handler(event, rows)
        except NotLoadedError:
            raise
        except Exception as error:
            raise HandlerFailedError(fact) from error


def keys_to_load(model: ReadModel, facts: Sequence[Fact]) -> dict[Table, set[Key]]:
    """The rows that the facts concern, by the model's own telling."""
    keys: dict[Table, set[Key]] = {table: set() for table in model.tables}
    for fact in facts:
        if type(fact.event) not in model.handlers:
            continue
        for table, key_of in model.keys.items():
            if (key := key_of(fact.event)) is not None:
                keys[table].add(key)
    return keys
