"""How well units are staffed: of the places on shifts that were published, how many are accepted.

Drafts ask for nobody yet, and what was cancelled for nobody any more.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.scheduling.staffing import ShiftStatus
from domain.shared.ids import TenantId, UnitId
from projections.paging import Page, PageRequest, page_of
from projections.reporting.staffing import places, shifts, units


@dataclass(frozen=True)
class FillFilter:
    """None does not filter; `first` and `last` are the days, on the unit's wall, on which a shift
    begins.
    """

    first: date | None = None
    last: date | None = None
    unit_id: UnitId | None = None


async def list_fill(
    connection: AsyncConnection, tenant_id: TenantId, wanted: FillFilter, page: PageRequest
) -> Page[Row[tuple[Any, ...]]]:
    """By the unit's name: of how many shifts and `places` how many are `accepted` or `pending`."""
    held = _held()
    query = (
        select(
            shifts.c.unit_id,
            units.c.name,
            func.count().label("shifts"),
            func.sum(shifts.c.headcount).label("places"),
            func.coalesce(func.sum(held.c.accepted), 0).label("accepted"),
            func.coalesce(func.sum(held.c.pending), 0).label("pending"),
        )
        .join(units, units.c.unit_id == shifts.c.unit_id)
        .outerjoin(held, held.c.shift_id == shifts.c.shift_id)
        .where(shifts.c.tenant_id == tenant_id)
        .where(shifts.c.status.in_([ShiftStatus.PUBLISHED, ShiftStatus.COMPLETED]))
        .group_by(shifts.c.unit_id, units.c.name)
        .order_by(units.c.name, shifts.c.unit_id)
    )
    return await page_of(connection, _filtered(query, wanted), page)


def _held() -> Any:
    """How many places of each shift are accepted, and how many wait for an answer."""
    return (
        select(
            places.c.shift_id,
            func.count(places.c.accepted).label("accepted"),
            func.count().filter(places.c.accepted.is_(None)).label("pending"),
        )
        .group_by(places.c.shift_id)
        .subquery("held")
    )


def _filtered(query: Select[*tuple[Any, ...]], wanted: FillFilter) -> Select[*tuple[Any, ...]]:
    if wanted.first is not None:
        query = query.where(shifts.c.day >= wanted.first)
    if wanted.last is not None:
        query = query.where(shifts.c.day <= wanted.last)
    if wanted.unit_id is not None:
        query = query.where(shifts.c.unit_id == wanted.unit_id)
    return query
