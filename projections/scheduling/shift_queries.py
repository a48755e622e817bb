"""What is asked of shifts and assignments."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.scheduling.staffing import ShiftStatus
from domain.shared.ids import AssignmentId, PersonId, ShiftId, TenantId, UnitId
from domain.shared.wall_clock import monday_of, wall_day
from projections.paging import Page, PageRequest, page_query, total_of
from projections.scheduling.shifts import assignments, shifts

MOST_OF_A_WEEK = 10_000

_WITH_PEOPLE = select(
    shifts,
    assignments.c.assignment_id,
    assignments.c.person_id,
    assignments.c.status.label("answer"),
    assignments.c.warnings,
).outerjoin_from(shifts, assignments, assignments.c.shift_id == shifts.c.shift_id)


@dataclass(frozen=True)
class ShiftFilter:
    """None does not filter; the times select shifts that overlap them. Discarded drafts are shown
    only to who asks for that status.
    """

    unit_id: UnitId | None = None
    status: ShiftStatus | None = None
    role: str | None = None
    person_id: PersonId | None = None
    starts_before: datetime | None = None
    ends_after: datetime | None = None


@dataclass(frozen=True)
class WeekFilter:
    """The week that begins on that Monday. None does not filter."""

    monday: date
    statuses: Collection[ShiftStatus]
    unit_id: UnitId | None = None


@dataclass(frozen=True)
class ShiftWithAssignments:
    shift: Row[tuple[object, ...]]
    assignments: Sequence[Row[tuple[object, ...]]]


async def list_shifts(
    connection: AsyncConnection, tenant_id: TenantId, wanted: ShiftFilter, page: PageRequest
) -> Page[ShiftWithAssignments]:
    """In order of their start. One statement: a shift's `taken` fits its assignments. Only ids are
    sorted and counted, and whole rows read for those on the page.
    """
    query = select(shifts.c.shift_id).where(shifts.c.tenant_id == tenant_id)
    if wanted.unit_id is not None:
        query = query.where(shifts.c.unit_id == wanted.unit_id)
    if wanted.status is not None:
        query = query.where(shifts.c.status == wanted.status)
    else:
        query = query.where(shifts.c.status != ShiftStatus.DISCARDED)
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
        _WITH_PEOPLE.add_columns(shown.c.in_all)
        .join(shown, shown.c.shift_id == shifts.c.shift_id)
        .order_by(shifts.c.starts_at, shifts.c.shift_id)
    )
    rows = (await connection.execute(with_people)).all()
    return Page(_with_assignments(rows), await total_of(rows, connection, query, page), page)


def _with_assignments(rows: Iterable[Row[*tuple[Any, ...]]]) -> list[ShiftWithAssignments]:
    """Of rows in the order of their shifts, one for each assignment or one without any."""
    found = []
    for _, of_one in groupby(rows, key=attrgetter("shift_id")):
        held = list(of_one)
        found.append(ShiftWithAssignments(held[0], [row for row in held if row.person_id]))
    return found


async def find_shift(
    connection: AsyncConnection, tenant_id: TenantId, shift_id: ShiftId
) -> ShiftWithAssignments | None:
    query = _WITH_PEOPLE.where(shifts.c.tenant_id == tenant_id, shifts.c.shift_id == shift_id)
    found = _with_assignments((await connection.execute(query)).all())
    return found[0] if found else None


async def shifts_of_week(
    connection: AsyncConnection, tenant_id: TenantId, wanted: WeekFilter
) -> list[ShiftId]:
    """Those that start in it by the wall clock they were drafted by, in order of their start.

    Of `MOST_OF_A_WEEK` and more around it just so many: more than whoever asks can use.
    """
    # By UTC, the week on somebody's wall may begin or end a day beside it.
    first = datetime.combine(wanted.monday - timedelta(days=1), time(), UTC)
    query = (
        select(shifts.c.shift_id, shifts.c.starts_at, shifts.c.zone)
        .where(shifts.c.tenant_id == tenant_id, shifts.c.status.in_(wanted.statuses))
        .where(shifts.c.starts_at >= first, shifts.c.starts_at < first + timedelta(days=9))
        .order_by(shifts.c.starts_at, shifts.c.shift_id)
        .limit(MOST_OF_A_WEEK)
    )
    if wanted.unit_id is not None:
        query = query.where(shifts.c.unit_id == wanted.unit_id)
    rows = (await connection.execute(query)).all()
    if len(rows) < MOST_OF_A_WEEK:
        rows = [r for r in rows if monday_of(wall_day(r.starts_at, r.zone)) == wanted.monday]
    return [ShiftId(row.shift_id) for row in rows]


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
        select(assignments, shifts, shifts.c.status.label("shift_status"))
        .join(shifts, shifts.c.shift_id == assignments.c.shift_id)
        .where(assignments.c.tenant_id == tenant_id, assignments.c.person_id == person_id)
        .where(shifts.c.ends_at > after)
        .order_by(shifts.c.starts_at, shifts.c.shift_id)
        .limit(100)
    )
    return list((await connection.execute(query)).all())
