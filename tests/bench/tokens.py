"""A key pair for the peers and an access token of opstream's kind (RS256, 2048 bit)."""

import time
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

ISSUER = "opstream-bench"
AUDIENCE = "opstream"
PUBLIC_KEY_VARIABLE = "BENCH_JWT_PUBLIC_KEY"
LIFETIME_SECONDS = 4 * 3600


@dataclass
class Tokens:
    tenant_id: UUID = field(default_factory=uuid4)

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def public_pem(self) -> str:
        return (
            self._key.public_key()
            .public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            .decode()
        )

    def issue(self, subject: UUID | None = None) -> str:
        """Somebody's, or anybody's."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(subject or uuid4()),
            "tenant": str(self.tenant_id),
            "permissions": ["shifts:read", "shifts:write"],
            "iat": now,
            "exp": now + LIFETIME_SECONDS,
            "jti": str(uuid4()),
        }
        return jwt.encode(claims, self._key, algorithm="RS256")
