"""Writes the audit trail: one row per event, in batches, inside of the consumer's transaction."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import orjson
import psycopg
import structlog
from eventsourcing.persistence import StoredEvent

from domain.shared.aggregate import Aggregate
from infrastructure.event_store.mapper import EventMapper, UnknownTopicError, event_class
from infrastructure.nats.cloud_events import Delivered
from projections.audit.chain import GENESIS, Entry, sealed
from projections.audit.states import Change, Frozen, State, applied, change, state_of, storable

KNOWN = 10_000
"""Aggregates kept in memory, so that their history need not be read again."""
_SLICE = 20
"""Events after which others get their turn: the projector shares this process."""

_EARLIER = """
SELECT e.originator_id, e.originator_version, e.topic, e.state
FROM unnest(%s::uuid[], %s::bigint[]) AS wanted(id, version)
JOIN stored_events e ON e.originator_id = wanted.id AND e.originator_version < wanted.version
ORDER BY e.originator_id, e.originator_version
"""
_LAST = "SELECT hash FROM audit_trail ORDER BY position DESC LIMIT 1"
_INSERT = """
INSERT INTO audit_trail SELECT * FROM json_populate_recordset(NULL::audit_trail, %s::json)
"""

log = structlog.get_logger()

Connection = psycopg.AsyncConnection[Any]


@dataclass(slots=True)
class _Known:
    """An aggregate at a version; unreadable once one of its events could not be applied."""

    version: int = 0
    aggregate: Aggregate | None = None
    state: State | None = None
    frozen: Frozen = field(default_factory=dict)
    readable: bool = True


class AuditWriter:
    """A handler for `infrastructure.nats.consumer.Consumer`."""

    def __init__(self, mapper: EventMapper, known: int = KNOWN) -> None:
        self._mapper = mapper
        self._known: OrderedDict[UUID, _Known] = OrderedDict()
        self._limit = known

    async def __call__(self, connection: Connection, events: Sequence[Delivered]) -> None:
        await self._recall(connection, events)
        entries = []
        for number, event in enumerate(events):
            entries.append(self._entry(event))
            if number % _SLICE == _SLICE - 1:
                await asyncio.sleep(0)
        self._forget_oldest()
        last = await (await connection.execute(_LAST, prepare=True)).fetchone()
        rows = [row.row() for row in sealed(entries, last[0] if last else GENESIS)]
        await connection.execute(_INSERT, (orjson.dumps(rows).decode(),), prepare=True)

    def _entry(self, event: Delivered) -> Entry:
        what, occurred_at = self._apply(event)
        return Entry(
            position=event.position,
            tenant_id=event.tenant_id,
            actor=event.actor,
            command=event.command,
            action=event.topic.rpartition(".")[2],
            topic=event.topic,
            entity=entity_of(event.topic),
            entity_id=event.aggregate_id,
            entity_version=event.version,
            before=what.before,
            after=what.after,
            request_id=event.request_id,
            correlation_id=event.correlation_id,
            causation_id=event.causation_id,
            occurred_at=occurred_at,
            recorded_at=event.recorded_at,
        )

    def _apply(self, event: Delivered) -> tuple[Change, datetime]:
        """What the event changed and when it happened. Of an event that this code can't read, or
        of an aggregate with such an event, the trail shows the event as it is stored.
        """
        known = self._known.setdefault(event.aggregate_id, _Known())
        self._known.move_to_end(event.aggregate_id)
        before, state = known.state, event.state or b"{}"
        if self._advance(known, event.aggregate_id, event.version, event.topic, state):
            known.state = state_of(known.aggregate, known.frozen)
            happened = known.aggregate.modified_on if known.aggregate else event.recorded_at
            return change(before, known.state), happened
        return Change(None, _as_stored(state)), event.recorded_at

    def _advance(
        self, known: _Known, originator_id: UUID, version: int, topic: str, state: bytes
    ) -> bool:
        """Apply the next event; whether that was possible."""
        known.version = version
        if not known.readable:
            return False
        try:
            stored = StoredEvent(originator_id, version, topic, state)
            known.aggregate = applied(self._mapper.to_domain_event(stored), known.aggregate)
        except Exception as error:  # noqa: BLE001 - the trail is complete, whatever the event
            known.readable, known.aggregate, known.state = False, None, None
            log.warning("audit.unreadable", topic=topic, error=type(error).__name__)
        return known.readable

    async def _recall(self, connection: Connection, events: Sequence[Delivered]) -> None:
        """Bring every aggregate of the batch to the version before its first event there."""
        first: dict[UUID, int] = {}
        for event in events:
            first.setdefault(event.aggregate_id, event.version)
        missing = {}
        for aggregate_id, version in first.items():
            known = self._known.get(aggregate_id)
            if known is None or known.version != version - 1:
                self._known[aggregate_id] = _Known()
                missing[aggregate_id] = version
        replayed = {id_: version for id_, version in missing.items() if version > 1}
        if replayed:
            await self._replay(connection, replayed)

    async def _replay(self, connection: Connection, missing: dict[UUID, int]) -> None:
        cursor = connection.cursor(binary=True)
        await cursor.execute(_EARLIER, (list(missing), list(missing.values())), prepare=True)
        for number, (id_, version, topic, state) in enumerate(await cursor.fetchall()):
            self._advance(self._known[id_], id_, version, topic, state)
            if number % _SLICE == _SLICE - 1:
                await asyncio.sleep(0)
        for id_ in missing:
            known = self._known[id_]
            known.state = state_of(known.aggregate, known.frozen)

    def _forget_oldest(self) -> None:
        while len(self._known) > self._limit:
            self._known.popitem(last=False)


def _as_stored(state: bytes) -> Any:
    """An event's own JSON or, where it is none, its text."""
    try:
        return storable(orjson.loads(state))
    except orjson.JSONDecodeError:
        return storable(state.decode())


@cache
def entity_of(topic: str) -> str:
    """The kind of aggregate that an event belongs to; of unknown events, the context."""
    try:
        return event_class(topic).__qualname__.partition(".")[0]
    except UnknownTopicError:
        return topic.partition(".")[0]
