"""An open loop: requests are due at a fixed rate, whether or not the system keeps up with it."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence

from tests.bench.client import Client, Clock
from tests.bench.requests import Requests

_PATIENCE_STEP = 0.01


class Pace:
    """What is due and nobody has sent yet, and who is free to send it."""

    def __init__(self) -> None:
        self.waiting: deque[float] = deque()
        self.idle: deque[PacedClient] = deque()
        """In turn: a server closes a connection that it hears nothing on."""

    def due(self, since: float) -> None:
        self.waiting.append(since)
        if self.idle:
            self.idle.popleft().send_waiting()

    def free(self, client: "PacedClient") -> None:
        self.idle.append(client)
        if self.waiting:
            self.idle.popleft().send_waiting()


class PacedClient(Client):
    """Sends what is due next; the latency counts from when it was due, not from when it went."""

    def __init__(self, clock: Clock, requests: Requests, first: int, pace: Pace) -> None:
        super().__init__(clock, requests, first)
        self.pace = pace

    def send_waiting(self) -> None:
        self._send(self.pace.waiting.popleft())

    def _answered(self, status: int) -> None:
        self.clock.record(status, self.sent_at, time.perf_counter())
        self.pace.free(self)

    def stop(self) -> None:
        self._finish()


async def keep_pace(clock: Clock, clients: Sequence[PacedClient], pace: Pace, rate: float) -> None:
    """Until the clock's window ends; then waits for the answers that are still to come."""
    clock.start()
    started, number = time.perf_counter(), 0
    while (due := started + number / rate) < clock.stop_at:
        early = due - time.perf_counter()
        if early > 0:
            await asyncio.sleep(early)
            continue
        pace.due(due)
        number += 1
    while pace.waiting or any(_is_busy(client) for client in clients):  # noqa: ASYNC110
        await asyncio.sleep(_PATIENCE_STEP)
    for client in clients:
        client.stop()


def _is_busy(client: PacedClient) -> bool:
    return client not in client.pace.idle and not client.finished.done()
