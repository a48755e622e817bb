"""The event log in memory: what `application.ports.EventLog` promises, and nothing to install."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import TypeVar
from uuid import UUID

from application.access import Actor
from application.ports import (
    Answer,
    Append,
    IdempotencyKey,
    KeyTaken,
    Stamp,
    Version,
    VersionConflict,
)
from domain.shared.aggregate import Aggregate, Event
from domain.shared.errors import NotFound
from domain.shared.ids import PLATFORM, AccountId, TenantId

A = TypeVar("A", bound=Aggregate)
Claim = tuple[TenantId, AccountId, str]


@dataclass(frozen=True)
class Entry:
    position: int
    tenant_id: TenantId
    event: Event
    stamp: Stamp | None


@dataclass
class Truth:
    """What all processes share."""

    entries: list[Entry] = field(default_factory=list)
    keys: dict[Claim, tuple[bytes, Answer]] = field(default_factory=dict)

    def of(self, aggregate_id: UUID) -> list[Entry]:
        return [entry for entry in self.entries if entry.event.originator_id == aggregate_id]

    def version(self, aggregate_id: UUID) -> int:
        return max((entry.event.originator_version for entry in self.of(aggregate_id)), default=0)

    def store(self, tenant_id: TenantId, event: Event, stamp: Stamp | None = None) -> int:
        position = len(self.entries) + 1
        self.entries.append(Entry(position, tenant_id, event, stamp))
        return position


class MemoryLog:
    """One process's view of the log, with its own cache of aggregates, which may be stale."""

    def __init__(self, truth: Truth | None = None) -> None:
        self.truth = truth or Truth()
        self.appends: list[Append] = []
        """Every append that was stored through this view."""
        self.cached: dict[UUID, tuple[TenantId, Aggregate]] = {}
        self.taken: set[UUID] = set()
        """Aggregates that some command owns."""
        self._conflicts = 0
        self._silent = False
        self._meanwhile: dict[str, Callable[[], Awaitable[object]]] = {}

    def beside(self) -> "MemoryLog":
        """The same log, as another process sees it."""
        return MemoryLog(self.truth)

    def conflict(self, times: int) -> None:
        """Let the next appends lose against somebody else."""
        self._conflicts = times

    def fall_silent(self) -> None:
        """Never answer an append again."""
        self._silent = True

    def meanwhile(self, action: Callable[[], Awaitable[object]], before: str = "append") -> None:
        """Do something just before the next append, or before the next look at a kind of thing."""
        self._meanwhile[before] = action

    def store(self, tenant_id: TenantId, events: Iterable[Event]) -> None:
        """Events as if some other process had stored them."""
        for event in events:
            self.truth.store(tenant_id, event)

    async def take(self, kind: type[A], aggregate_id: UUID, tenant_id: TenantId) -> A | None:
        await self._let_others_act(kind.__name__)
        found = self._known(kind, aggregate_id, tenant_id)
        if found is not None:
            self.cached.pop(aggregate_id, None)
            self.taken.add(aggregate_id)
        return found

    async def read(self, kind: type[A], aggregate_id: UUID, tenant_id: TenantId) -> A | None:
        await self._let_others_act(kind.__name__)
        found = self._known(kind, aggregate_id, tenant_id)
        if found is not None:
            self.cached.setdefault(aggregate_id, (tenant_id, found))
        return found

    async def at(self, what: Version, tenant_id: TenantId) -> Aggregate:
        for tenant in (tenant_id, PLATFORM):
            found = self._replayed(what.id, tenant, until=what.version)
            if found is not None:
                return found
        raise NotFound(what.kind.__name__.lower(), what.id)

    def put(self, aggregates: Sequence[Aggregate], tenant_id: TenantId) -> None:
        for aggregate in aggregates:
            self.cached[aggregate.id] = (tenant_id, aggregate)
            self.taken.discard(aggregate.id)

    def drop(self, aggregates: Sequence[Aggregate]) -> None:
        for aggregate in aggregates:
            self.cached.pop(aggregate.id, None)
            self.taken.discard(aggregate.id)

    def evict(self, aggregates: Sequence[Aggregate]) -> None:
        for aggregate in aggregates:
            self.cached.pop(aggregate.id, None)

    async def is_newest(self, versions: Sequence[Version]) -> bool:
        await asyncio.sleep(0)
        return all(self.truth.version(seen.id) <= seen.version for seen in versions)

    async def append(self, append: Append) -> int:
        await self._let_others_act("append")
        if self._silent:
            await asyncio.Event().wait()
        if self._conflicts > 0:
            self._conflicts -= 1
            raise VersionConflict
        self._check_key(append)
        for read in append.reads:
            if self.truth.version(read.id) > read.version:
                raise VersionConflict
        for _, event in append.events:
            if self.truth.version(event.originator_id) >= event.originator_version:
                raise VersionConflict
        stamp = append.stamp
        last = [self.truth.store(tenant, event, stamp) for tenant, event in append.events][-1]
        self._remember_key(append, last)
        self.appends.append(append)
        return last

    async def answered(
        self, key: str, account_id: AccountId, tenant_id: TenantId
    ) -> tuple[bytes, Answer] | None:
        await asyncio.sleep(0)
        return self.truth.keys.get((tenant_id, account_id, key))

    async def remember(self, key: IdempotencyKey, actor: Actor, answer: Answer) -> None:
        await asyncio.sleep(0)
        claim = (actor.tenant_id, actor.account_id, key.key)
        if claim in self.truth.keys:
            raise KeyTaken
        self.truth.keys[claim] = (key.fingerprint, answer)

    def replayed(self, aggregate_id: UUID) -> Aggregate | None:
        """The state that the log tells."""
        entries = self.truth.of(aggregate_id)
        return replay(entry.event for entry in entries)

    async def _let_others_act(self, before: str) -> None:
        await asyncio.sleep(0)
        if before in self._meanwhile:
            await self._meanwhile.pop(before)()

    def _check_key(self, append: Append) -> None:
        if append.key is not None and _claim(append, append.key.key) in self.truth.keys:
            raise KeyTaken

    def _remember_key(self, append: Append, position: int) -> None:
        if append.key is not None and append.answer is not None:
            answer = Answer(append.answer.versions, append.answer.many, position)
            claim = _claim(append, append.key.key)
            self.truth.keys[claim] = (append.key.fingerprint, answer)

    def _known(self, kind: type[A], aggregate_id: UUID, tenant_id: TenantId) -> A | None:
        if aggregate_id in self.cached:
            tenant, found = self.cached[aggregate_id]
            return found if tenant == tenant_id and isinstance(found, kind) else None
        loaded = self._replayed(aggregate_id, tenant_id)
        return loaded if isinstance(loaded, kind) else None

    def _replayed(
        self, aggregate_id: UUID, tenant_id: TenantId, until: int | None = None
    ) -> Aggregate | None:
        return replay(
            entry.event
            for entry in self.truth.of(aggregate_id)
            if entry.tenant_id == tenant_id
            and (until is None or entry.event.originator_version <= until)
        )


def replay(events: Iterable[Event]) -> Aggregate | None:
    """The state that follows from the events; None when there are none."""
    nothing: Aggregate | None = None
    return reduce(lambda aggregate, event: event.mutate(aggregate), events, nothing)


def _claim(append: Append, key: str) -> Claim:
    actor = append.stamp.actor
    return actor.tenant_id, actor.account_id, key
