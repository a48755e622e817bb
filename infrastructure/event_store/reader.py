"""Reading the log: one aggregate's history, or everything in order of position."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import orjson
import psycopg
from eventsourcing.persistence import StoredEvent

from domain.shared.aggregate import Event
from domain.shared.ids import TenantId
from infrastructure.event_store.mapper import EventMapper

_COLUMNS = """notification_id, originator_id, originator_version, topic, state,
    tenant_id, command_id, metadata::text, recorded_at"""
_AFTER = f"""SELECT {_COLUMNS} FROM stored_events
    WHERE notification_id > %s ORDER BY notification_id LIMIT %s"""  # noqa: S608 - constants
_OF = f"""SELECT {_COLUMNS} FROM stored_events
    WHERE originator_id = %s ORDER BY originator_version"""  # noqa: S608 - constants
_UNTIL = f"""SELECT {_COLUMNS} FROM stored_events
    JOIN unnest(%s::uuid[], %s::bigint[]) AS wanted(id, until)
        ON originator_id = wanted.id AND notification_id <= wanted.until
    WHERE topic = ANY(%s) ORDER BY notification_id"""  # noqa: S608 - constants

Connection = psycopg.AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One event as the log holds it, undecoded."""

    position: int
    originator_id: UUID
    version: int
    topic: str
    state: bytes
    tenant_id: TenantId
    command_id: UUID
    raw_metadata: str
    recorded_at: datetime

    @property
    def metadata(self) -> dict[str, Any]:
        """Actor, command, request and what caused it; read only where it is asked for."""
        return cast("dict[str, Any]", orjson.loads(self.raw_metadata))

    def event(self, mapper: EventMapper) -> Event:
        """Raises UnknownTopicError or MapperDeserialisationError."""
        return mapper.to_domain_event(
            StoredEvent(self.originator_id, self.version, self.topic, self.state)
        )


async def read_after(connection: Connection, position: int, limit: int) -> list[LogEntry]:
    """The next entries, at most `limit`, in order of position."""
    cursor = connection.cursor(binary=True)
    await cursor.execute(_AFTER, (position, limit), prepare=True)
    return [LogEntry(*row) for row in await cursor.fetchall()]


async def read_all(
    connection: Connection, after: int, until: int, batch: int = 5000
) -> AsyncIterator[Sequence[LogEntry]]:
    """Everything after one position and up to another, in batches."""
    while after < until:
        entries = await read_after(connection, after, min(batch, until - after))
        if not entries:
            return
        yield entries
        after = entries[-1].position


async def history_of(connection: Connection, originator_id: UUID) -> list[LogEntry]:
    """Every event of one aggregate."""
    cursor = connection.cursor(binary=True)
    await cursor.execute(_OF, (originator_id,))
    return [LogEntry(*row) for row in await cursor.fetchall()]


async def histories_until(
    connection: Connection, until: Mapping[UUID, int], topics: Collection[str]
) -> list[LogEntry]:
    """The events of these topics of several aggregates, of each up to a position; in order of
    position.
    """
    cursor = connection.cursor(binary=True)
    wanted = (list(until), list(until.values()), list(topics))
    await cursor.execute(_UNTIL, wanted, prepare=True)
    return [LogEntry(*row) for row in await cursor.fetchall()]


async def newest_position(connection: Connection) -> int:
    """The position of the newest event; 0 when the log is empty."""
    cursor = await connection.execute("SELECT coalesce(max(notification_id), 0) FROM stored_events")
    row = await cursor.fetchone()
    return int(row[0]) if row else 0
