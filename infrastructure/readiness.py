"""How well the parts are that a process stands on, each named."""

import asyncio
from collections.abc import Awaitable, Collection, Mapping
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

import psycopg
from nats.errors import Error as NatsError

from infrastructure.nats.consumer import checkpoint_of
from infrastructure.nats.health import round_trip
from infrastructure.nats.relay import CHECKPOINT
from infrastructure.postgres.urls import bounded_conninfo
from infrastructure.registry import read_models
from infrastructure.settings import Settings

CRITICAL = frozenset({"database", "log_lock", "projector_lag"})
"""Without these an API can't answer well. Without NATS it can: the log keeps what waits."""

# The lock's key is split over two columns of pg_locks; the low half is enough to know it by.
_LOCK_HELD_FOR = """
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - activity.xact_start)), 0)::float8
FROM pg_locks lock JOIN pg_stat_activity activity ON activity.pid = lock.pid
WHERE lock.locktype = 'advisory' AND lock.granted
AND lock.objid::bigint = hashtext('opstream.append')::bigint & 4294967295
"""
LOCK_LIMIT = 2.0
"""Seconds for which nobody may sit on the lock under which all processes append."""

LIMIT = 10.0
"""Seconds by which the oldest event that is still to be handled may be late."""
PATIENCE = 3.0
"""Seconds that a check may take."""

# How many events are behind the checkpoints, and for how long the oldest has waited. A checkpoint
# that is missing stands at 0.
_LAG = """
WITH reached AS (
    SELECT coalesce(min(coalesce(c.position, 0)), 0) AS position
    FROM unnest(%s::text[]) AS wanted(name) LEFT JOIN checkpoints c USING (name)
)
SELECT (SELECT coalesce(max(notification_id), 0) FROM stored_events) - reached.position,
    coalesce(extract(epoch FROM clock_timestamp() - next.recorded_at), 0)::float8
FROM reached LEFT JOIN stored_events next ON next.notification_id = reached.position + 1
"""

Connection = psycopg.AsyncConnection[Any]


@dataclass(frozen=True)
class Finding:
    ok: bool
    events: int | None = None
    """Events behind."""
    seconds: float | None = None
    """How late the oldest of them is, or how long the check took."""
    error: str | None = None

    def as_data(self) -> dict[str, object]:
        return {name: value for name, value in asdict(self).items() if value is not None}


class Readiness:
    """Checks what the given roles need; lags are those of the whole system, whoever leads."""

    def __init__(self, settings: Settings, roles: Collection[str]) -> None:
        self._conninfo = bounded_conninfo(
            settings.required("database_url"), application="opstream ready"
        )
        wanted = _needs_nats(roles) and settings.nats_url is not None
        self._nats_url = settings.required("nats_url") if wanted else None
        self._lags = {f"{role}_lag": names for role, names in _followed().items() if role in roles}

    async def findings(self) -> dict[str, Finding]:
        database = await _bounded(self._database())
        lock = await _bounded(self._log_lock())
        found = {"database": database, "log_lock": lock, **await self._all_lags(database)}
        if self._nats_url is not None:
            found["nats"] = await _bounded(self._nats(self._nats_url))
        return found

    async def _database(self) -> Finding:
        started = perf_counter()
        async with await psycopg.AsyncConnection.connect(self._conninfo) as connection:
            await connection.execute("SELECT 1")
        return Finding(ok=True, seconds=round(perf_counter() - started, 4))

    async def _log_lock(self) -> Finding:
        async with await psycopg.AsyncConnection.connect(self._conninfo) as connection:
            row = await (await connection.execute(_LOCK_HELD_FOR)).fetchone()
        held = float(row[0]) if row else 0.0
        return Finding(ok=held <= LOCK_LIMIT, seconds=round(held, 3))

    async def _nats(self, nats_url: str) -> Finding:
        started = perf_counter()
        await round_trip(nats_url)
        return Finding(ok=True, seconds=round(perf_counter() - started, 4))

    async def _all_lags(self, database: Finding) -> dict[str, Finding]:
        if not database.ok:
            return {name: Finding(ok=False, error="unknown") for name in self._lags}
        try:
            async with await psycopg.AsyncConnection.connect(self._conninfo) as connection:
                return {name: await _lag(connection, cps) for name, cps in self._lags.items()}
        except psycopg.Error as error:
            return {name: _failed(error) for name in self._lags}


async def _lag(connection: Connection, checkpoints: list[str]) -> Finding:
    row = await (await connection.execute(_LAG, (checkpoints,))).fetchone()
    events, seconds = (int(row[0]), float(row[1])) if row else (0, 0.0)
    return Finding(ok=seconds <= LIMIT, events=max(0, events), seconds=round(max(0.0, seconds), 3))


async def _bounded(check: Awaitable[Finding]) -> Finding:
    try:
        async with asyncio.timeout(PATIENCE):
            return await check
    except (psycopg.Error, NatsError, OSError) as error:
        return _failed(error)


def _failed(error: Exception) -> Finding:
    """By its kind only: its words may name hosts and users."""
    return Finding(ok=False, error=type(error).__name__)


def _followed() -> Mapping[str, list[str]]:
    return {
        "projector": [model.checkpoint for model in read_models()],
        "relay": [CHECKPOINT],
        "audit": [checkpoint_of("audit")],
        "notifier": [checkpoint_of("notifier")],
    }


def _needs_nats(roles: Collection[str]) -> bool:
    return bool({"relay", "audit", "notifier"} & set(roles))
