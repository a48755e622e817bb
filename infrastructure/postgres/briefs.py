"""The notifier's briefs of shifts, kept between its batches."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import orjson
import psycopg

from application.processes.briefs import ShiftBrief, brief_after
from application.processes.notifications import OF_A_SHIFT
from domain.shared.ids import AccountId
from infrastructure.event_store.mapper import EventMapper
from infrastructure.event_store.reader import history_of

_LOAD = """
SELECT shift_id, coordinator_id, role, starts_at, ends_at, zone, unit_id, headcount, people, holders
FROM shift_briefs WHERE shift_id = ANY(%s)
"""
_SAVE = """
INSERT INTO shift_briefs SELECT * FROM json_populate_recordset(NULL::shift_briefs, %s::json)
ON CONFLICT (shift_id) DO UPDATE SET coordinator_id = EXCLUDED.coordinator_id,
    role = EXCLUDED.role, starts_at = EXCLUDED.starts_at, ends_at = EXCLUDED.ends_at,
    zone = EXCLUDED.zone, unit_id = EXCLUDED.unit_id, headcount = EXCLUDED.headcount,
    people = EXCLUDED.people, holders = EXCLUDED.holders
"""
_TOPICS = {kind.TOPIC for kind in OF_A_SHIFT}  # type: ignore[attr-defined]

Connection = psycopg.AsyncConnection[Any]


async def load_briefs(
    connection: Connection, mapper: EventMapper, ids: Collection[UUID], before: int
) -> dict[UUID, ShiftBrief]:
    """What is known of these shifts up to, but not including, the position `before`."""
    cursor = connection.cursor(binary=True)
    await cursor.execute(_LOAD, (list(set(ids)),), prepare=True)
    briefs: dict[UUID, ShiftBrief] = {}
    for row in await cursor.fetchall():
        *known, people, holders = row
        # One of an earlier version, which knew less, has none of either.
        values = None if people is None else (*known, tuple(people), tuple(holders))
        made = (
            ShiftBrief(*values) if values else await _made_anew(connection, mapper, row[0], before)
        )
        if made is not None:
            briefs[made.shift_id] = made
    return briefs


async def save_briefs(connection: Connection, briefs: Sequence[ShiftBrief]) -> None:
    await connection.execute(_SAVE, (orjson.dumps(briefs).decode(),))


async def _made_anew(
    connection: Connection, mapper: EventMapper, shift_id: UUID, before: int
) -> ShiftBrief | None:
    brief = None
    for entry in await history_of(connection, shift_id):
        if entry.position < before and entry.topic in _TOPICS:
            actor = AccountId(UUID(entry.metadata["actor"]))
            brief = brief_after(entry.event(mapper), actor, brief)
    return brief
