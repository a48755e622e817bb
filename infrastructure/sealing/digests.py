"""Rows as digests, and digests as one running hash. Pure."""

import hashlib
from collections.abc import Iterable, Sequence

SIZE = 32
"""Bytes of a digest (SHA-256)."""

MISSING = b"\x00" * SIZE
"""Stands where a position has no row."""
SEVERAL = b"\xff" * SIZE
"""Stands where a position has more than one row."""

GENESIS = "0" * 64
"""The running hash before the first row."""


def folded(running: str, digests: Iterable[bytes]) -> str:
    """The running hash after these rows; it does not depend on where checkpoints were made."""
    value = bytes.fromhex(running)
    for digest in digests:
        value = hashlib.sha256(value + digest).digest()
    return value.hex()


def packed(digests: Sequence[bytes]) -> bytes:
    return b"".join(digests)


def unpacked(blob: bytes) -> list[bytes]:
    return [blob[start : start + SIZE] for start in range(0, len(blob), SIZE)]


def first_difference(found: Sequence[bytes], known: Sequence[bytes]) -> int | None:
    """The index of the first digest that is not the same in both."""
    for index, (one, other) in enumerate(zip(found, known, strict=False)):
        if one != other:
            return index
    return min(len(found), len(known)) if len(found) != len(known) else None
