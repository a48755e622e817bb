"""Fills a log by COPY, as if it had been written long ago."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg
from psycopg.types.json import Jsonb

from domain.scheduling.shift import Shift, shift_period
from domain.shared.ids import UnitId
from domain.shared.moment import happening_at
from infrastructure.event_store.mapper import EventMapper
from tests.bench.bodies import FIRST_START, LENGTH, STEP

_COPY = """
COPY stored_events (originator_id, originator_version, topic, state, notification_id, tenant_id,
    command_id, metadata, recorded_at) FROM STDIN
"""


def fill(database_url: str, events: int) -> None:
    """So many shifts drafted, one event each."""
    mapper, tenant_id, unit_id = EventMapper(), uuid4(), UnitId(uuid4())
    now = datetime.now(UTC)
    metadata = Jsonb({"command": "DraftShift", "actor": str(uuid4()), "request_id": "bench"})
    with psycopg.connect(database_url, autocommit=True) as connection:
        with connection.cursor().copy(_COPY) as copy:
            for number in range(events):
                stored = mapper.to_stored_event(_drafted(number, unit_id, now))
                copy.write_row(
                    (
                        stored.originator_id,
                        stored.originator_version,
                        stored.topic,
                        stored.state,
                        number + 1,
                        tenant_id,
                        uuid4(),
                        metadata,
                        now,
                    )
                )
        connection.execute("ANALYZE stored_events")


def _drafted(number: int, unit_id: UUID, now: datetime) -> Shift.Drafted:
    start = FIRST_START + number * STEP
    with happening_at(now):
        shift = Shift(
            id=uuid4(),
            unit_id=UnitId(unit_id),
            role="nurse",
            period=shift_period(start, start + LENGTH),
            zone="Europe/Berlin",
            headcount=3,
            notes={"room": f"B{number % 90}", "briefing": "Bring the keys"},
        )
    return shift.pending_events[0]
