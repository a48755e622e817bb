"""Rows of the audit trail and the hashes that seal them. Pure."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from projections.audit.states import State

GENESIS = "0" * 64
"""The hash before the first row."""

_NUMBER = "\x00number "
"""No stored string contains NUL, so no string can pass for a number."""
_LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class Entry:
    """One row, before it is sealed."""

    position: int
    tenant_id: UUID
    actor: UUID
    command: str
    action: str
    """The event's name without its context, such as ``PersonAssigned``."""
    topic: str
    entity: str
    """The kind of aggregate, such as ``Shift``."""
    entity_id: UUID
    entity_version: int
    before: State | None
    after: State | None
    request_id: str
    correlation_id: str
    causation_id: str | None
    occurred_at: datetime
    recorded_at: datetime


NAMES = tuple(field.name for field in fields(Entry))


@dataclass(frozen=True, slots=True)
class Sealed:
    entry: Entry
    previous_hash: str
    hash: str

    def row(self) -> dict[str, Any]:
        values = {name: getattr(self.entry, name) for name in NAMES}
        return values | {"previous_hash": self.previous_hash, "hash": self.hash}


def sealed(entries: Iterable[Entry], previous_hash: str) -> list[Sealed]:
    """The entries chained to each other and to what was before."""
    chain = []
    for entry in entries:
        chain.append(Sealed(entry, previous_hash, hash_of(entry, previous_hash)))
        previous_hash = chain[-1].hash
    return chain


def first_break(rows: Iterable[Sealed], previous_hash: str) -> int | None:
    """The position of the first row that is not what was sealed, or does not follow."""
    for row in rows:
        told = row.previous_hash == previous_hash
        if not told or not _has_its_hash(row):
            return row.entry.position
        previous_hash = row.hash
    return None


def _has_its_hash(row: Sealed) -> bool:
    try:
        return row.hash == hash_of(row.entry, row.previous_hash)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return False  # nothing that was ever sealed has values without a canonical form


def hash_of(entry: Entry, previous_hash: str) -> str:
    """SHA-256, in hex, over the hash before and the row as canonical JSON.

    It can be computed again from the row as Postgres gives it back: times are taken in UTC with
    microseconds, and a number counts by its value, because JSONB writes 1e3 as 1000.
    """
    digest = hashlib.sha256(previous_hash.encode())
    digest.update(orjson.dumps(_canonical(entry), option=orjson.OPT_SORT_KEYS))
    return digest.hexdigest()


def _canonical(entry: Entry) -> dict[str, Any]:
    row = {name: getattr(entry, name) for name in NAMES}
    row["before"] = canonical(entry.before)
    row["after"] = canonical(entry.after)
    for name in ("occurred_at", "recorded_at"):
        row[name] = row[name].astimezone(UTC).isoformat(timespec="microseconds")
    return row


def canonical(value: Any) -> Any:
    """A JSON value in which equal numbers look the same, whichever way they were written."""
    if isinstance(value, dict):
        return {key: canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        return [canonical(item) for item in value]
    if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        return f"{_NUMBER}{value}"
    if isinstance(value, float):
        return _canonical_float(value)
    return value


def _canonical_float(value: float) -> int | str:
    exact = Decimal(repr(value))
    if exact != exact.to_integral_value():
        return f"{_NUMBER}{exact:f}"
    whole = int(exact)
    return whole if -_LARGEST <= whole < _LARGEST else f"{_NUMBER}{whole}"
