"""How well the parts are that a process stands on, each named."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from time import perf_counter

import psycopg
from nats.errors import Error as NatsError

from infrastructure.backlog import followed, lag_of
from infrastructure.looking import PATIENCE, Connection, Looking, Shared
from infrastructure.nats.health import Health
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


@dataclass(frozen=True)
class Finding:
    ok: bool
    events: int | None = None
    """Events behind."""
    seconds: float | None = None
    """How late the oldest of them is, or how long the check took."""
    error: str | None = None


@dataclass(frozen=True)
class Check(Finding):
    critical: bool = True


@dataclass(frozen=True)
class Report:
    """What /readyz answers, in every process."""

    ready: bool
    checks: Mapping[str, Check]


class Readiness:
    """Checks what the given roles need; lags are those of the whole system, whoever leads.

    All who ask within a second share one finding: the question is public. `critical` are the
    checks without which the process is not ready; by default each is.
    """

    def __init__(
        self,
        settings: Settings,
        roles: Collection[str],
        looking: Looking | None = None,
        critical: Collection[str] | None = None,
    ) -> None:
        self._looking = looking or Looking(settings.required("database_url"))
        self._critical = critical
        wanted = needs_nats(roles) and settings.nats_url is not None
        self._nats = (
            Health(settings.required("nats_url"), settings.stream_replicas) if wanted else None
        )
        self._lags = {f"{role}_lag": names for role, names in followed().items() if role in roles}
        self._found = Shared(self._find)

    async def findings(self) -> dict[str, Finding]:
        return await self._found()

    async def report(self) -> Report:
        checks = {
            name: Check(critical=self._critical is None or name in self._critical, **asdict(found))
            for name, found in (await self.findings()).items()
        }
        return Report(all(check.ok for check in checks.values() if check.critical), checks)

    async def _find(self) -> dict[str, Finding]:
        if self._nats is None:
            return await self._database()
        database, nats = await asyncio.gather(self._database(), _stores(self._nats))
        return {**database, "nats": nats}

    async def _database(self) -> dict[str, Finding]:
        try:
            return await self._looking(self._look)
        except (psycopg.Error, OSError) as error:
            unknown = {name: Finding(ok=False, error="unknown") for name in self._told_by_it}
            return {"database": _failed(error), **unknown}

    async def _look(self, connection: Connection) -> dict[str, Finding]:
        started = perf_counter()
        await connection.execute("SELECT 1")
        database = Finding(ok=True, seconds=round(perf_counter() - started, 4))
        try:
            lock = await _log_lock(connection)
            lags = {name: await _lag(connection, names) for name, names in self._lags.items()}
        except psycopg.ProgrammingError as error:
            # It is there, but not with what we ask for: not migrated, or not allowed.
            return {"database": database, **dict.fromkeys(self._told_by_it, _failed(error))}
        return {"database": database, "log_lock": lock, **lags}

    @property
    def _told_by_it(self) -> list[str]:
        return ["log_lock", *self._lags]


async def _log_lock(connection: Connection) -> Finding:
    row = await (await connection.execute(_LOCK_HELD_FOR)).fetchone()
    held = float(row[0]) if row else 0.0
    return Finding(ok=held <= LOCK_LIMIT, seconds=round(held, 3))


async def _lag(connection: Connection, checkpoints: list[str]) -> Finding:
    lag = await lag_of(connection, checkpoints)
    return Finding(ok=lag.seconds <= LIMIT, events=lag.events, seconds=lag.seconds)


async def _stores(nats: Health) -> Finding:
    started = perf_counter()
    try:
        async with asyncio.timeout(PATIENCE):
            await nats.round_trip()
    except (NatsError, OSError) as error:
        return _failed(error)
    return Finding(ok=True, seconds=round(perf_counter() - started, 4))


def _failed(error: Exception) -> Finding:
    """By its kind only: its words may name hosts and users."""
    return Finding(ok=False, error=type(error).__name__)


def needs_nats(roles: Collection[str]) -> bool:
    return bool({"relay", "audit", "notifier"} & set(roles))
