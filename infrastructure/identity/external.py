"""Tokens of an external issuer, such as Supabase: whom they speak of, if they are good."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from math import isfinite
from typing import Any, Protocol

import jwt

from domain.identity.external import is_subject
from domain.shared.errors import Unauthenticated
from infrastructure.identity.published_keys import PublishedKeys
from infrastructure.identity.tokens import LONGEST

LEEWAY = 30.0
"""Seconds by which the issuer's clock may be ahead of ours or behind it."""
_REQUIRED = ["exp", "iat", "iss", "aud", "sub"]
_CACHED = 10_000


class IssuersKeys(Protocol):
    """How the issuer signs: each of its keys has one algorithm, whatever a token says."""

    @property
    def generation(self) -> int:
        """Another one when a key came or went."""

    async def renew(self) -> None:
        """Make sure that the keys are not out of date."""

    async def find(self, header: dict[str, Any]) -> tuple[Any, str]:
        """The key that a token's header names, and its algorithm.

        Raises Unauthenticated when there is none, Unavailable when that is not known.
        """


class SharedSecret:
    """HS256 and nothing else."""

    generation = 0

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    async def renew(self) -> None:
        """It lasts as long as the process."""

    async def find(self, header: dict[str, Any]) -> tuple[Any, str]:  # noqa: ARG002
        return self._secret, "HS256"


class KeysByName:
    """What the issuer publishes."""

    def __init__(self, published: PublishedKeys) -> None:
        self._published = published

    @property
    def generation(self) -> int:
        return self._published.generation

    async def renew(self) -> None:
        await self._published.renew()

    async def find(self, header: dict[str, Any]) -> tuple[Any, str]:
        kid = header.get("kid")
        if not isinstance(kid, str):
            raise Unauthenticated("The token is not valid.")
        found = await self._published.named(kid)
        return found.key, found.algorithm


class ExternalTokens:
    """Verifies what says that it is the issuer's, with its keys alone."""

    def __init__(
        self,
        issuer: str,
        audience: str,
        keys: IssuersKeys,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.issuer = issuer
        self._audience = audience
        self._keys = keys
        self._clock = clock
        self._generation = keys.generation
        self._verified: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def issued(self, text: str) -> bool:
        """Whether a token says that it is the issuer's. That decides only who looks at it."""
        return text in self._verified or _issuer_in(text) == self.issuer

    async def subject(self, text: str) -> str:
        """Whom a token speaks of. Remembered until it expires or the issuer's keys change.

        Raises Unauthenticated, or Unavailable when the issuer's keys are not known.
        """
        await self._keys.renew()
        if (known := self._remembered(text)) is not None:
            return known
        key, algorithm = await self._keys.find(_header_of(text))
        claims = self._claims(text, key, algorithm)
        subject, expires = str(claims["sub"]), self._expiry(claims)
        self._verified[text] = (subject, expires)
        if len(self._verified) > _CACHED:
            self._verified.popitem(last=False)
        return subject

    def _remembered(self, text: str) -> str | None:
        if self._generation != self._keys.generation:
            self._verified.clear()
            self._generation = self._keys.generation
        if (known := self._verified.get(text)) is None:
            return None
        subject, expires = known
        if expires > self._clock().timestamp():
            return subject
        del self._verified[text]
        return None

    def _claims(self, text: str, key: Any, algorithm: str) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                text,
                key,
                algorithms=[algorithm],
                audience=self._audience,
                issuer=self.issuer,
                # Times are told by our own clock, as they are for tokens that are remembered.
                options={
                    "require": _REQUIRED,
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except (jwt.PyJWTError, KeyError, TypeError, ValueError):
            raise Unauthenticated("The token is not valid.") from None
        if not is_subject(claims["sub"]):
            raise Unauthenticated("The token is not valid.")
        return claims

    def _expiry(self, claims: dict[str, Any]) -> float:
        """Until when it is believed. Raises Unauthenticated when that is not now."""
        now, expires, issued = self._clock().timestamp(), _time(claims["exp"]), _time(claims["iat"])
        begins = _time(claims.get("nbf", issued))
        if expires + LEEWAY <= now:
            raise Unauthenticated("The token has expired.")
        if max(issued, begins) > now + LEEWAY or issued > expires:
            raise Unauthenticated("The token is not valid.")
        return expires + LEEWAY


def _time(value: object) -> float:
    """Seconds since 1970. Raises Unauthenticated, also for NaN: it is before and after nothing."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
            return float(value)
    except OverflowError:
        pass
    raise Unauthenticated("The token is not valid.")


def _header_of(text: str) -> dict[str, Any]:
    """Raises Unauthenticated."""
    try:
        return jwt.get_unverified_header(text)
    except jwt.PyJWTError:
        raise Unauthenticated("The token is not valid.") from None


def _issuer_in(text: str) -> object:
    """What a token says, whoever wrote it; None when it says nothing, or too much."""
    if len(text) > LONGEST:
        return None
    try:
        return jwt.decode(text, options={"verify_signature": False}).get("iss")
    except (jwt.PyJWTError, TypeError, ValueError):
        return None
