"""One keep-alive HTTP/1.1 client as a bare protocol: the least work that Python allows."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar, cast
from urllib.parse import urlsplit

C = TypeVar("C", bound=asyncio.Protocol)

END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"content-length:"
LOST_CONNECTION = 0
BEHIND = 1
"""An answer whose reads don't show it yet did less than was promised; it counts as an error."""
_BEHIND = b"opstream-reads: behind"


class Clock:
    """The measured window of a run, shared by its clients: warm-up, then seconds or requests.

    An answer belongs to it by when it arrives or, in an open loop, by when its request was due:
    there the late ones are the point.
    """

    def __init__(
        self, warmup: float, seconds: float, max_requests: int, *, by_due: bool = False
    ) -> None:
        self.by_due = by_due
        self.warmup = warmup
        self.seconds = seconds
        self.max_requests = max_requests
        self.sent = 0
        self.latencies: list[float] = []
        self.statuses: dict[int, int] = {}
        self.measure_from = self.stop_at = self.last = 0.0
        self.began_at = 0.0

    def start(self) -> None:
        self.measure_from = time.perf_counter() + self.warmup
        self.began_at = time.time() + self.warmup
        self.stop_at = self.measure_from + self.seconds

    @property
    def measured_seconds(self) -> float:
        """The whole window, or until the last answer where the requests were used up before."""
        if self.by_due or self.sent < self.max_requests:
            return self.seconds
        return max(self.last - self.measure_from, 1e-9)

    def is_over(self, now: float) -> bool:
        return now >= self.stop_at or self.sent >= self.max_requests

    def record(self, status: int, sent_at: float, now: float) -> None:
        """Only answers that belong to the window count, not those of the warm-up."""
        moment = sent_at if self.by_due else now
        if status == LOST_CONNECTION:
            self.statuses[status] = self.statuses.get(status, 0) + 1
        elif self.measure_from <= moment < self.stop_at:
            self.latencies.append(now - sent_at)
            self.statuses[status] = self.statuses.get(status, 0) + 1
            self.last = now


class Client(asyncio.Protocol):
    """Sends the next request when the answer to the last is complete, until the clock says stop."""

    def __init__(self, clock: Clock, request: Callable[[int], bytes], first: int = 0) -> None:
        self.clock = clock
        self.request = request
        self.first = first
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.buffer = b""
        self.sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def send_next(self) -> None:
        self._send(time.perf_counter())

    def _send(self, since: float) -> None:
        """`since` is when it was to be sent; its latency counts from then."""
        request = self.request(self.first + self.clock.sent)
        self.clock.sent += 1
        self.sent_at = since
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.buffer = self.buffer + data if self.buffer else data
        end = self.buffer.find(END_OF_HEAD)
        if end < 0 or len(self.buffer) < end + 4 + content_length(self.buffer[:end]):
            return
        status = BEHIND if _BEHIND in self.buffer[:end] else int(self.buffer[9:12])
        self.buffer = b""
        self._answered(status)

    def _answered(self, status: int) -> None:
        now = time.perf_counter()
        self.clock.record(status, self.sent_at, now)
        if self.clock.is_over(now):
            self._finish()
        else:
            self.send_next()

    def _finish(self) -> None:
        if not self.finished.done():
            self.finished.set_result(None)
        self.transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        """A connection that goes while its request is open is an error, and that client stops."""
        if not self.finished.done():
            self.clock.record(LOST_CONNECTION, self.sent_at, time.perf_counter())
            self._finish()


async def connect(base_url: str, clients: int, make: Callable[[], C]) -> list[C]:
    loop, target = asyncio.get_running_loop(), urlsplit(base_url)
    host, port = target.hostname or "", target.port or 80
    made = [await loop.create_connection(make, host, port) for _ in range(clients)]
    return [client for _, client in made]


def content_length(head: bytes) -> int:
    """Only sized answers are understood; a chunked one is refused, not measured wrongly."""
    lowered = head.lower()
    at = lowered.find(LENGTH)
    if at < 0:
        raise ValueError(f"answer without content-length: {head!r}")
    return int(lowered[at + len(LENGTH) :].split(b"\r\n", 1)[0])
