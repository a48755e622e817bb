"""Running one job: its newest slot, once, and again after a pause while it fails."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from domain.shared.errors import Unavailable
from infrastructure import metrics
from infrastructure.bootstrap import Desk
from infrastructure.jobs import runs
from infrastructure.jobs.timetable import Rhythm
from infrastructure.logging import told
from infrastructure.postgres.outages import outlast
from interfaces.workers.jobs.turn import Job, Slot

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 600.0
"""Seconds between two attempts at a slot; each pause is twice as long as the one before."""

log = structlog.get_logger()


@dataclass(frozen=True)
class JobRunner:
    desk: Desk
    name: str
    rhythm: Rhythm
    job: Job
    clock: Callable[[], datetime]

    async def catch_up(self) -> None:
        """Return when the newest slot is done; it may have become a newer one meanwhile."""
        pause = FIRST_PAUSE
        while not await self._is_done():
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)

    async def _is_done(self) -> bool:
        slot = self.rhythm.latest(self.clock())
        try:
            while (attempt := await self._begin(slot)) is not None:
                if not await self._attempt(slot, attempt):
                    return False
                slot = self.rhythm.latest(self.clock())
        except (psycopg.Error, PoolTimeout, OSError, Unavailable) as error:
            # The attempt counts as running until the next one begins.
            log.warning("job.not_recorded", job=self.name, error=told(error))
            return False
        return True

    async def _attempt(self, slot: datetime, attempt: int) -> bool:
        started = perf_counter()
        error: str | None = None
        done = 0
        try:
            done = await self.job(self.desk, Slot(self.name, slot, self.clock()))
        except Exception as raised:  # noqa: BLE001 - whatever it was, it is told and tried again
            error = told(raised)
        seconds = perf_counter() - started
        self._tell(slot, attempt, seconds, done, error)
        await self._end(slot, attempt, error)
        return error is None

    def _tell(
        self, slot: datetime, attempt: int, seconds: float, done: int, error: str | None
    ) -> None:
        metrics.JOB_RUNS.labels(self.name, "done" if error is None else "failed").inc()
        metrics.JOB_SECONDS.labels(self.name).observe(seconds)
        what = {"job": self.name, "slot": slot, "attempt": attempt, "ms": round(seconds * 1000, 2)}
        if error is None:
            log.info("job.done", **what, done=done)
        else:
            log.warning("job.failed", **what, error=error)

    async def _begin(self, slot: datetime) -> int | None:
        async with self.desk.pool.connection() as connection:
            return await runs.begin(connection, self.name, self.rhythm, slot, self.clock())

    async def _end(self, slot: datetime, attempt: int, error: str | None) -> None:
        async def write() -> None:
            async with self.desk.pool.connection() as connection:
                await runs.end(connection, self.name, slot, attempt, self.clock(), error)

        await outlast(write, "What became of a job")
