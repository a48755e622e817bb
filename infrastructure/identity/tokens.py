"""Access tokens: RS256 JWTs that name the account, the active tenant and the roles there."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt

from application.access import Actor
from domain.shared.errors import Unauthenticated
from domain.shared.ids import AccountId, TenantId
from infrastructure.identity.keys import SigningKey

_REQUIRED = ["exp", "iat", "iss", "aud", "sub", "tid", "jti"]
_CACHED = 10_000
LONGEST = 4096
"""Characters of a token at the most."""


@dataclass(frozen=True)
class AccessToken:
    text: str
    expires_in: int
    """Seconds."""


class Tokens:
    """Signs with one key and verifies with it alone: one algorithm per key, and a token's `kid` is
    only ever a dictionary key.
    """

    def __init__(
        self,
        key: SigningKey,
        issuer: str,
        life: timedelta,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._key = key
        self._public = {key.kid: key.public}
        self._issuer = issuer
        self._life = life
        self._clock = clock
        self._verified: OrderedDict[str, tuple[Actor, float]] = OrderedDict()

    def issue(self, actor: Actor) -> AccessToken:
        now = self._clock()
        claims = {
            "iss": self._issuer,
            "aud": self._issuer,
            "sub": str(actor.account_id),
            "tid": str(actor.tenant_id),
            "roles": list(actor.roles),
            "iat": now,
            "exp": now + self._life,
            "jti": str(uuid4()),
        }
        text = jwt.encode(
            claims,
            self._key.private,
            algorithm="RS256",
            headers={"kid": self._key.kid, "typ": "at+jwt"},
        )
        return AccessToken(text, int(self._life.total_seconds()))

    def remembered(self, text: str) -> Actor | None:
        """Who a token speaks for that was verified before and has not expired."""
        if (known := self._verified.get(text)) is not None:
            actor, expires = known
            if expires > self._clock().timestamp():
                return actor
            del self._verified[text]
        return None

    def verify(self, text: str) -> Actor:
        """Who a token speaks for. Raises Unauthenticated. Remembered until the token expires."""
        if (known := self.remembered(text)) is not None:
            return known
        claims = self._claims(text)
        actor = _actor_of(claims)
        self._verified[text] = (actor, float(claims["exp"]))
        if len(self._verified) > _CACHED:
            self._verified.popitem(last=False)
        return actor

    def jwks(self) -> dict[str, Any]:
        return {"keys": [self._key.as_jwk()]}

    def _claims(self, text: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(text) if len(text) <= LONGEST else {}
            public = self._public[header["kid"]]
            if header.get("typ") != "at+jwt":
                raise Unauthenticated("This is not an access token.")
            claims: dict[str, Any] = jwt.decode(
                text,
                public,
                algorithms=["RS256"],
                audience=self._issuer,
                issuer=self._issuer,
                # Expiry is told by our own clock, as it is for tokens that are remembered.
                options={"require": _REQUIRED, "verify_exp": False, "verify_iat": False},
            )
            expires = float(claims["exp"])
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError):
            raise Unauthenticated("The token is not valid.") from None
        if expires <= self._clock().timestamp():
            raise Unauthenticated("The token has expired.")
        return claims


def _actor_of(claims: dict[str, Any]) -> Actor:
    try:
        account_id = AccountId(UUID(claims["sub"]))
        tenant_id = TenantId(UUID(claims["tid"]))
        roles = tuple(str(role) for role in claims.get("roles", ()))
    except (ValueError, TypeError, AttributeError):
        raise Unauthenticated("The token is not valid.") from None
    return Actor.with_roles(account_id, tenant_id, roles)
