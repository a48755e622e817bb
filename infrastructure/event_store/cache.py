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
"""Seconds to wait for an aggregate that another decision of this process has taken, as long as
nobody else gets it meanwhile. Two decisions that wait for each other's end there.
"""


class _Queue(deque[asyncio.Future[None]]):
    """Who waits for one aggregate. `served` counts those whose turn has come."""

    served = 0


class AggregateCache:
    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._known: OrderedDict[UUID, tuple[TenantId, Aggregate]] = OrderedDict()
        self._owners: dict[UUID, object] = {}
        self._queues: dict[UUID, _Queue] = {}

    def peek(self, aggregate_id: UUID) -> tuple[TenantId, Aggregate] | None:
        """What is known and not taken, to look at."""
        found = self._known.get(aggregate_id)
        if found is not None:
            self._known.move_to_end(aggregate_id)
        return found

    async def take(self, aggregate_id: UUID) -> tuple[TenantId, Aggregate] | None:
        """Become the owner. None when nothing is known; then `own` what the log says."""
        if aggregate_id in self._owners and not await self._turn(aggregate_id):
            return None
        found = self._known.pop(aggregate_id, None)
        self._owners[aggregate_id] = found[1] if found else None
        return found

    def own(self, aggregate: Aggregate) -> None:
        """Say which object the owner loaded from the log; who has only a copy owns nothing."""
        if self._owners.get(aggregate.id, aggregate) is None:
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
        self.evict(aggregate)
        self._end_ownership(aggregate.id, aggregate)

    def evict(self, aggregate: Aggregate) -> None:
        """Forget what was only looked at, whoever owns it."""
        known = self._known.get(aggregate.id)
        if known is not None and known[1] is aggregate:
            del self._known[aggregate.id]

    def release(self, aggregate_id: UUID) -> None:
        """End an ownership under which nothing was found."""
        self._end_ownership(aggregate_id, None)

    def __len__(self) -> int:
        return len(self._known)

    async def _turn(self, aggregate_id: UUID) -> bool:
        """Whether the ownership was handed over to us before the queue stood still for `TURN`."""
        turn = asyncio.get_running_loop().create_future()
        queue = self._queues.setdefault(aggregate_id, _Queue())
        queue.append(turn)
        served = -1
        try:
            while not turn.done() and served != queue.served:
                served = queue.served
                await asyncio.wait((turn,), timeout=TURN)
        except asyncio.CancelledError:
            if turn.done():
                self._hand_over(aggregate_id)
            raise
        finally:
            self._leave(aggregate_id, turn)
        return turn.done()

    def _leave(self, aggregate_id: UUID, turn: asyncio.Future[None]) -> None:
        queue = self._queues.get(aggregate_id, _Queue())
        if turn in queue:
            queue.remove(turn)
        if not queue:
            self._queues.pop(aggregate_id, None)

    def _end_ownership(self, aggregate_id: UUID, owned: object) -> None:
        if aggregate_id in self._owners and self._owners[aggregate_id] is owned:
            self._hand_over(aggregate_id)

    def _hand_over(self, aggregate_id: UUID) -> None:
        """To whoever waits longest; until that one goes on, nobody else can step in between."""
        queue = self._queues.get(aggregate_id, _Queue())
        for turn in queue:
            if not turn.done():
                queue.served += 1
                self._owners[aggregate_id] = turn
                turn.set_result(None)
                return
        self._owners.pop(aggregate_id, None)
