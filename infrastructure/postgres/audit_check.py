"""Checks the audit trail against the log and against itself."""

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.rows import dict_row

from infrastructure.event_store.reader import LogEntry, read_after
from infrastructure.nats.consumer import checkpoint_of
from projections.audit.chain import GENESIS, NAMES, Entry, Sealed, first_break

CONSUMER = "audit"
"""The durable consumer that writes the trail."""

_ROWS = f"""
SELECT {", ".join(NAMES)}, previous_hash, hash FROM audit_trail
WHERE position > %s AND position <= %s ORDER BY position
"""  # noqa: S608 - our own column names
_REACHED = "SELECT position FROM checkpoints WHERE name = %s"
# One statement, because rows and checkpoint change together while this runs.
_BEYOND = """
SELECT min(position) FROM audit_trail
WHERE position > coalesce((SELECT position FROM checkpoints WHERE name = %s), 0)
"""

_TOLD = ("command", "request_id", "correlation_id")
"""What the trail takes from an event's metadata as it is."""

_BATCH = 2048
UNREADABLE = (psycopg.DataError, ValueError, OverflowError, RecursionError)
"""What psycopg raises of a value that Python can't hold."""

Connection = psycopg.AsyncConnection[Any]


async def audited_position(connection: Connection) -> int:
    """Up to where the trail follows the log."""
    row = await (await connection.execute(_REACHED, (checkpoint_of(CONSUMER),))).fetchone()
    return int(row[0]) if row else 0


async def verify_audit(connection: Connection) -> int | None:
    """The first position at which the trail is broken, or None.

    Up to its checkpoint, it must have a row for exactly each event of the log, each row must say
    what the log says, and each must be sealed with the hash of the row before. A row of either
    that can't even be read, such as one with a time beyond all calendars, is a break too.
    """
    reached = await audited_position(connection)
    checked, previous_hash, limit = 0, GENESIS, _BATCH
    while checked < reached:
        try:
            entries = await read_after(connection, checked, min(limit, reached - checked))
            until = entries[-1].position if entries else checked
            rows = await _rows(connection, checked, until)
        except UNREADABLE:
            if limit == 1:
                return checked + 1
            limit //= 2
            continue
        if not entries:
            return checked + 1
        if (broken := _first_difference(entries, rows, previous_hash)) is not None:
            return broken
        checked, previous_hash = until, rows[-1].hash
    row = await (await connection.execute(_BEYOND, (checkpoint_of(CONSUMER),))).fetchone()
    return int(row[0]) if row and row[0] is not None else None


async def _rows(connection: Connection, after: int, until: int) -> list[Sealed]:
    cursor = connection.cursor(binary=True, row_factory=dict_row)
    await cursor.execute(_ROWS, (after, until))
    return [_sealed(row) for row in await cursor.fetchall()]


def _sealed(row: dict[str, Any]) -> Sealed:
    previous_hash, own = row.pop("previous_hash"), row.pop("hash")
    return Sealed(Entry(**row), previous_hash, own)


def _first_difference(
    entries: Sequence[LogEntry], rows: Sequence[Sealed], previous_hash: str
) -> int | None:
    told = {row.entry.position: row.entry for row in rows}
    wrong = [
        logged.position
        for logged in entries
        if (entry := told.get(logged.position)) is None or not _agrees(entry, logged)
    ]
    if (broken := first_break(rows, previous_hash)) is not None:
        wrong.append(broken)
    return min(wrong, default=None)


def _agrees(entry: Entry, logged: LogEntry) -> bool:
    try:
        metadata = dict(logged.metadata)
    except (ValueError, TypeError):
        return False
    return (
        entry.topic == logged.topic
        and entry.entity_id == logged.originator_id
        and entry.entity_version == logged.version
        and entry.tenant_id == logged.tenant_id
        and str(entry.actor) == metadata.get("actor", str(entry.actor))
        and entry.recorded_at == logged.recorded_at
        and entry.causation_id == metadata.get("causation_id")
        and all(getattr(entry, name) == (metadata.get(name) or "") for name in _TOLD)
    )
