"""How fast the library's `ProjectionRunner` carries recorded events into a Postgres view."""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb

from tests.bench.bodies import FIRST_START, LENGTH, STEP
from tests.bench.library_environment import environment
from tests.bench.library_peer import Scheduling, Shift
from tests.bench.systems import Fold

SAVED_TOGETHER = 500
PATIENCE_SECONDS = 600.0
COLUMNS = (
    "id uuid PRIMARY KEY, tenant_id uuid NOT NULL, unit_id uuid NOT NULL, role text NOT NULL, "
    'start timestamptz NOT NULL, "end" timestamptz NOT NULL, zone text NOT NULL, '
    "headcount integer NOT NULL, notes jsonb NOT NULL, status text NOT NULL"
)
PLACES = ", ".join(["%s"] * 10)


class ShiftsView(PostgresTrackingRecorder):
    """One row per shift, written in the transaction that also writes the tracking."""

    def __init__(self, datastore: PostgresDatastore, **kwargs: Any) -> None:
        super().__init__(datastore, **kwargs)
        self.check_identifier_length(self.table_name)
        table = SQL("{}.{}").format(Identifier(datastore.schema), Identifier(self.table_name))
        self.sql_create_statements.append(
            SQL("CREATE TABLE IF NOT EXISTS {} (" + COLUMNS + ")").format(table)
        )
        self.insert_statement = SQL("INSERT INTO {} VALUES (" + PLACES + ")").format(table)

    @property
    def table_name(self) -> str:
        return self.tracking_table_name.replace("_tracking", "")

    def insert_shift(self, shift: Shift.Drafted, tracking: Tracking) -> None:  # type: ignore[name-defined]
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(self.insert_statement, _row(shift), prepare=True)


class Shifts(Projection[ShiftsView]):
    name = "shifts"

    @singledispatchmethod
    def process_event(self, _event: Any, tracking: Tracking) -> None:
        self.view.insert_tracking(tracking)

    @process_event.register
    def shift_drafted(self, event: Shift.Drafted, tracking: Tracking) -> None:  # type: ignore[name-defined]
        self.view.insert_shift(event, tracking)


def measure_fold(database_url: str, events: int) -> Fold:
    """Records the events first, unmeasured; then times the runner from start to last event."""
    settings = environment(database_url)
    last = _record(settings, events)
    started = time.perf_counter()
    with ProjectionRunner(
        application_class=Scheduling, projection_class=Shifts, view_class=ShiftsView, env=settings
    ) as runner:
        runner.wait(last, timeout=PATIENCE_SECONDS)
        seconds = time.perf_counter() - started
    return Fold("eventsourcing ProjectionRunner", events, seconds)


def _record(settings: Mapping[str, str], events: int) -> int:
    last = 0
    with Scheduling(settings) as scheduling:
        for first in range(0, events, SAVED_TOGETHER):
            numbers = range(first, min(first + SAVED_TOGETHER, events))
            last = scheduling.save(*(_shift(n) for n in numbers))[-1].notification.id
    return last


def _shift(n: int) -> Shift:
    start: datetime = FIRST_START + n * STEP
    return Shift(
        unit_id=uuid4(),
        role="nurse",
        start=start,
        end=start + LENGTH,
        zone="Europe/Berlin",
        headcount=3,
        notes={"room": f"B{n % 90}", "briefing": "Bring the keys"},
        tenant_id=uuid4(),
        drafted_by=uuid4(),
        request_id=str(uuid4()),
    )


def _row(shift: Shift.Drafted) -> tuple[UUID | str | datetime | int | Jsonb, ...]:  # type: ignore[name-defined]
    return (
        shift.originator_id,
        shift.tenant_id,
        shift.unit_id,
        shift.role,
        shift.start,
        shift.end,
        shift.zone,
        shift.headcount,
        Jsonb(shift.notes),
        "draft",
    )
