"""Shifts and the assignments of people to them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Index,
    Integer,
    Row,
    Table,
    Text,
    Uuid,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.scheduling.shift import AssignmentStatus, Shift, ShiftStatus, assignment_id
from domain.shared.aggregate import Event
from domain.shared.ids import AssignmentId, PersonId, ShiftId, TenantId, UnitId
from projections.paging import Page, PageRequest, page_query, total_of
from projections.read_model import ReadModel
from projections.rows import Rows

model = ReadModel("scheduling.shifts", version=1)

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
    )


@model.on(Shift.Changed)
def shift_changed(event: Shift.Changed, rows: Rows) -> None:
    shift = rows[shifts][event.originator_id]
    shift.role = event.role
    shift.starts_at = event.period.start
    shift.ends_at = event.period.end
    shift.headcount = event.headcount
    shift.notes = event.notes


@model.on(Shift.Published)
def shift_published(event: Shift.Published, rows: Rows) -> None:
    rows[shifts][event.originator_id].status = ShiftStatus.PUBLISHED


@model.on(Shift.PersonAssigned)
def person_assigned(event: Shift.PersonAssigned, rows: Rows) -> None:
    _put(event, event.person_id, AssignmentStatus.PENDING, rows)
    rows[shifts][event.originator_id].taken += 1


@model.on(Shift.AssignmentAccepted)
def assignment_accepted(event: Shift.AssignmentAccepted, rows: Rows) -> None:
    _put(event, event.person_id, AssignmentStatus.ACCEPTED, rows)


@model.on(Shift.AssignmentDeclined)
def assignment_declined(event: Shift.AssignmentDeclined, rows: Rows) -> None:
    _put(event, event.person_id, AssignmentStatus.DECLINED, rows)
    rows[shifts][event.originator_id].taken -= 1


@model.on(Shift.AssignmentReassigned)
def assignment_reassigned(event: Shift.AssignmentReassigned, rows: Rows) -> None:
    _put(event, event.person_id, AssignmentStatus.REASSIGNED, rows)
    _put(event, event.to_person_id, AssignmentStatus.PENDING, rows)


def _put(event: Event, person_id: PersonId, status: AssignmentStatus, rows: Rows) -> None:
    rows[assignments].insert(
        shift_id=event.originator_id,
        person_id=person_id,
        assignment_id=assignment_id(ShiftId(event.originator_id), person_id),
        status=status,
        changed_at=event.timestamp,
    )


@dataclass(frozen=True)
class ShiftFilter:
    """None does not filter; the times select shifts that overlap them."""

    unit_id: UnitId | None = None
    status: ShiftStatus | None = None
    role: str | None = None
    person_id: PersonId | None = None
    starts_before: datetime | None = None
    ends_after: datetime | None = None


@dataclass(frozen=True)
class ShiftWithAssignments:
    shift: Row[tuple[object, ...]]
    assignments: Mapping[PersonId, AssignmentStatus]


async def list_shifts(
    connection: AsyncConnection, tenant_id: TenantId, wanted: ShiftFilter, page: PageRequest
) -> Page[ShiftWithAssignments]:
    """In order of their start. One statement: a shift's `taken` fits its assignments."""
    query = select(shifts).where(shifts.c.tenant_id == tenant_id)
    if wanted.unit_id is not None:
        query = query.where(shifts.c.unit_id == wanted.unit_id)
    if wanted.status is not None:
        query = query.where(shifts.c.status == wanted.status)
    if wanted.role is not None:
        query = query.where(shifts.c.role == wanted.role)
    if wanted.starts_before is not None:
        query = query.where(shifts.c.starts_at < wanted.starts_before)
    if wanted.ends_after is not None:
        query = query.where(shifts.c.ends_at > wanted.ends_after)
    if wanted.person_id is not None:
        on_it = select(assignments.c.shift_id).where(assignments.c.person_id == wanted.person_id)
        query = query.where(shifts.c.shift_id.in_(on_it))
    query = query.order_by(shifts.c.starts_at, shifts.c.shift_id)
    shown = page_query(query, page).subquery("page")
    with_people = (
        select(shown, assignments.c.person_id, assignments.c.status.label("answer"))
        .outerjoin_from(shown, assignments, assignments.c.shift_id == shown.c.shift_id)
        .order_by(shown.c.starts_at, shown.c.shift_id)
    )
    rows = (await connection.execute(with_people)).all()
    return Page(_with_assignments(rows), await total_of(rows, connection, query, page), page)


def _with_assignments(rows: Iterable[Row[*tuple[Any, ...]]]) -> list[ShiftWithAssignments]:
    """Of rows in the order of their shifts, one for each assignment or one without any."""
    found = []
    for _, of_one in groupby(rows, key=attrgetter("shift_id")):
        held = list(of_one)
        people = {row.person_id: row.answer for row in held if row.person_id is not None}
        found.append(ShiftWithAssignments(held[0], people))
    return found


async def find_assignment(
    connection: AsyncConnection, tenant_id: TenantId, which: AssignmentId
) -> tuple[ShiftId, PersonId] | None:
    """The shift and the person that an assignment ties together; that never changes."""
    query = select(assignments.c.shift_id, assignments.c.person_id).where(
        assignments.c.tenant_id == tenant_id, assignments.c.assignment_id == which
    )
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else (ShiftId(row.shift_id), PersonId(row.person_id))


async def upcoming_of(
    connection: AsyncConnection, tenant_id: TenantId, person_id: PersonId, after: datetime
) -> list[Row[tuple[object, ...]]]:
    """A person's assignments to shifts that have not ended, the next first, at most 100."""
    query = (
        select(assignments, shifts)
        .join(shifts, shifts.c.shift_id == assignments.c.shift_id)
        .where(assignments.c.tenant_id == tenant_id, assignments.c.person_id == person_id)
        .where(shifts.c.ends_at > after)
        .order_by(shifts.c.starts_at, shifts.c.shift_id)
        .limit(100)
    )
    return list((await connection.execute(query)).all())
