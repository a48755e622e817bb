"""An external issuer: keys of every kind, tokens as Supabase makes them, and a server of its own
that publishes the keys and counts who asks.
"""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from tests.support.api import EXTERNAL

ISSUER, SECRET = EXTERNAL["external_issuer"], EXTERNAL["external_secret"]
AUDIENCE = "authenticated"

_KINDS = {
    "RS256": (
        lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
        jwt.algorithms.RSAAlgorithm,
    ),
    "ES256": (lambda: ec.generate_private_key(ec.SECP256R1()), jwt.algorithms.ECAlgorithm),
    "EdDSA": (ed25519.Ed25519PrivateKey.generate, jwt.algorithms.OKPAlgorithm),
}
ALGORITHMS = tuple(_KINDS)


@dataclass(frozen=True)
class Pair:
    """A private key, and the name and algorithm under which its public half is published."""

    kid: str
    algorithm: str
    private: Any

    @classmethod
    def of(cls, algorithm: str, kid: str = "one") -> "Pair":
        return cls(kid, algorithm, _KINDS[algorithm][0]())

    @property
    def jwk(self) -> dict[str, Any]:
        public = _KINDS[self.algorithm][1].to_jwk(self.private.public_key(), as_dict=True)
        return {**public, "kid": self.kid, "alg": self.algorithm, "use": "sig"}

    def sign(self, subject: str, headers: dict[str, Any] | None = None, **changes: Any) -> str:
        named = {"kid": self.kid, **(headers or {})}
        return jwt.encode(
            claims_of(subject, **changes), self.private, self.algorithm, headers=named
        )


def shared(
    subject: str, secret: str | bytes = SECRET, algorithm: str = "HS256", **changes: Any
) -> str:
    """Signed with the secret that Supabase and opstream share."""
    return jwt.encode(claims_of(subject, **changes), secret, algorithm)


def claims_of(subject: str, **changes: Any) -> dict[str, Any]:
    """As Supabase writes them, but for what is changed; None leaves a claim out."""
    now = changes.pop("now", None) or datetime.now(UTC)
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject,
        "iat": now,
        "exp": now + timedelta(hours=1),
        "email": "ana@example.test",
        "role": "authenticated",
        "app_metadata": {"provider": "email", "roles": ["admin"]},
        "session_id": "5c1e0f5e-1f6b-4e1c-9d5c-0d2f6f1c1a11",
        "is_anonymous": False,
    }
    return {name: claim for name, claim in {**claims, **changes}.items() if claim is not None}


@dataclass
class Published:
    """What the server answers, and how often it was asked."""

    url: str = ""
    status: int = 200
    content: bytes = b'{"keys": []}'
    location: str | None = None
    delay: float = 0
    """Seconds before it answers."""
    drip: float = 0
    """Seconds between two bytes."""
    asked: int = 0
    is_up: bool = True
    lock: threading.Lock = field(default_factory=threading.Lock)

    def publish(self, *keys: Pair | dict[str, Any]) -> None:
        jwks = [key.jwk if isinstance(key, Pair) else key for key in keys]
        self.content = json.dumps({"keys": jwks}).encode()


@contextmanager
def publishing(*keys: Pair | dict[str, Any]) -> Iterator[Published]:
    published = Published()
    published.publish(*keys)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _answering(published))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    published.url = f"http://127.0.0.1:{server.server_port}/auth/v1/.well-known/jwks.json"
    try:
        yield published
    finally:
        published.delay = published.drip = 0
        server.shutdown()
        server.server_close()
        thread.join()


def _answering(published: Published) -> type[BaseHTTPRequestHandler]:
    """A handler that knows what to answer."""
    return type("Handler", (_Handler,), {"published": published})


class _Handler(BaseHTTPRequestHandler):
    published: Published

    def do_GET(self) -> None:
        published = self.published
        with published.lock:
            published.asked += 1
        if not published.is_up:
            # As from a server that is gone: no answer at all.
            return
        self._wait(published.delay)
        self.send_response(published.status)
        if published.location:
            self.send_header("Location", published.location)
        self.send_header("Content-Length", str(len(published.content)))
        self.end_headers()
        # Whoever asked may have lost patience.
        with contextlib.suppress(OSError):
            self._write(published.content)

    def _write(self, content: bytes) -> None:
        if not self.published.drip:
            self.wfile.write(content)
            return
        for number in range(len(content)):
            self.wfile.write(content[number : number + 1])
            self._wait(self.published.drip)

    def _wait(self, seconds: float) -> None:
        """Not when the test is over."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and (self.published.delay or self.published.drip):
            time.sleep(0.01)

    def log_message(self, *_: object) -> None:
        """Tests are silent."""
