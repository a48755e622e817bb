"""People's calendars: every place that somebody was given, and what became of it.

RFC 5545 wants a sequence number that grows with each change of an event. What is shown of a place
changes with the place itself, with its shift and with the name of the unit; each counts its own
changes, and the sum of the three only grows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Index,
    Integer,
    RowMapping,
    Table,
    Text,
    Uuid,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.scheduling.shift import Shift
from domain.scheduling.staffing import AssignmentStatus, ShiftStatus, assignment_id
from domain.scheduling.unit import Unit
from domain.shared.aggregate import Event
from domain.shared.ids import AssignmentId, PersonId, ShiftId, TenantId
from projections.read_model import ReadModel
from projections.rows import Rows

PAST, FUTURE = timedelta(days=30), timedelta(days=365)
MOST = 1000
"""Entries of one calendar: twenty a week, for a year."""

model = ReadModel("scheduling.calendar", version=1, awaited=False)

units = model.keep(
    Table(
        "units",
        model.metadata,
        Column("unit_id", Uuid, primary_key=True),
        Column("name", Text, nullable=False),
        Column("changes", Integer, nullable=False),
        Column("changed_at", DateTime(timezone=True), nullable=False),
    ),
    by=["originator_id"],
)
shifts = model.keep(
    Table(
        "shifts",
        model.metadata,
        Column("shift_id", Uuid, primary_key=True),
        Column("unit_id", Uuid, nullable=False),
        Column("role", Text, nullable=False),
        Column("starts_at", DateTime(timezone=True), nullable=False),
        Column("ends_at", DateTime(timezone=True), nullable=False),
        Column("zone", Text, nullable=False),
        Column("status", Text, nullable=False),
        Column("changes", Integer, nullable=False),
        Column("changed_at", DateTime(timezone=True), nullable=False),
    ),
    by=["originator_id"],
)
places = model.keep(
    Table(
        "places",
        model.metadata,
        Column("shift_id", Uuid, primary_key=True),
        Column("person_id", Uuid, primary_key=True),
        Column("tenant_id", Uuid, nullable=False),
        Column("status", Text, nullable=False),
        Column("changes", Integer, nullable=False),
        Column("given_at", DateTime(timezone=True), nullable=False),
        Column("changed_at", DateTime(timezone=True), nullable=False),
        Index("places_person_idx", "tenant_id", "person_id"),
    ),
    by=["originator_id", "person_id"],
)


@model.on(Unit.Opened)
def unit_opened(event: Unit.Opened, rows: Rows) -> None:
    rows[units].insert(
        unit_id=event.originator_id, name=event.name, changes=0, changed_at=event.timestamp
    )


@model.on(Unit.Changed)
def unit_changed(event: Unit.Changed, rows: Rows) -> None:
    unit = rows[units][event.originator_id]
    if unit.name != event.name:
        unit.name = event.name
        unit.changes += 1
        unit.changed_at = event.timestamp


@model.on(Shift.Drafted)
def shift_drafted(event: Shift.Drafted, rows: Rows) -> None:
    rows[shifts].insert(
        shift_id=event.originator_id,
        unit_id=event.unit_id,
        role=event.role,
        starts_at=event.period.start,
        ends_at=event.period.end,
        zone=event.zone,
        status=ShiftStatus.DRAFT,
        changes=0,
        changed_at=event.timestamp,
    )


@model.on(Shift.Changed)
def shift_changed(event: Shift.Changed, rows: Rows) -> None:
    shift = rows[shifts][event.originator_id]
    shift.role = event.role
    shift.starts_at = event.period.start
    shift.ends_at = event.period.end
    shift.changes += 1
    shift.changed_at = event.timestamp


@model.on(Shift.Cancelled)
def shift_cancelled(event: Shift.Cancelled, rows: Rows) -> None:
    shift = rows[shifts][event.originator_id]
    shift.status = ShiftStatus.CANCELLED
    shift.changes += 1
    shift.changed_at = event.timestamp


@model.on(Shift.PersonAssigned)
def person_assigned(event: Shift.PersonAssigned, rows: Rows) -> None:
    _put(event, event.person_id, AssignmentStatus.PENDING, rows)


@model.on(Shift.PlaceClaimed, Shift.AssignmentAccepted)
def somebody_comes(event: Shift.PlaceClaimed | Shift.AssignmentAccepted, rows: Rows) -> None:
    _put(event, event.person_id, AssignmentStatus.ACCEPTED, rows)


@model.on(Shift.AssignmentDeclined)
def assignment_declined(event: Shift.AssignmentDeclined, rows: Rows) -> None:
    _put(event, event.person_id, AssignmentStatus.DECLINED, rows)


@model.on(Shift.AssignmentReassigned)
def assignment_reassigned(event: Shift.AssignmentReassigned, rows: Rows) -> None:
    _put(event, event.person_id, AssignmentStatus.REASSIGNED, rows)
    _put(event, event.to_person_id, AssignmentStatus.PENDING, rows)


@model.on(Shift.PlaceSwapped)
def place_swapped(event: Shift.PlaceSwapped, rows: Rows) -> None:
    _put(event, event.person_id, AssignmentStatus.SWAPPED, rows)
    _put(event, event.to_person_id, AssignmentStatus.ACCEPTED, rows)


def _put(event: Event, person_id: PersonId, status: AssignmentStatus, rows: Rows) -> None:
    place = rows[places].get((event.originator_id, person_id))
    if place is None:
        rows[places].insert(
            shift_id=event.originator_id,
            person_id=person_id,
            status=status,
            changes=0,
            given_at=event.timestamp,
            changed_at=event.timestamp,
        )
    else:
        place.status = status
        place.changes += 1
        place.changed_at = event.timestamp


@dataclass(frozen=True)
class Entry:
    """One place of one person, as a calendar shows it."""

    assignment_id: AssignmentId
    sequence: int
    role: str
    unit: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    status: AssignmentStatus
    is_cancelled: bool
    """Whether nobody is to come: the shift was called off, or the place is not the person's now."""
    given_at: datetime
    changed_at: datetime


