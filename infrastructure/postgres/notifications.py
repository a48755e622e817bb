"""The notifier: turns events into notifications and deliveries, inside of the consumer's
transaction.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import psycopg
from eventsourcing.persistence import StoredEvent
from psycopg.rows import class_row

from application.processes.notifications import (
    ABOUT,
    Notice,
    ShiftBrief,
    ToPerson,
    brief_after,
    notices,
)
from domain.shared.aggregate import Event
from domain.shared.ids import TenantId, derived_id
from infrastructure.event_store.mapper import EventMapper
from infrastructure.nats.cloud_events import Delivered
from infrastructure.nats.consumer import TryLaterError
from infrastructure.postgres.recipients import READ_MODELS, Contact, contacts

PATIENCE = 1.0
"""Seconds to wait for the read models that know the recipients, before trying the batch later."""

_TOPICS = {getattr(kind, "TOPIC", ""): kind for kind in ABOUT}
_BRIEFS = "SELECT * FROM shift_briefs WHERE shift_id = ANY(%s)"
_SAVE_BRIEFS = """
INSERT INTO shift_briefs SELECT * FROM json_populate_recordset(NULL::shift_briefs, %s::json)
ON CONFLICT (shift_id) DO UPDATE SET coordinator_id = EXCLUDED.coordinator_id,
    role = EXCLUDED.role, starts_at = EXCLUDED.starts_at, ends_at = EXCLUDED.ends_at,
    zone = EXCLUDED.zone
"""
_SHOWN = "SELECT count(*), min(position) FROM checkpoints WHERE name = ANY(%s)"
_NOTIFY = """
INSERT INTO notifications
SELECT * FROM json_populate_recordset(NULL::notifications, %s::json) ON CONFLICT DO NOTHING
"""
_DELIVER = """
INSERT INTO deliveries (position, recipient, channel, tenant_id, address, subject, body,
    next_attempt_at, created_at)
SELECT position, recipient, channel, tenant_id, address, subject, body, created_at, created_at
FROM json_populate_recordset(NULL::deliveries, %s::json) ON CONFLICT DO NOTHING
"""

Connection = psycopg.AsyncConnection[Any]


@dataclass(frozen=True)
class _Told:
    """A notice and the event that it is about."""

    position: int
    tenant_id: TenantId
    moment: datetime
    notice: Notice


class Notifier:
    """A handler for `infrastructure.nats.consumer.Consumer`. `channel` names where deliveries go.

    Raises TryLaterError while the read models are behind the events.
    """

    def __init__(self, mapper: EventMapper, channel: str) -> None:
        self._mapper = mapper
        self._channel = channel

    async def __call__(self, connection: Connection, events: Sequence[Delivered]) -> None:
        matter = [event for event in events if event.topic in _TOPICS]
        if not matter:
            return
        told = await self._decide(connection, matter)
        if told:
            await _wait_for_read_models(connection, told[-1].position)
            await self._store(connection, told)

    async def _decide(self, connection: Connection, events: Sequence[Delivered]) -> list[_Told]:
        briefs = await _load_briefs(connection, [event.aggregate_id for event in events])
        changed: dict[UUID, ShiftBrief] = {}
        told = []
        for delivered in events:
            event, shift_id = self._event(delivered), delivered.aggregate_id
            brief = brief_after(event, delivered.actor, briefs.get(shift_id))
            if brief is None:
                continue
            if brief != briefs.get(shift_id):
                briefs[shift_id] = changed[shift_id] = brief
            told += [
                _Told(delivered.position, delivered.tenant_id, delivered.recorded_at, notice)
                for notice in notices(event, delivered.actor, brief)
            ]
        if changed:
            await connection.execute(_SAVE_BRIEFS, (_json(list(changed.values())),))
        return told

    async def _store(self, connection: Connection, told: Sequence[_Told]) -> None:
        known = await contacts(connection, {(one.tenant_id, one.notice.to) for one in told})
        addressed = [(one, known.get((one.tenant_id, one.notice.to), Contact())) for one in told]
        await connection.execute(_NOTIFY, (_json([_notification(*pair) for pair in addressed]),))
        deliveries = [
            _delivery(one, contact.email, self._channel)
            for one, contact in addressed
            if contact.email
        ]
        if deliveries:
            await connection.execute(_DELIVER, (_json(deliveries),))

    def _event(self, event: Delivered) -> Event:
        return self._mapper.to_domain_event(
            StoredEvent(event.aggregate_id, event.version, event.topic, event.state or b"")
        )


def _notification(one: _Told, contact: Contact) -> dict[str, Any]:
    to = one.notice.to
    return {
        "id": derived_id("notification", one.position, to.id),
        "tenant_id": one.tenant_id,
        "account_id": contact.account_id,
        "person_id": to.id if isinstance(to, ToPerson) else None,
        "kind": one.notice.kind,
        "data": dict(one.notice.data),
        "created_at": one.moment,
    }


def _delivery(one: _Told, address: str, channel: str) -> dict[str, Any]:
    return {
        "position": one.position,
        "recipient": one.notice.to.id,
        "channel": channel,
        "tenant_id": one.tenant_id,
        "address": address,
        "subject": one.notice.subject,
        "body": one.notice.text,
        "created_at": one.moment,
    }


async def _load_briefs(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, ShiftBrief]:
    cursor = connection.cursor(binary=True, row_factory=class_row(ShiftBrief))
    await cursor.execute(_BRIEFS, (list(set(ids)),), prepare=True)
    return {brief.shift_id: brief for brief in await cursor.fetchall()}


async def _wait_for_read_models(connection: Connection, position: int) -> None:
    """Raises TryLaterError when they do not show the position within `PATIENCE` seconds."""
    for _ in range(int(PATIENCE / 0.05)):
        row = await (await connection.execute(_SHOWN, (READ_MODELS,), prepare=True)).fetchone()
        if row and row[0] == len(READ_MODELS) and row[1] >= position:
            return
        await asyncio.sleep(0.05)
    raise TryLaterError


def _json(rows: Sequence[object]) -> str:
    return orjson.dumps(rows).decode()
