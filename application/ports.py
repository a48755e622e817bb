"""What the application asks of the outside; infrastructure answers, and in tests a memory log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from application.access import Actor
from domain.shared.aggregate import Aggregate, Event
from domain.shared.errors import Failure
from domain.shared.ids import AccountId, CommandId, TenantId

A = TypeVar("A", bound=Aggregate)


@dataclass(frozen=True)
class Stamp:
    """What the log remembers of a command beside its events."""

    command_id: CommandId
    command: str
    actor: Actor
    moment: datetime
    request_id: str
    correlation_id: str
    causation_id: str | None = None


@dataclass(frozen=True)
class Version:
    """An aggregate as one command left or found it."""

    kind: type[Aggregate]
    id: UUID
    version: int


@dataclass(frozen=True)
class IdempotencyKey:
    """A client's name for one request; `fingerprint` is the hash of what it asked."""

    key: str
    fingerprint: bytes


Result = Aggregate | tuple[Aggregate, ...] | None
"""What a command answers with: aggregates as it left them."""


@dataclass(frozen=True)
class Answer:
    """What a command answered: the versions at which it left its aggregates, or a failure.

    `many` distinguishes a tuple of one from one.
    """

    versions: tuple[Version, ...] = ()
    many: bool = False
    position: int = 0
    failure: Failure | None = None


@dataclass(frozen=True)
class Append:
    """All that one command changes: stored whole or not at all."""

    stamp: Stamp
    events: Sequence[tuple[TenantId, Event]]
    reads: Sequence[Version] = ()
    """What the decision relied on without changing it; newer versions are a conflict."""
    key: IdempotencyKey | None = None
    answer: Answer | None = None


class VersionConflict(Exception):  # noqa: N818 - handled by the dispatcher, never seen outside
    """Something that the command read or changed is newer in the log."""


class KeyTaken(Exception):  # noqa: N818 - handled by the dispatcher, never seen outside
    """Another process answered a command with the same idempotency key first."""


class EventLog(Protocol):
    """The only truth. All methods are bounded in time and raise Unavailable past that."""

    async def take(self, kind: type[A], aggregate_id: UUID, tenant_id: TenantId) -> A | None:
        """The newest known state, owned by the caller until `put` or `drop`; None if unknown."""

    async def read(self, kind: type[A], aggregate_id: UUID, tenant_id: TenantId) -> A | None:
        """The newest known state, not to be changed; None if unknown."""

    async def at(self, what: Version, tenant_id: TenantId) -> Aggregate:
        """The state as it was at that version."""

    def put(self, aggregates: Sequence[Aggregate], tenant_id: TenantId) -> None:
        """Give back aggregates whose state is what the log holds."""

    def drop(self, aggregates: Sequence[Aggregate]) -> None:
        """Give up aggregates whose state is not, or may not be, what the log holds."""

    def evict(self, aggregates: Sequence[Aggregate]) -> None:
        """Forget what was only looked at and may be older than the log; owners keep theirs."""

    async def is_newest(self, versions: Sequence[Version]) -> bool:
        """Whether the log holds nothing newer than these."""

    async def append(self, append: Append) -> int:
        """Store the events and return the position of the last.

        Raises VersionConflict, KeyTaken, or Unavailable when the outcome is not known in time.
        """

    async def answered(
        self, key: str, account_id: AccountId, tenant_id: TenantId
    ) -> tuple[bytes, Answer] | None:
        """The fingerprint and the answer of the command with this key, if there was one."""

    async def remember(self, key: IdempotencyKey, actor: Actor, answer: Answer) -> None:
        """Keep the answer of a command that stored no event. Raises KeyTaken or Unavailable."""


class Clock(Protocol):
    def __call__(self) -> datetime:
        """Now, aware of its time zone."""


@dataclass(frozen=True)
class Outcome:
    """One command, as metrics and the command log tell it."""

    stamp: Stamp
    outcome: str
    """``done``, ``unchanged``, ``repeated``, or the kind of the failure."""
    attempts: int
    seconds: float
    events: int


class Observer(Protocol):
    def __call__(self, outcome: Outcome) -> None:
        """Told once per dispatched command."""
