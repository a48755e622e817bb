"""The work of one command: what it has loaded, added and changed, who asks, and when."""

import re
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from application.access import Actor
from application.ports import EventLog, Version
from domain.shared.aggregate import Aggregate, Event
from domain.shared.errors import NotFound
from domain.shared.ids import TenantId

A = TypeVar("A", bound=Aggregate)


class Work:
    """Handlers load through it and register with it; only the dispatcher commits."""

    def __init__(self, log: EventLog, actor: Actor, new_id: Callable[[], UUID]) -> None:
        self.actor = actor
        self.new_id = new_id
        self._log = log
        self._owned: dict[UUID, tuple[TenantId, Aggregate]] = {}
        self._read: dict[UUID, tuple[Version, Aggregate]] = {}

    @property
    def tenant_id(self) -> TenantId:
        return self.actor.tenant_id

    async def get(self, kind: type[A], aggregate_id: UUID) -> A:
        """Load an aggregate of this tenant in order to change it. Raises NotFound."""
        if (found := await self.find(kind, aggregate_id)) is not None:
            return found
        raise NotFound(spoken(kind), aggregate_id)

    async def find(
        self, kind: type[A], aggregate_id: UUID, tenant_id: TenantId | None = None
    ) -> A | None:
        """Load an aggregate in order to change it, or None. By default, of the actor's tenant."""
        tenant = self.tenant_id if tenant_id is None else tenant_id
        if aggregate_id in self._owned:
            return _of(kind, self._owned[aggregate_id][1])
        found = await self._log.take(kind, aggregate_id, tenant)
        if found is not None:
            self._owned[aggregate_id] = (tenant, found)
        return found

    async def read(self, kind: type[A], aggregate_id: UUID) -> A:
        """Load an aggregate of this tenant only to look at it. Raises NotFound."""
        if (found := await self.glance(kind, aggregate_id)) is not None:
            return found
        raise NotFound(spoken(kind), aggregate_id)

    async def glance(
        self, kind: type[A], aggregate_id: UUID, tenant_id: TenantId | None = None
    ) -> A | None:
        """Look at an aggregate, or None. What was seen still holds when the command is stored."""
        tenant = self.tenant_id if tenant_id is None else tenant_id
        if aggregate_id in self._owned:
            return _of(kind, self._owned[aggregate_id][1])
        found = await self._log.read(kind, aggregate_id, tenant)
        if found is not None:
            # Of two looks the first is checked: what was decided on it must still hold.
            seen = Version(kind, aggregate_id, found.version)
            self._read.setdefault(aggregate_id, (seen, found))
        return found

    def add(self, aggregate: A, tenant_id: TenantId | None = None) -> A:
        """Register a new aggregate."""
        tenant = self.tenant_id if tenant_id is None else tenant_id
        self._owned[aggregate.id] = (tenant, aggregate)
        return aggregate

    def events(self) -> list[tuple[TenantId, Event]]:
        """What the command changed so far, in the order in which its aggregates came in."""
        return [
            (tenant, event)
            for tenant, aggregate in self._owned.values()
            for event in aggregate.pending_events
            if isinstance(event, Event)
        ]

    def reads(self) -> list[Version]:
        """What the command relied on without changing it."""
        looked_at = [version for version, _ in self._read.values()]
        unchanged = [
            Version(type(aggregate), aggregate.id, aggregate.version)
            for _, aggregate in self._owned.values()
            if not aggregate.pending_events
        ]
        return looked_at + unchanged

    def found_versions(self) -> list[Version]:
        """Every stored aggregate that the command saw, at the version at which it saw it."""
        loaded = [
            Version(
                type(aggregate), aggregate.id, aggregate.version - len(aggregate.pending_events)
            )
            for _, aggregate in self._owned.values()
        ]
        looked_at = [version for version, _ in self._read.values()]
        return [found for found in loaded + looked_at if found.version > 0]

    def saw_unstored_changes(self) -> bool:
        """Whether something it only looked at was taken and changed by another command since."""
        return any(
            aggregate.version != version.version and aggregate.id not in self._owned
            for version, aggregate in self._read.values()
        )

    async def was_newest(self) -> bool:
        """Whether what stores nothing was decided on what the log holds now; only then it counts.

        Gives all aggregates back, or up.
        """
        try:
            newest = not self.saw_unstored_changes() and await self._log.is_newest(
                self.found_versions()
            )
        except BaseException:
            self.discard()
            raise
        if newest:
            self.release()
        else:
            self.discard()
        return newest

    def keep(self) -> None:
        """Give all aggregates back: what they hold is what the log holds."""
        for tenant, aggregate in self._owned.values():
            aggregate.pending_events.clear()
            self._log.put([aggregate], tenant)
        self._let_go()

    def release(self) -> None:
        """Give back what is unchanged; give up what is changed and was not stored."""
        for tenant, aggregate in self._owned.values():
            if aggregate.pending_events:
                self._log.drop([aggregate])
            else:
                self._log.put([aggregate], tenant)
        self._let_go()

    def discard(self) -> None:
        """Give up everything: some of it is older than the log."""
        self._log.drop([aggregate for _, aggregate in self._owned.values()])
        self._log.evict([aggregate for _, aggregate in self._read.values()])
        self._let_go()

    def _let_go(self) -> None:
        """Once only: a moment later another command may own the very same objects."""
        self._owned.clear()
        self._read.clear()


def spoken(kind: type[Aggregate]) -> str:
    """What people call it, such as ``shift pattern``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.__name__).lower()


def _of(kind: type[A], aggregate: Aggregate) -> A:
    if not isinstance(aggregate, kind):
        raise NotFound(spoken(kind), aggregate.id)
    return aggregate
