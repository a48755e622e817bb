"""Whether the parts that a process stands on answer, each named."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool

Pool = AsyncConnectionPool[psycopg.AsyncConnection[Any]]
Probe = Callable[[], Awaitable[str]]
"""Answers with a word about what it found; raises when it is not well."""

PATIENCE = 2.0
"""Seconds that a probe may take."""

LONGEST_LAG = 10_000
"""Events behind the log at which a reader of it is not ready any more."""

# The lock's key is split over two columns of pg_locks; the low half is enough to know it by.
_LOCK_HELD_FOR = """
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - activity.xact_start)), 0)
FROM pg_locks lock JOIN pg_stat_activity activity ON activity.pid = lock.pid
WHERE lock.locktype = 'advisory' AND lock.granted
AND lock.objid::bigint = hashtext('opstream.append')::bigint & 4294967295
"""
_LAG = 10_000
"""Events behind the log at which a reader of it is not ready any more."""

_LOCK_HELD_FOR = """
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - a.xact_start)), 0)
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objid::bigint = hashtext('opstream.append')::bigint & 4294967295
AND a.state <> 'idle'
"""
_LAG = """
SELECT (SELECT coalesce(max(notification_id), 0) FROM stored_events)
    - coalesce((SELECT min(position) FROM checkpoints WHERE name LIKE %s), 0)
"""


@dataclass(frozen=True)
class Check:
    ok: bool
    says: str


async def check_all(probes: Mapping[str, Probe]) -> dict[str, Check]:
    """Run all probes at once, each within `PATIENCE`."""
    checks = await asyncio.gather(*(_check(probe) for probe in probes.values()))
    return dict(zip(probes, checks, strict=True))


async def _check(probe: Probe) -> Check:
    try:
        async with asyncio.timeout(PATIENCE):
            return Check(ok=True, says=await probe())
    except TimeoutError:
        return Check(ok=False, says=f"no answer within {PATIENCE:g} s")
    except Exception as error:  # noqa: BLE001 - whatever it is, it is not well
        return Check(ok=False, says=type(error).__name__ + _reason(error))


def _reason(error: Exception) -> str:
    return f": {error}" if isinstance(error, NotWellError) else ""


class NotWellError(Exception):
    """A probe got an answer that it can't accept; the message may be shown to anybody."""


def database(pool: Pool) -> Probe:
    async def probe() -> str:
        async with pool.connection() as connection:
            await connection.execute("SELECT 1")
        return "answers"

    return probe


def log_lock(pool: Pool) -> Probe:
    """Whether somebody sits on the lock under which all processes append."""

    async def probe() -> str:
        async with pool.connection() as connection:
            cursor = await connection.execute(_LOCK_HELD_FOR)
            row = await cursor.fetchone()
        held = float(row[0]) if row else 0.0
        if held > PATIENCE:
            raise NotWellError(f"held for {held:.1f} s")
        return "free"

    return probe


def lag(pool: Pool, checkpoints: str) -> Probe:
    """How far the slowest of the named checkpoints (an SQL pattern) is behind the log."""

    async def probe() -> str:
        async with pool.connection() as connection:
            cursor = await connection.execute(_LAG, (checkpoints,))
            row = await cursor.fetchone()
        behind = int(row[0]) if row else 0
        if behind > LONGEST_LAG:
            raise NotWellError(f"{behind} events behind")
        return f"{behind} events behind"

    return probe
