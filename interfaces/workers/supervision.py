"""Keeping the parts of a worker running, each on its own."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic

import structlog

from infrastructure import metrics

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0
"""Seconds; a part that failed for a while must still be back within 5 s of its cause's end."""
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
