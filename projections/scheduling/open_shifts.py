"""What is shown of shifts that have places left to those who may claim one."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, any_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.scheduling.staffing import AssignmentStatus, ShiftStatus
from domain.shared.ids import PersonId, TenantId, UnitId
from projections.paging import Page, PageRequest, page_of
from projections.scheduling.people import people
from projections.scheduling.shifts import assignments, shifts
from projections.scheduling.units import units

HOLDING = [status for status in AssignmentStatus if status.holds_a_place]


@dataclass(frozen=True)
class OpenFilter:
    """None does not filter; the times select shifts that overlap them."""

    unit_id: UnitId | None = None
    starts_before: datetime | None = None
    ends_after: datetime | None = None


async def list_open_shifts(
    connection: AsyncConnection,
    tenant_id: TenantId,
    person_id: PersonId,
    now: datetime,
    wanted: OpenFilter,
    page: PageRequest,
) -> Page[Row[tuple[object, ...]]]:
    """In order of their start: published, not over, with places left, in a role that the person
    has, and without those that he or she is on. Whether another rule is in the way is found out
    by claiming.
    """
    query = (
        select(shifts, units.c.name.label("unit"))
        .outerjoin(units, units.c.unit_id == shifts.c.unit_id)
        .where(shifts.c.tenant_id == tenant_id, shifts.c.status == ShiftStatus.PUBLISHED)
        .where(shifts.c.ends_at > now, shifts.c.taken < shifts.c.headcount)
        .where(is_in_a_role_of(person_id, tenant_id), ~is_held_by(person_id))
    )
    if wanted.unit_id is not None:
        query = query.where(shifts.c.unit_id == wanted.unit_id)
    if wanted.starts_before is not None:
        query = query.where(shifts.c.starts_at < wanted.starts_before)
    if wanted.ends_after is not None:
        query = query.where(shifts.c.ends_at > wanted.ends_after)
    return await page_of(connection, query.order_by(shifts.c.starts_at, shifts.c.shift_id), page)


def is_in_a_role_of(person_id: PersonId, tenant_id: TenantId) -> ColumnElement[bool]:
    """Whether a row's shift is."""
    return (
        select(people.c.person_id)
        .where(people.c.tenant_id == tenant_id, people.c.person_id == person_id)
        .where(shifts.c.role == any_(people.c.roles))
        .exists()
    )


def is_held_by(person_id: PersonId) -> ColumnElement[bool]:
    """Whether the person holds a place on a row's shift."""
    return (
        select(assignments.c.shift_id)
        .where(assignments.c.shift_id == shifts.c.shift_id)
        .where(assignments.c.person_id == person_id, assignments.c.status.in_(HOLDING))
        .exists()
    )
