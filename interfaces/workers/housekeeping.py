"""What a clock starts. One worker's clock runs, the others' stand by."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import psycopg
import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from infrastructure.bootstrap import desk, now
from infrastructure.jobs.timetable import TIMETABLE, Rhythm
from infrastructure.postgres.connecting import connected
from infrastructure.postgres.locks import hold
from infrastructure.postgres.urls import bounded_conninfo
from infrastructure.settings import Settings
from interfaces.workers.jobs.catalogue import JOBS
from interfaces.workers.jobs.turn import Job
from interfaces.workers.runner import JobRunner
from interfaces.workers.supervision import cancelled

_GRACE = 6 * 3600
"""Seconds by which the clock may be late; by default, what a busy loop delays by one is dropped."""

log = structlog.get_logger()


class Housekeeping:
    """The leader of all jobs, while it holds the lock.

    A leader that has lost the lock and does not know yet harms nobody: its commands have the same
    keys as those of the next one.
    """

    def __init__(
        self,
        settings: Settings,
        jobs: Mapping[str, Job] = JOBS,
        clock: Callable[[], datetime] = now,
    ) -> None:
        # Others change what jobs look at, so nothing that was seen before is believed.
        self._settings = settings.model_copy(update={"cached_aggregates": 0})
        self._jobs = jobs
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled. Raises psycopg.Error when the connection, and so the lock, is lost.

        Jobs end with it, wherever they are; what they were at is finished by the next leader.
        """
        conninfo = bounded_conninfo(
            self._settings.required("database_url"), application="opstream housekeeping"
        )
        async with await connected(conninfo, autocommit=True) as connection:
            await hold(connection, "housekeeping", poll=2.0)
            log.info("housekeeping.active")
            await self._lead(connection)

    async def _lead(self, connection: psycopg.AsyncConnection[Any]) -> None:
        scheduler = AsyncIOScheduler(timezone=UTC)
        async with desk(self._settings) as at:
            runners = [
                JobRunner(at, name, TIMETABLE[name], job, self._clock)
                for name, job in self._jobs.items()
            ]
            parts = [_stay_connected(connection), *(_whenever(scheduler, one) for one in runners)]
            tasks = [asyncio.create_task(part) for part in parts]
            scheduler.start()
            try:
                # None of them ends by itself, so the first that does tells what is wrong.
                ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                ended.pop().result()
            finally:
                scheduler.shutdown(wait=False)
                await cancelled(tasks)


async def _whenever(scheduler: AsyncIOScheduler, runner: JobRunner) -> None:
    """Catch up now, and whenever the clock says so."""
    due = asyncio.Event()

    async def ring() -> None:
        # A plain function would be called in a thread.
        due.set()

    _ring_at_each_slot(scheduler, runner.rhythm, runner.clock(), ring)
    while True:
        await runner.catch_up()
        await due.wait()
        due.clear()


def _ring_at_each_slot(
    scheduler: AsyncIOScheduler, rhythm: Rhythm, moment: datetime, ring: Callable[[], object]
) -> None:
    trigger = IntervalTrigger(
        seconds=int(rhythm.every.total_seconds()), start_date=rhythm.next(moment), timezone=UTC
    )
    scheduler.add_job(ring, trigger, coalesce=True, misfire_grace_time=_GRACE)


async def _stay_connected(connection: psycopg.AsyncConnection[Any]) -> None:
    while True:
        await asyncio.sleep(2)
        await connection.execute("SELECT 1")
