"""The Ed25519 keys that sign checkpoints, and the public halves that auditors keep."""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from infrastructure.key_files import read_or_make
from infrastructure.sealing.checkpoint import Trusted
from infrastructure.settings import Settings, WrongSettingsError


@dataclass(frozen=True)
class CheckpointKey:
    private: Ed25519PrivateKey

    @property
    def public(self) -> Ed25519PublicKey:
        return self.private.public_key()

    @property
    def id(self) -> str:
        return _id_of(self.public)

    def as_jwks(self) -> dict[str, Any]:
        """The public half as a JSON Web Key Set (RFC 8037)."""
        x = urlsafe_b64encode(self.public.public_bytes_raw()).decode().rstrip("=")
        key = {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": self.id, "use": "sig", "alg": "EdDSA"}
        return {"keys": [key]}


def checkpoint_key(settings: Settings) -> CheckpointKey:
    """The key of the settings, or the data folder's, made there when there is none yet.

    Raises WrongSettingsError when it can't be read.
    """
    if settings.checkpoint_private_key is not None:
        pem = settings.checkpoint_private_key.get_secret_value().encode()
        return _read(pem, "OPSTREAM_CHECKPOINT_PRIVATE_KEY")
    path = _path(settings)
    return _read(read_or_make(path, Ed25519PrivateKey.generate), str(path))


def known_key(settings: Settings) -> CheckpointKey | None:
    """The same, but never made: None when there is none. Raises WrongSettingsError."""
    if settings.checkpoint_private_key is None and not _path(settings).exists():
        return None
    return checkpoint_key(settings)


def trusted_keys(settings: Settings, kept: Sequence[Path] = ()) -> Trusted:
    """The public keys in the files that were kept, or, without any, the one that is used here.

    Raises WrongSettingsError.
    """
    if kept:
        return {_id_of(key): key for path in kept for key in _public_keys(path)}
    own = known_key(settings)
    return {own.id: own.public} if own else {}


def _path(settings: Settings) -> Path:
    return settings.data_dir / "keys" / "checkpoints.pem"


def _read(pem: bytes, where: str) -> CheckpointKey:
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise WrongSettingsError(f"{where} does not hold an Ed25519 private key in PEM.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise WrongSettingsError(f"{where} holds a key that is not Ed25519.")
    return CheckpointKey(key)


def _public_keys(path: Path) -> Iterable[Ed25519PublicKey]:
    try:
        keys = [_public_key(each) for each in orjson.loads(path.read_bytes())["keys"]]
    except OSError as error:
        raise WrongSettingsError(f"{path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise WrongSettingsError(
            f"{path} holds no keys as `opstream checkpoints --public-key` prints them."
        ) from error
    return keys


def _public_key(jwk: dict[str, Any]) -> Ed25519PublicKey:
    """Raises ValueError, KeyError or TypeError."""
    if (jwk["kty"], jwk["crv"]) != ("OKP", "Ed25519"):
        raise ValueError(jwk["kty"])
    x = jwk["x"]
    return Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(x + "=" * (-len(x) % 4)))


def _id_of(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]
