"""Faults of Postgres and of the lines to it."""

import os
import signal

from tests.faults.registry import scenario
from tests.faults.stage import Stage

_BACKENDS = """
SELECT pid FROM pg_stat_activity
WHERE application_name LIKE 'opstream%%' AND application_name LIKE %s ORDER BY pid
"""


@scenario()
async def postgres_killed(stage: Stage) -> None:
    """Postgres dies and is started again."""
    stage.bed.kill("postgres")
    await stage.some_are_answered()


@scenario()
async def postgres_killed_in_recovery(stage: Stage) -> None:
    """Postgres dies, and dies again three times while it recovers."""
    for _ in range(4):
        stage.bed.kill("postgres")
        await stage.ended("postgres")
        await stage.started("postgres")
        await stage.pause(stage.rng.uniform(0.02, 0.15))
    await stage.some_are_answered()


@scenario()
async def postgres_stopped(stage: Stage) -> None:
    """Postgres stops (SIGSTOP, all of it) for 6 s."""
    async with stage.stopped("postgres"):
        await stage.pause(6.0)
    await stage.some_are_answered()


@scenario()
async def backend_killed(stage: Stage) -> None:
    """One backend dies by SIGKILL, and Postgres throws everybody out and recovers; three times."""
    for _ in range(3):
        await _kill_one(stage, "%")
        await stage.some_are_answered()


@scenario()
async def listen_backend_killed(stage: Stage) -> None:
    """The backends that announce news are ended, five times: readers must look by themselves."""
    for _ in range(5):
        await stage.bed.query(
            f"SELECT pg_terminate_backend(pid) FROM ({_BACKENDS}) b",
            "%listens%",
        )
        await stage.some_are_answered()


@scenario()
async def line_cut(stage: Stage) -> None:
    """Every connection to Postgres breaks, six times in a row."""
    for _ in range(6):
        for line in (stage.bed.api_database, stage.bed.worker_database):
            line.cut()
        await stage.pause(stage.rng.uniform(0.05, 0.4))


@scenario()
async def line_slow(stage: Stage) -> None:
    """Everything between the API and Postgres takes 50 ms longer, for 4 s."""
    stage.bed.api_database.delay(0.05)
    await stage.pause(4.0)


@scenario()
async def line_half_open(stage: Stage) -> None:
    """The lines from the API and the workers to Postgres swallow what is said, for 6 s."""
    for line in (stage.bed.api_database, stage.bed.worker_database):
        line.half_open()
    await stage.pause(6.0)


async def _kill_one(stage: Stage, application: str) -> None:
    backends = [pid for (pid,) in await stage.bed.query(_BACKENDS, application)]
    os.kill(stage.rng.choice(backends), signal.SIGKILL)
