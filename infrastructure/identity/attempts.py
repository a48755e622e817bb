"""The limit on attempts to log in: per account and per address, over all API processes."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from time import time
from typing import Any, Protocol

import psycopg
from limits import RateLimitItem
from limits.aio.storage import Storage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from limits.storage import storage_from_string
from psycopg_pool import AsyncConnectionPool

from domain.shared.errors import TooManyRequests, Unavailable
from domain.shared.texts import normalized
from infrastructure.identity.reachable import reachable
from infrastructure.rates import rate_in
from infrastructure.settings import Settings, WrongSettingsError

# The row's lock makes attempts at one key take turns, and the clock is read under it. Who is
# refused leaves no moment: the window is free again a minute after the attempts that counted. It
# may hold more of them than the limit, which was higher when they were counted.
_HIT = """
INSERT INTO login_attempts AS known (key, moments, is_counted, expires_at)
SELECT %(key)s, ARRAY[now], true, now + %(window)s FROM clock_timestamp() AS now
ON CONFLICT (key) DO UPDATE SET (moments, is_counted, expires_at) = (
    SELECT CASE WHEN is_free THEN recent || now ELSE recent END, is_free, now + %(window)s
    FROM clock_timestamp() AS now,
    LATERAL (
        SELECT coalesce(array_agg(moment ORDER BY moment), '{}') AS recent,
            count(*) < %(limit)s AS is_free
        FROM unnest(known.moments) AS moment WHERE moment > now - %(window)s
    ) AS counted
)
RETURNING is_counted, greatest(%(limit)s - cardinality(moments), 0), extract(
    epoch FROM moments[greatest(cardinality(moments) - %(limit)s, 0) + 1] + %(window)s
        - clock_timestamp()
)::float8
"""

Pool = AsyncConnectionPool[psycopg.AsyncConnection[Any]]


@dataclass(frozen=True)
class Allowance:
    """What is left, as the RateLimit headers tell it; `reset` is in seconds."""

    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


class TooManyAttempts(TooManyRequests):
    """`allowance` goes into the answer's headers."""

    def __init__(self, allowance: Allowance) -> None:
        super().__init__("Too many attempts; wait before the next.", allowance.reset)
        self.allowance = allowance


class Window(Protocol):
    """The attempts of the last minute, or whatever the rate's time is, by key."""

    async def hit(self, key: str) -> tuple[bool, Allowance]:
        """Count one unless the window is full: whether it counted, and what is left.

        Raises Unavailable when it can't be counted.
        """


class InDatabase:
    """One count for all processes that share the database."""

    def __init__(self, pool: Pool, rate: RateLimitItem) -> None:
        self._pool = pool
        self._limit = rate.amount
        self._parameters = {
            "limit": rate.amount,
            "window": timedelta(seconds=rate.get_expiry()),
        }

    async def hit(self, key: str) -> tuple[bool, Allowance]:
        with reachable("count of attempts to log in"):
            async with self._pool.connection() as connection:
                cursor = await connection.execute(_HIT, {"key": key, **self._parameters})
                row = await cursor.fetchone()
        assert row is not None  # noqa: S101 - it inserts or updates
        is_counted, remaining, seconds = row
        return is_counted, Allowance(self._limit, remaining, max(1, ceil(seconds)))


class InStorage:
    """In a store of the `limits` library."""

    def __init__(self, storage: Storage, rate: RateLimitItem) -> None:
        self._limiter = MovingWindowRateLimiter(storage)
        self._rate = rate

    async def hit(self, key: str) -> tuple[bool, Allowance]:
        try:
            is_counted = await self._limiter.hit(self._rate, key)
            reset_at, remaining = await self._limiter.get_window_stats(self._rate, key)
        except StorageError as error:
            raise Unavailable("Attempts to log in can't be counted now.") from error
        reset = max(1, ceil(reset_at - time()))
        return is_counted, Allowance(self._rate.amount, max(0, remaining), reset)


class Attempts:
    def __init__(self, window: Window) -> None:
        self._window = window

    async def count(self, email: str, address: str) -> Allowance:
        """Count one attempt: against the address, and against the account unless the address is
        refused. Otherwise a single address could lock everybody out.

        Raises TooManyAttempts, or Unavailable when the attempts can't be counted.
        """
        left = []
        for key in (_key("address", address), _key("account", normalized(email))):
            is_counted, allowance = await self._window.hit(key)
            left.append(allowance)
            if not is_counted:
                raise TooManyAttempts(_tightest(left))
        return _tightest(left)


def attempts(settings: Settings, pool: Pool) -> Attempts:
    """Counted in the database, or where the settings say. Raises WrongSettingsError."""
    rate, storage = rate_of(settings), storage_of(settings)
    return Attempts(InDatabase(pool, rate) if storage is None else InStorage(storage, rate))


def rate_of(settings: Settings) -> RateLimitItem:
    """Raises WrongSettingsError."""
    return rate_in("OPSTREAM_LOGIN_RATE", settings.login_rate)


def storage_of(settings: Settings) -> Storage | None:
    """The one that the settings name, if any. Raises WrongSettingsError."""
    if settings.rate_limit_storage_url is None:
        return None
    url = settings.rate_limit_storage_url.get_secret_value()
    try:
        storage = storage_from_string(url, wrap_exceptions=True)
    except Exception as error:
        said = str(error).replace(url, "it") if url else str(error)  # it may hold a password
        raise WrongSettingsError(f"OPSTREAM_RATE_LIMIT_STORAGE_URL: {said}") from error
    if not isinstance(storage, Storage):
        raise WrongSettingsError("OPSTREAM_RATE_LIMIT_STORAGE_URL must start with async+")
    return storage


def _tightest(left: list[Allowance]) -> Allowance:
    return min(left, key=lambda allowance: (allowance.remaining, -allowance.reset))


def _key(kind: str, value: str) -> str:
    """The counter needs nobody's address in clear."""
    return hashlib.sha256(f"{kind} {value}".encode()).hexdigest()
