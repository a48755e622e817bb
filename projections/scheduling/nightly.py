"""Whom and what a night's digest may be about, as the read models tell it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.scheduling.staffing import ShiftStatus
from domain.shared.ids import PersonId, ShiftId, TenantId
from projections.scheduling.people import people
from projections.scheduling.shifts import shifts


async def people_with_a_cap(
    connection: AsyncConnection, tenant_id: TenantId, after: PersonId | None, limit: int
) -> Sequence[PersonId]:
    """Those who are in service, in order of their ids; the next after one of them."""
    query = select(people.c.person_id).where(
        people.c.tenant_id == tenant_id,
        people.c.active,
        people.c.weekly_hour_cap.is_not(None),
    )
    if after is not None:
        query = query.where(people.c.person_id > after)
    found = await connection.execute(query.order_by(people.c.person_id).limit(limit))
    return [PersonId(person_id) for person_id in found.scalars()]


async def shifts_with_open_places(
    connection: AsyncConnection,
    tenant_id: TenantId,
    start: datetime,
    end: datetime,
    limit: int,
) -> Sequence[ShiftId]:
    """Published shifts that begin from `start` up to but not at `end`, the next first."""
    query = (
        select(shifts.c.shift_id)
        .where(shifts.c.tenant_id == tenant_id, shifts.c.status == ShiftStatus.PUBLISHED)
        .where(shifts.c.starts_at >= start, shifts.c.starts_at < end)
        .where(shifts.c.taken < shifts.c.headcount)
        .order_by(shifts.c.starts_at, shifts.c.shift_id)
        .limit(limit)
    )
    return [ShiftId(shift_id) for shift_id in (await connection.execute(query)).scalars()]
