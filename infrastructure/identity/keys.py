"""The RSA keys that sign access tokens."""

import hashlib
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from jwt.algorithms import RSAAlgorithm

from infrastructure.key_files import read_or_make
from infrastructure.settings import Settings, WrongSettingsError

SHORTEST = 2048
"""Bits of an RSA key (RFC 7518, 3.3)."""


@dataclass(frozen=True)
class SigningKey:
    kid: str
    private: RSAPrivateKey

    @property
    def public(self) -> RSAPublicKey:
        return self.private.public_key()

    def as_jwk(self) -> dict[str, Any]:
        """The public half, as ``/.well-known/jwks.json`` shows it."""
        jwk = RSAAlgorithm.to_jwk(self.public, as_dict=True)
        return {**jwk, "kid": self.kid, "use": "sig", "alg": "RS256"}


def signing_key(settings: Settings) -> SigningKey:
    """The key of the settings, or the data folder's, made there when there is none yet.

    Raises WrongSettingsError when it can't be read.
    """
    if settings.jwt_private_key is not None:
        return _read(
            settings.jwt_private_key.get_secret_value().encode(), "OPSTREAM_JWT_PRIVATE_KEY"
        )
    path = settings.data_dir / "keys" / "access-tokens.pem"
    return _read(read_or_make(path, _generate), str(path))


def _read(pem: bytes, where: str) -> SigningKey:
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise WrongSettingsError(f"{where} does not hold an RSA private key in PEM.") from error
    if not isinstance(key, RSAPrivateKey):
        raise WrongSettingsError(f"{where} holds a key that is not RSA.")
    if key.key_size < SHORTEST:
        raise WrongSettingsError(f"{where} holds an RSA key of less than {SHORTEST} bits.")
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return SigningKey(hashlib.sha256(public).hexdigest()[:16], key)


def _generate() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=SHORTEST)
