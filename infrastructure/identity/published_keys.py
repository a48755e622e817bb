"""The keys that an external issuer publishes as a JWK set (RFC 7517), asked for when needed.

Keys that are known stay so while the issuer can't be reached.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPMessage, HTTPResponse
from math import ceil, inf
from time import monotonic
from typing import IO, Any
from urllib.request import HTTPRedirectHandler, Request, build_opener

import jwt
import orjson
import structlog
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from domain.shared.errors import Unauthenticated, Unavailable
from infrastructure.identity.keys import SHORTEST
from infrastructure.logging import told

LIFE = 300.0
"""Seconds after which keys are asked for again, so that one that was withdrawn ends."""
PAUSE = 10.0
"""Seconds between two requests at the least, whatever tokens name."""
PATIENCE = 3.0
"""Seconds that a request may take."""
LARGEST = 65_536
"""Bytes of a JWK set."""
_ALGORITHMS = {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}
"""One for each type of key; a shared secret has no place in what is published."""

log = structlog.get_logger()


@dataclass(frozen=True)
class PublishedKey:
    algorithm: str
    jwk: Mapping[str, Any]
    key: Any = field(compare=False, repr=False)


Known = Mapping[str, PublishedKey]
"""By `kid`."""


class PublishedKeys:
    def __init__(
        self,
        url: str,
        clock: Callable[[], float] = monotonic,
        fetch: Callable[[str], Known] | None = None,
    ) -> None:
        self.generation = 0
        """Grows when keys came or went."""
        self._url = url
        self._clock = clock
        self._fetch = fetch or fetched
        self._known: Known = {}
        self._asked_at = self._due_at = -inf
        self._failed = False
        self._asking: asyncio.Task[None] | None = None

    async def renew(self) -> None:
        """Ask again when it is time; nobody waits for an issuer that failed when keys are known."""
        if self._clock() < self._due_at:
            return
        self._begin()
        if not (self._known and self._failed):
            await self._wait()

    async def named(self, kid: str) -> PublishedKey:
        """Raises Unauthenticated when the issuer has no such key, Unavailable when it can't say."""
        if kid not in self._known:
            self._begin()
            await self._wait()
        if (found := self._known.get(kid)) is not None:
            return found
        if self._failed:
            seconds = self._asked_at + PAUSE - self._clock()
            raise Unavailable(
                "The keys of the token's issuer can't be read now.", max(1, ceil(seconds))
            )
        raise Unauthenticated("The token is not valid.")

    def _begin(self) -> None:
        """Unless that is under way, or was tried a moment ago."""
        if self._asking is None and self._clock() >= self._asked_at + PAUSE:
            self._asked_at = self._clock()
            self._asking = asyncio.create_task(self._ask(), name="keys of the external issuer")

    async def _wait(self) -> None:
        """Until the request under way has its answer, or had its time."""
        if self._asking is None:
            return
        left = self._asked_at + PATIENCE - self._clock()
        done, _ = await asyncio.wait({self._asking}, timeout=max(0.0, left))
        self._failed = self._failed or not done

    async def _ask(self) -> None:
        try:
            found = await asyncio.to_thread(self._fetch, self._url)
        except Exception as error:  # noqa: BLE001 - whatever it was, what is known stays so
            log.warning("external_keys.unreadable", error=told(error))
            self._failed, self._due_at = True, self._clock() + PAUSE
        else:
            self._failed, self._due_at = False, self._clock() + LIFE
            self.generation += found != self._known
            self._known = found
        finally:
            self._asking = None


class _NoRedirects(HTTPRedirectHandler):
    """The settings say where the keys are, and nobody else."""

    def redirect_request(
        self,
        req: Request,  # noqa: ARG002
        fp: IO[bytes],  # noqa: ARG002
        code: int,  # noqa: ARG002
        msg: str,  # noqa: ARG002
        headers: HTTPMessage,  # noqa: ARG002
        newurl: str,  # noqa: ARG002
    ) -> Request | None:
        return None


def fetched(url: str) -> Known:
    """The keys that can be used; of two with one name, the first. It blocks.

    Raises OSError or HTTPException when there is no answer, ValueError when it is no JWK set.
    """
    request = Request(url, headers={"Accept": "application/json"})  # noqa: S310 - a checked setting
    with build_opener(_NoRedirects()).open(request, timeout=PATIENCE) as answer:
        jwks = orjson.loads(_content_of(answer))
    if not isinstance(jwks, dict) or not isinstance(jwks.get("keys"), list):
        raise ValueError("it is not a JWK set")  # noqa: TRY004 - what it is made of is its value
    return {key.jwk["kid"]: key for jwk in reversed(jwks["keys"]) if (key := key_of(jwk))}


def _content_of(answer: HTTPResponse) -> bytes:
    """Raises ValueError when it is too large, TimeoutError when it drips."""
    content, deadline = bytearray(), monotonic() + PATIENCE
    while part := answer.read1(LARGEST):
        content += part
        if len(content) > LARGEST:
            raise ValueError(f"it is larger than {LARGEST} bytes")
        if monotonic() > deadline:
            raise TimeoutError("it takes too long")
    return bytes(content)


def key_of(jwk: object) -> PublishedKey | None:
    """The key, unless it has no name or can't verify by the one algorithm of its type."""
    if not isinstance(jwk, dict) or not isinstance(jwk.get("kid"), str):
        return None
    algorithm = _ALGORITHMS.get(str(jwk.get("kty")))
    is_meant = jwk.get("use", "sig") == "sig" and jwk.get("alg", algorithm) == algorithm
    if algorithm is None or not is_meant:
        return None
    try:
        key = jwt.PyJWK(jwk, algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    return PublishedKey(algorithm, jwk, key) if _is_strong(key) else None


def _is_strong(key: object) -> bool:
    """And public: a private half that is published is nobody's secret."""
    if isinstance(key, RSAPublicKey):
        return key.key_size >= SHORTEST
    if isinstance(key, EllipticCurvePublicKey):
        return isinstance(key.curve, SECP256R1)
    return isinstance(key, Ed25519PublicKey)
