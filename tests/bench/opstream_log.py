"""Fills a log by COPY, as if it had been written long ago: real events, made by the aggregates.

Whoever is to find read models with it calls `opstream_folds.take_as_read` afterwards.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg
from eventsourcing.persistence import StoredEvent

from domain.scheduling.shift import Shift
from domain.scheduling.staffing import shift_period
from domain.shared.aggregate import Aggregate, Event
from domain.shared.ids import UnitId
from domain.shared.moment import happening_at
from infrastructure.event_store.mapper import EventMapper
from tests.bench.bodies import FIRST_START, LENGTH, STEP

NEWEST = "SELECT coalesce(max(notification_id), 0) FROM stored_events"
_COPY = """
COPY stored_events (originator_id, originator_version, topic, state, notification_id, tenant_id,
    command_id, metadata, recorded_at) FROM STDIN
"""


class LogWriter:
    """Writes behind what the log holds, one position after the other."""

    def __init__(self, copy: psycopg.Copy, tenant_id: UUID, newest: int) -> None:
        self._copy = copy
        self._tenant_id = tenant_id
        self._newest = newest
        self._mapper = EventMapper()
        self._recorded_at = datetime.now(UTC)
        self._metadata = json.dumps(
            {"command": "Bench", "actor": str(uuid4()), "request_id": "bench"}
        )

    def write(self, events: Iterable[Event]) -> int:
        """How many it were."""
        before = self._newest
        for event in events:
            self.write_stored(self._mapper.to_stored_event(event))
        return self._newest - before

    def write_stored(self, stored: StoredEvent) -> None:
        self._newest += 1
        self._copy.write_row(
            (
                stored.originator_id,
                stored.originator_version,
                stored.topic,
                stored.state,
                self._newest,
                self._tenant_id,
                uuid4(),
                self._metadata,
                self._recorded_at,
            )
        )


@contextmanager
def writing(database_url: str, tenant_id: UUID) -> Iterator[LogWriter]:
    """All of it is one COPY; afterwards Postgres has nothing left to tidy up or to flush."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        row = connection.execute(NEWEST).fetchone()
        with connection.cursor().copy(_COPY) as copy:
            yield LogWriter(copy, tenant_id, row[0] if row else 0)
        connection.execute("VACUUM ANALYZE stored_events")
        connection.execute("CHECKPOINT")


def fill(database_url: str, events: int, tenant_id: UUID | None = None) -> None:
    """So many shifts drafted, one event each."""
    unit_id, now = UnitId(uuid4()), datetime.now(UTC)
    with writing(database_url, tenant_id or uuid4()) as log:
        for number in range(events):
            log.write(events_of(drafted(number, unit_id, now)))


def events_of(*aggregates: Aggregate) -> Iterator[Event]:
    """What has happened to them and was not told yet."""
    for aggregate in aggregates:
        for event in aggregate.collect_events():
            assert isinstance(event, Event)
            yield event


def drafted(number: int, unit_id: UnitId, now: datetime) -> Shift:
    start = FIRST_START + number * STEP
    with happening_at(now):
        return Shift(
            id=uuid4(),
            unit_id=unit_id,
            role="nurse",
            period=shift_period(start, start + LENGTH),
            zone="Europe/Berlin",
            headcount=3,
            notes={"room": f"B{number % 90}", "briefing": "Bring the keys"},
        )
