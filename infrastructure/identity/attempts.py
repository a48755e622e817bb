"""The limit on attempts to log in: per account and per address."""

import hashlib
from dataclasses import dataclass
from time import time

from limits import RateLimitItem, parse
from limits.aio.storage import Storage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from limits.storage import storage_from_string

from domain.identity.account import normalized
from domain.shared.errors import TooManyRequests, Unavailable
from infrastructure.settings import Settings, WrongSettingsError


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


class Attempts:
    def __init__(self, storage: Storage, rate: RateLimitItem) -> None:
        self._limiter = MovingWindowRateLimiter(storage)
        self._rate = rate

    async def count(self, email: str, address: str) -> Allowance:
        """Count one attempt: against the address, and against the account unless the address is
        refused. Otherwise a single address could lock everybody out.

        Raises TooManyAttempts, or Unavailable when the counters can't be reached.
        """
        try:
            return await self._count(email, address)
        except StorageError as error:
            raise Unavailable("Attempts to log in can't be counted now.") from error

    async def _count(self, email: str, address: str) -> Allowance:
        left = []
        for key in (("address", address), ("account", _digest(normalized(email)))):
            allowed = await self._limiter.hit(self._rate, *key)
            left.append(await self._left(key))
            if not allowed:
                raise TooManyAttempts(_tightest(left))
        return _tightest(left)

    async def _left(self, key: tuple[str, str]) -> Allowance:
        reset_at, remaining = await self._limiter.get_window_stats(self._rate, *key)
        return Allowance(self._rate.amount, remaining, max(1, round(reset_at - time())))


def attempts(settings: Settings) -> Attempts:
    """Raises WrongSettingsError."""
    try:
        rate = parse(settings.login_rate)
    except ValueError as error:
        raise WrongSettingsError(f"OPSTREAM_LOGIN_RATE: {error}") from error
    try:
        storage = storage_from_string(settings.rate_limit_storage_url, wrap_exceptions=True)
    except Exception as error:
        raise WrongSettingsError(f"OPSTREAM_RATE_LIMIT_STORAGE_URL: {error}") from error
    if not isinstance(storage, Storage):
        raise WrongSettingsError("OPSTREAM_RATE_LIMIT_STORAGE_URL must start with async+")
    return Attempts(storage, rate)


def _tightest(left: list[Allowance]) -> Allowance:
    return min(left, key=lambda allowance: (allowance.remaining, -allowance.reset))


def _digest(email: str) -> str:
    """The counter needs no address in clear."""
    return hashlib.sha256(email.encode()).hexdigest()
