"""Keeping the parts of a worker running, each on its own."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from time import monotonic

import structlog

from infrastructure import metrics

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0
"""Seconds; a part that failed for a while must still be back within 5 s of its cause's end."""
STOP_WITHIN = 8.0
"""Seconds in which parts must have ended once they are told to."""
AGAIN = 1.0
"""Seconds after which one that has not is told again."""
STEADY = 10.0
"""Seconds of running after which a failure counts as the first again."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Part:
    """`run` does not end by itself; it is called again after it raised."""

    name: str
    run: Callable[[], Awaitable[None]]


async def supervise(part: Part) -> None:
    """Run a part until cancelled, again and again."""
    pause = FIRST_PAUSE
    while True:
        started = monotonic()
        try:
            await part.run()
            log.warning("worker.ended", part=part.name)
        except Exception as error:  # noqa: BLE001 - whatever it was, the others go on
            # Not the message: a database's may quote what was being stored.
            log.warning("worker.failed", part=part.name, error=type(error).__name__)
        if monotonic() - started > STEADY:
            pause = FIRST_PAUSE
        metrics.RESTARTS.labels(part.name).inc()
        await asyncio.sleep(pause)
        pause = min(LONGEST_PAUSE, pause * 2)


async def cancelled(
    tasks: Collection[asyncio.Task[None]], within: float = STOP_WITHIN
) -> list[asyncio.Task[None]]:
    """Cancel tasks until they end; those that have not within so many seconds.

    Once is not enough: up to Python 3.11 `asyncio.wait_for`, on which every query of psycopg's
    waits, forgets a cancellation that comes together with the answer.
    """
    pending: Collection[asyncio.Task[None]] = tasks
    deadline = monotonic() + within
    while pending and (left := deadline - monotonic()) > 0:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=min(AGAIN, left))
    return list(pending)
