"""The briefs of shifts, folded from the log up to the very events that somebody is told of."""

from collections import deque
from collections.abc import Collection
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.utils import get_topic

from application.processes.briefs import SHAPING, ShiftBrief, brief_after
from domain.shared.ids import AccountId
from infrastructure.event_store.mapper import EventMapper
from infrastructure.event_store.reader import LogEntry, histories_until

_TOPICS = [get_topic(kind) for kind in SHAPING]

Connection = psycopg.AsyncConnection[Any]
Moment = tuple[UUID, int]
"""A shift, and a position in the log."""


async def briefs_at(
    connection: Connection, mapper: EventMapper, moments: Collection[Moment]
) -> dict[Moment, ShiftBrief]:
    """What was known of a shift at each moment, its own event included; nothing of what is no
    shift. Raises UnknownTopicError or MapperDeserialisationError.
    """
    latest_of_each = dict(sorted(moments))
    events = deque(await histories_until(connection, latest_of_each, _TOPICS))
    latest: dict[UUID, ShiftBrief | None] = {}
    briefs: dict[Moment, ShiftBrief] = {}
    for shift_id, position in sorted(moments, key=lambda moment: moment[1]):
        while events and events[0].position <= position:
            entry = events.popleft()
            latest[entry.originator_id] = _after(entry, mapper, latest.get(entry.originator_id))
        if (brief := latest.get(shift_id)) is not None:
            briefs[shift_id, position] = brief
    return briefs


def _after(entry: LogEntry, mapper: EventMapper, brief: ShiftBrief | None) -> ShiftBrief | None:
    actor = AccountId(UUID(entry.metadata["actor"]))
    return brief_after(entry.event(mapper), actor, brief)
