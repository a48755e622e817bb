"""What a clock starts. One worker's clock runs, the others' stand by."""

import asyncio
from datetime import UTC, datetime

import psycopg
import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from infrastructure.postgres.housekeeping import sweep
from infrastructure.postgres.locks import hold
from infrastructure.postgres.urls import bounded_conninfo

SWEEP_HOURS = 1
_GRACE = 6 * 3600
"""Seconds by which a job may be late; the default, one second, drops what a busy loop delays."""

log = structlog.get_logger()


class Housekeeping:
    def __init__(self, database_url: str, idempotency_days: int) -> None:
        self._conninfo = bounded_conninfo(database_url, application="opstream housekeeping")
        self._idempotency_days = idempotency_days

    async def run(self) -> None:
        """Until cancelled. Raises psycopg.Error when the connection, and so the lock, is lost."""
        async with await psycopg.AsyncConnection.connect(
            self._conninfo, autocommit=True
        ) as connection:
            await hold(connection, "housekeeping", poll=2.0)
            log.info("housekeeping.active")
            scheduler = self._scheduler()
            scheduler.start()
            try:
                while True:
                    await asyncio.sleep(2)
                    await connection.execute("SELECT 1")
            finally:
                scheduler.shutdown(wait=False)

    def _scheduler(self) -> AsyncIOScheduler:
        defaults = {"coalesce": True, "misfire_grace_time": _GRACE, "max_instances": 1}
        scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=defaults)
        scheduler.add_job(
            self._sweep, "interval", hours=SWEEP_HOURS, next_run_time=datetime.now(UTC)
        )
        return scheduler

    async def _sweep(self) -> None:
        try:
            async with await psycopg.AsyncConnection.connect(
                self._conninfo, autocommit=True
            ) as connection:
                await sweep(connection, self._idempotency_days)
        except psycopg.Error as error:
            # Nothing is lost: the next run deletes it.
            log.warning("housekeeping.failed", error=type(error).__name__)