async def calendar_of(
    connection: AsyncConnection, tenant_id: TenantId, person_id: PersonId, now: datetime
) -> Sequence[Entry]:
    """From `PAST` ago until `FUTURE` from now, at most `MOST`, the first first."""
    query = (
        select(places, shifts, units)
        .join(shifts, shifts.c.shift_id == places.c.shift_id)
        .join(units, units.c.unit_id == shifts.c.unit_id)
        .where(places.c.tenant_id == tenant_id, places.c.person_id == person_id)
        .where(shifts.c.ends_at > now - PAST, shifts.c.starts_at < now + FUTURE)
        .order_by(shifts.c.starts_at, shifts.c.shift_id)
        .limit(MOST)
    )
    rows = (await connection.execute(query)).mappings()
    return [entry_of(*(_part(row, table) for table in (places, shifts, units))) for row in rows]


def entry_of(place: Mapping[str, Any], shift: Mapping[str, Any], unit: Mapping[str, Any]) -> Entry:
    """What the three rows together tell."""
    parts = (place, shift, unit)
    status = AssignmentStatus(place["status"])
    return Entry(
        assignment_id=assignment_id(ShiftId(place["shift_id"]), PersonId(place["person_id"])),
        sequence=sum(part["changes"] for part in parts),
        role=shift["role"],
        unit=unit["name"],
        zone=shift["zone"],
        starts_at=shift["starts_at"],
        ends_at=shift["ends_at"],
        status=status,
        is_cancelled=shift["status"] == ShiftStatus.CANCELLED or not status.holds_a_place,
        given_at=place["given_at"],
        changed_at=max(part["changed_at"] for part in parts),
    )


def _part(row: RowMapping, table: Table) -> Mapping[str, Any]:
    return {str(column.name): row[column] for column in table.columns}
