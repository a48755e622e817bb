"""Shifts and the assignments of people to them. What is asked of them is in `shift_queries`."""

from sqlalchemy import Column, DateTime, Index, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from domain.scheduling.shift import Shift
from domain.scheduling.staffing import AssignmentStatus, ShiftStatus, assignment_id
from domain.shared.aggregate import Event
from domain.shared.ids import PersonId, ShiftId
from projections.read_model import ReadModel
from projections.rows import Rows

model = ReadModel("scheduling.shifts", version=2)

shifts = model.keep(
    Table(
        "shifts",
        model.metadata,
        Column("shift_id", Uuid, primary_key=True),
        Column("tenant_id", Uuid, nullable=False),
        Column("unit_id", Uuid, nullable=False),
        Column("role", Text, nullable=False),
        Column("starts_at", DateTime(timezone=True), nullable=False),
        Column("ends_at", DateTime(timezone=True), nullable=False),
        Column("zone", Text, nullable=False),
        Column("headcount", Integer, nullable=False),
        Column("taken", Integer, nullable=False),
        Column("status", Text, nullable=False),
        Column("notes", JSONB, nullable=False),
        Column("people", ARRAY(Uuid), nullable=False),
        Column("cancelled_because", Text),
        Index("shifts_tenant_idx", "tenant_id", "starts_at", "shift_id"),
    ),
    by=["originator_id"],
)
assignments = model.keep(
    Table(
        "assignments",
        model.metadata,
        Column("shift_id", Uuid, primary_key=True),
        Column("person_id", Uuid, primary_key=True),
        Column("assignment_id", Uuid, nullable=False, index=True),
        Column("tenant_id", Uuid, nullable=False),
        Column("status", Text, nullable=False),
        Column("changed_at", DateTime(timezone=True), nullable=False),
        Column("warnings", JSONB, nullable=False),
        Index("assignments_person_idx", "tenant_id", "person_id"),
    ),
    by=["originator_id", "person_id"],
)


@model.on(Shift.Drafted)
def shift_drafted(event: Shift.Drafted, rows: Rows) -> None:
    rows[shifts].insert(
        shift_id=event.originator_id,
        unit_id=event.unit_id,
        role=event.role,
        starts_at=event.period.start,
        ends_at=event.period.end,
        zone=event.zone,
        headcount=event.headcount,
        taken=0,
        status=ShiftStatus.DRAFT,
        notes=event.notes,
        people=list(event.people),
    )


@model.on(Shift.Changed)
def shift_changed(event: Shift.Changed, rows: Rows) -> None:
    shift = rows[shifts][event.originator_id]
    shift.role = event.role
    shift.starts_at = event.period.start
    shift.ends_at = event.period.end
    shift.headcount = event.headcount
    shift.notes = event.notes
    shift.people = list(event.people)


@model.on(Shift.Published)
def shift_published(event: Shift.Published, rows: Rows) -> None:
    rows[shifts][event.originator_id].status = ShiftStatus.PUBLISHED


@model.on(Shift.Discarded)
def shift_discarded(event: Shift.Discarded, rows: Rows) -> None:
    rows[shifts][event.originator_id].status = ShiftStatus.DISCARDED


@model.on(Shift.Completed)
def shift_completed(event: Shift.Completed, rows: Rows) -> None:
    rows[shifts][event.originator_id].status = ShiftStatus.COMPLETED


@model.on(Shift.Cancelled)
def shift_cancelled(event: Shift.Cancelled, rows: Rows) -> None:
    shift = rows[shifts][event.originator_id]
    shift.status = ShiftStatus.CANCELLED
    shift.cancelled_because = event.reason


@model.on(Shift.PersonAssigned)
def person_assigned(event: Shift.PersonAssigned, rows: Rows) -> None:
    _put(event, event.person_id, AssignmentStatus.PENDING, rows)
    rows[shifts][event.originator_id].taken += 1


@model.on(Shift.PlaceClaimed)
def place_claimed(event: Shift.PlaceClaimed, rows: Rows) -> None:
    _put(event, event.person_id, AssignmentStatus.ACCEPTED, rows)
    rows[shifts][event.originator_id].taken += 1


@model.on(Shift.AssignmentAccepted)
def assignment_accepted(event: Shift.AssignmentAccepted, rows: Rows) -> None:
    assignment = rows[assignments][event.originator_id, event.person_id]
    assignment.status = AssignmentStatus.ACCEPTED
    assignment.changed_at = event.timestamp


@model.on(Shift.AssignmentDeclined)
def assignment_declined(event: Shift.AssignmentDeclined, rows: Rows) -> None:
    _put(event, event.person_id, AssignmentStatus.DECLINED, rows)
    rows[shifts][event.originator_id].taken -= 1


@model.on(Shift.AssignmentReassigned)
def assignment_reassigned(event: Shift.AssignmentReassigned, rows: Rows) -> None:
    _put(event, event.person_id, AssignmentStatus.REASSIGNED, rows)
    _put(event, event.to_person_id, AssignmentStatus.PENDING, rows)


@model.on(Shift.PlaceSwapped)
def place_swapped(event: Shift.PlaceSwapped, rows: Rows) -> None:
    _put(event, event.person_id, AssignmentStatus.SWAPPED, rows)
    _put(event, event.to_person_id, AssignmentStatus.ACCEPTED, rows)


@model.on(Shift.WarningsRaised)
def warnings_raised(event: Shift.WarningsRaised, rows: Rows) -> None:
    told = [warning.as_data() for warning in event.warnings]
    rows[assignments][event.originator_id, event.person_id].warnings = told


@model.on(Shift.WarningsOverridden)
def warnings_overridden(event: Shift.WarningsOverridden, rows: Rows) -> None:
    rows[assignments][event.originator_id, event.person_id].warnings = []


def _put(event: Event, person_id: PersonId, status: AssignmentStatus, rows: Rows) -> None:
    rows[assignments].insert(
        shift_id=event.originator_id,
        person_id=person_id,
        assignment_id=assignment_id(ShiftId(event.originator_id), person_id),
        status=status,
        changed_at=event.timestamp,
        warnings=[],
    )
