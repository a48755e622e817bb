"""The aggregates that this process knows, each owned by at most one decision at a time.

Taking an aggregate out makes it exclusively the taker's: no lock around it, no copy of it. Who
wants one that is taken waits a little for its turn, since the owner is about to bring the newest
state; past that it works on a copy of its own from the log, and the version check decides.
"""

import asyncio
from collections import OrderedDict, deque
from typing import TypeVar
from uuid import UUID

from domain.shared.aggregate import Aggregate
from domain.shared.ids import TenantId

A = TypeVar("A", bound=Aggregate)

TURN = 0.25
"""Seconds to wait for an aggregate that another decision of this process has taken."""


class AggregateCache:
    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._known: OrderedDict[UUID, tuple[TenantId, Aggregate]] = OrderedDict()
        self._owners: dict[UUID, object] = {}
        self._queues: dict[UUID, deque[asyncio.Future[None]]] = {}

    def peek(self, aggregate_id: UUID) -> tuple[TenantId, Aggregate] | None:
        """What is known and not taken, to look at."""
        found = self._known.get(aggregate_id)
        if found is not None:
            self._known.move_to_end(aggregate_id)
        return found

    async def take(self, aggregate_id: UUID) -> tuple[TenantId, Aggregate] | None:
        """Become the owner. None when nothing is known; then `own` what the log says."""
        if aggregate_id in self._owners:
            await self._wait_for_turn(aggregate_id)
        found = self._known.pop(aggregate_id, None)
        self._owners[aggregate_id] = found[1] if found else None
        return found

    def own(self, aggregate: Aggregate) -> None:
        """Say which object the owner loaded from the log."""
        self._owners[aggregate.id] = aggregate

    def give_back(self, aggregate: Aggregate, tenant_id: TenantId) -> None:
        """Remember a state that the log holds, unless a newer one is known."""
        known = self._known.get(aggregate.id)
        if known is None or known[1].version <= aggregate.version:
            self._known[aggregate.id] = (tenant_id, aggregate)
            self._known.move_to_end(aggregate.id)
        if len(self._known) > self._capacity:
            self._known.popitem(last=False)
        self._end_ownership(aggregate.id, aggregate)

    def forget(self, aggregate: Aggregate) -> None:
        known = self._known.get(aggregate.id)
        if known is not None and known[1] is aggregate:
            del self._known[aggregate.id]
        self._end_ownership(aggregate.id, aggregate)

    def release(self, aggregate_id: UUID) -> None:
        """End an ownership under which nothing was found."""
        self._end_ownership(aggregate_id, None)

    def __len__(self) -> int:
        return len(self._known)

    async def _wait_for_turn(self, aggregate_id: UUID) -> None:
        turn = asyncio.get_running_loop().create_future()
        queue = self._queues.setdefault(aggregate_id, deque())
        queue.append(turn)
        try:
            async with asyncio.timeout(TURN):
                await turn
        except TimeoutError:
            pass
        finally:
            if turn in queue:
                queue.remove(turn)
            if not queue:
                self._queues.pop(aggregate_id, None)

    def _end_ownership(self, aggregate_id: UUID, owned: object) -> None:
        if aggregate_id in self._owners and self._owners[aggregate_id] is owned:
            del self._owners[aggregate_id]
            self._call_next(aggregate_id)

    def _call_next(self, aggregate_id: UUID) -> None:
        for turn in self._queues.get(aggregate_id, ()):
            if not turn.done():
                turn.set_result(None)
                return
