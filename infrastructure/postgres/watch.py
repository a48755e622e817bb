"""How far the read models have come, as an API process hears it: the wait for one's own writes, and
what has changed of that which the process remembers.
"""

import asyncio
import heapq
from collections import Counter
from time import monotonic, perf_counter
from types import TracebackType
from typing import Self

from infrastructure import metrics
from infrastructure.postgres.listening import Listener

SILENCE = 3.0
"""Seconds without a word from the projector, which speaks each second, after which it is down."""

FAR = 15_000
"""Events behind what is asked for, from which on nobody waits: a read model is being built. The
largest import is less, and takes the projector well under a second.
"""

_CHANNEL = "opstream_projected"

Edition = tuple[int, int]
"""Of what a process remembers of a read model; another one has to be read again."""


class ProjectionWatch:
    def __init__(self, database_url: str) -> None:
        self._listener = Listener(database_url, _CHANNEL, on_payload=self._heard)
        self._position = 0
        self._announced: int | None = None
        self._heard_at = monotonic()
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._count = 0
        self._changes: Counter[str] = Counter()

    @property
    def position(self) -> int:
        return self._position

    @property
    def is_down(self) -> bool:
        return not self._listener.connected or monotonic() - self._heard_at > SILENCE

    def is_far_from(self, position: int) -> bool:
        return self._announced is not None and position - self._announced > FAR

    def edition(self, model: str) -> Edition | None:
        """The edition of a read model that is `cached`; None when changes of it can't be heard."""
        if self.is_down:
            return None
        return self._listener.connections, self._changes[model]

    async def reached(self, position: int, patience: float) -> bool:
        """Whether the read models show the position within `patience` seconds.

        Answers at once, with no, when the projector is known to be down or far behind.
        """
        if position <= self._position:
            return True
        if self.is_down or self.is_far_from(position):
            metrics.READ_WAIT_GIVEN_UP.inc()
            return False
        started = perf_counter()
        loop = asyncio.get_running_loop()
        shown: asyncio.Future[None] = loop.create_future()
        self._count += 1
        heapq.heappush(self._waiting, (position, self._count, shown))
        bound = loop.call_later(patience, _let_go, shown)
        try:
            await shown
        finally:
            bound.cancel()
        metrics.READ_WAIT_SECONDS.observe(perf_counter() - started)
        if position > self._position:
            metrics.READ_WAIT_GIVEN_UP.inc()
        return position <= self._position

    def _heard(self, payload: str) -> None:
        self._heard_at = monotonic()
        front, *changed = payload.split(" ")
        self._announced = int(front)
        self._changes.update(changed)
        self._position = max(self._position, self._announced)
        while self._waiting and self._waiting[0][0] <= self._position:
            _, _, shown = heapq.heappop(self._waiting)
            _let_go(shown)

    async def __aenter__(self) -> Self:
        await self._listener.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._listener.__aexit__(kind, error, trace)


def _let_go(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)
