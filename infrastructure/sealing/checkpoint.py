"""A signed checkpoint: what log and audit trail were, up to a position of each. Pure."""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Self

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from infrastructure.sealing.digests import GENESIS

_PURPOSE = b"opstream checkpoint v1\n"
"""Part of what is signed, so that no other signature of the key can pass for one of these."""

Trusted = Mapping[str, Ed25519PublicKey]
"""Public keys by their id."""


class NotACheckpointError(ValueError):
    """A line is not what a checkpoint is written as."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    number: int
    """1, 2, 3, …"""
    position: int
    """Of the newest event that it covers."""
    log_hash: str
    trail_position: int
    """Of the newest row of the audit trail that it covers; the trail follows the log."""
    trail_hash: str
    made_at: str
    """ISO 8601, UTC."""
    key_id: str
    previous: str
    """The hash of the checkpoint before."""
    signature: str = ""

    @classmethod
    def read(cls, line: str | bytes) -> Self:
        """Raises NotACheckpointError."""
        try:
            raw = orjson.loads(line)
            checkpoint = cls(**raw)
            datetime.fromisoformat(checkpoint.made_at)
        except (ValueError, TypeError) as error:
            raise NotACheckpointError("not a checkpoint") from error
        for field in fields(cls):
            if type(getattr(checkpoint, field.name)) is not field.type:
                raise NotACheckpointError(f"{field.name} is not as it should be")
        return checkpoint

    @property
    def line(self) -> str:
        """As it stands in table, file and kept copies; the same bytes everywhere."""
        return orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS).decode()

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.line.encode()).hexdigest()

    def signed(self, key: Ed25519PrivateKey) -> Self:
        return replace(self, signature=urlsafe_b64encode(key.sign(self._content())).decode())

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        try:
            key.verify(urlsafe_b64decode(self.signature), self._content())
        except (InvalidSignature, ValueError):
            return False
        return True

    def _content(self) -> bytes:
        return _PURPOSE + replace(self, signature="").line.encode()


NOTHING = Checkpoint(0, 0, GENESIS, 0, GENESIS, "1970-01-01T00:00:00+00:00", "", "")
"""What the first checkpoint follows."""


def previous_of(checkpoint: Checkpoint) -> str:
    """What the next one says of the one before."""
    return checkpoint.hash if checkpoint.number else GENESIS


def distrust(checkpoint: Checkpoint, trusted: Trusted) -> str | None:
    """Why its signature proves nothing, or None."""
    key = trusted.get(checkpoint.key_id)
    if key is None:
        return f"is signed by a key that is not known here ({checkpoint.key_id})"
    return None if checkpoint.is_signed_by(key) else "has a wrong signature"
