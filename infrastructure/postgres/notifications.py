"""The notifier: turns events into notifications and deliveries, inside of the consumer's
transaction.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import psycopg
from eventsourcing.persistence import StoredEvent

from application.processes.briefs import shift_of
from application.processes.notices import Notice
from application.processes.notifications import ABOUT, notices
from domain.shared.aggregate import Event
from domain.shared.ids import PersonId, TenantId, derived_id
from infrastructure.event_store.mapper import EventMapper
from infrastructure.messages.templates import Facts, Words, words
from infrastructure.nats.cloud_events import Delivered
from infrastructure.nats.consumer import TryLaterError
from infrastructure.postgres.briefs import briefs_at
from infrastructure.postgres.recipients import (
    READ_MODELS,
    Contact,
    contacts,
    names_of,
    units_of,
)

PATIENCE = 1.0
"""Seconds to wait for the read models that know the recipients, before trying the batch later."""
SLICE = 20
"""Notices put into words at once; one of them may have a thousand readers."""

_TOPICS = {getattr(kind, "TOPIC", ""): kind for kind in ABOUT}
_SHOWN = "SELECT count(*), min(position) FROM checkpoints WHERE name = ANY(%s)"
_NOTIFY = """
INSERT INTO notifications
SELECT * FROM json_populate_recordset(NULL::notifications, %s::json) ON CONFLICT DO NOTHING
"""
_DELIVER = """
INSERT INTO deliveries (position, recipient, channel, tenant_id, kind, address, subject, body, html,
    quiet_start, quiet_end, quiet_zone, next_attempt_at, created_at)
SELECT position, recipient, channel, tenant_id, kind, address, subject, body, html,
    quiet_start, quiet_end, quiet_zone, next_attempt_at, created_at
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


@dataclass(frozen=True)
class _Letter:
    """A notice in words, for one reader."""

    told: _Told
    reader: Contact
    words: Words


class Notifier:
    """A handler for `infrastructure.nats.consumer.Consumer`.

    Raises TryLaterError while the read models are behind the events.
    """

    def __init__(self, mapper: EventMapper) -> None:
        self._mapper = mapper

    async def __call__(self, connection: Connection, events: Sequence[Delivered]) -> None:
        matter = [event for event in events if event.topic in _TOPICS]
        if not matter:
            return
        told = await self._decide(connection, matter)
        if told:
            await _wait_for_read_models(connection, told[-1].position)
        for first in range(0, len(told), SLICE):
            await _store(connection, await _letters(connection, told[first : first + SLICE]))

    async def _decide(self, connection: Connection, events: Sequence[Delivered]) -> list[_Told]:
        found = [(delivered, self._event(delivered)) for delivered in events]
        moments = [(shift_of(event), delivered.position) for delivered, event in found]
        briefs = await briefs_at(connection, self._mapper, moments)
        return [
            _Told(delivered.position, delivered.tenant_id, delivered.recorded_at, notice)
            for moment, (delivered, event) in zip(moments, found, strict=True)
            for notice in notices(event, delivered.actor, briefs.get(moment))
        ]

    def _event(self, event: Delivered) -> Event:
        return self._mapper.to_domain_event(
            StoredEvent(event.aggregate_id, event.version, event.topic, event.state or b"")
        )


async def _letters(connection: Connection, told: Sequence[_Told]) -> list[_Letter]:
    readers = await contacts(connection, {(one.tenant_id, one.notice.to) for one in told})
    people = await names_of(connection, {each for one in told for each in _people_in(one)})
    units = await units_of(
        connection, {(one.tenant_id, one.notice.shift.unit_id) for one in told if one.notice.shift}
    )
    letters = []
    for one in told:
        for reader in readers[one.tenant_id, one.notice.to]:
            if one.notice.unless is None or reader.account_id != one.notice.unless:
                facts = _facts(one, reader, people, units)
                letters.append(_Letter(one, reader, words(one.notice.kind, facts)))
        await asyncio.sleep(0)  # the projector shares this process
    return letters


def _people_in(told: _Told) -> Iterator[tuple[TenantId, PersonId]]:
    for person_id in (told.notice.person_id, told.notice.other_id):
        if person_id is not None:
            yield told.tenant_id, person_id


Names = dict[tuple[TenantId, UUID], str]


def _facts(told: _Told, reader: Contact, people: Names, units: Names) -> Facts:
    notice, shift = told.notice, told.notice.shift

    def name_of(person_id: PersonId | None) -> str:
        return "" if person_id is None else people.get((told.tenant_id, person_id), "")

    return Facts(
        name=reader.name,
        person=name_of(notice.person_id),
        other=name_of(notice.other_id),
        role="" if shift is None else shift.role,
        unit="" if shift is None else units.get((told.tenant_id, shift.unit_id), ""),
        when="" if shift is None else shift.when,
        reason=notice.reason,
        places=0 if shift is None else shift.places_left,
        lines=notice.lines,
    )


async def _store(connection: Connection, letters: Sequence[_Letter]) -> None:
    rows = [_notification(letter) for letter in letters]
    await connection.execute(_NOTIFY, (_json(rows),))
    if deliveries := [row for letter in letters for row in _deliveries(letter)]:
        await connection.execute(_DELIVER, (_json(deliveries),))


def _notification(letter: _Letter) -> dict[str, Any]:
    told, reader = letter.told, letter.reader
    return {
        "id": derived_id("notification", told.position, reader.id),
        "tenant_id": told.tenant_id,
        "account_id": reader.account_id,
        "person_id": reader.person_id,
        "kind": told.notice.kind,
        "data": told.notice.data,
        "created_at": told.moment,
        "subject": letter.words.subject,
        "body": letter.words.short,
    }


def _deliveries(letter: _Letter) -> Iterator[dict[str, Any]]:
    """One for each way in which the reader wants to be told; not before his or her quiet hours
    end.
    """
    told, reader = letter.told, letter.reader
    quiet = reader.preferences.quiet_hours
    for channel, address in reader.addresses():
        is_mail = channel == "email"
        yield {
            "position": told.position,
            "recipient": reader.id,
            "channel": channel,
            "tenant_id": told.tenant_id,
            "kind": told.notice.kind,
            "address": address,
            "subject": letter.words.subject if is_mail else "",
            "body": letter.words.text if is_mail else letter.words.sms,
            "html": letter.words.html if is_mail else None,
            "quiet_start": None if quiet is None else quiet.start,
            "quiet_end": None if quiet is None else quiet.end,
            "quiet_zone": None if quiet is None else quiet.zone,
            "next_attempt_at": (quiet and quiet.end_after(told.moment)) or told.moment,
            "created_at": told.moment,
        }


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
