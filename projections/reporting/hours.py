"""Hours and what they cost, per person and ISO week on the wall clock of the unit.

They are the hours of whoever has accepted a place, but for shifts that were cancelled. They cost
what was so in the log when the place was accepted: the person's own rate, or else, for staff, the
role's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, Select, Table, case, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.selectable import LateralFromClause

from domain.scheduling.staffing import ShiftStatus
from domain.shared.ids import PersonId, TenantId, UnitId
from domain.shared.money import Money, total
from domain.shared.wall_clock import week_name
from projections.paging import Page, PageRequest, page_of
from projections.reporting.staffing import own_rates, people, places, role_rates, shifts, weeks


@dataclass(frozen=True)
class HoursFilter:
    """None does not filter; `first` and `last` select the whole weeks that these days are in."""

    first: date | None = None
    last: date | None = None
    person_id: PersonId | None = None
    unit_id: UnitId | None = None


@dataclass(frozen=True)
class Worked:
    """What a person has worked in a week at rates in one currency, or without any: `cost` is then
    None.
    """

    person_id: PersonId
    person: str
    week: str
    seconds: int
    cost: Money | None


async def list_hours(
    connection: AsyncConnection, tenant_id: TenantId, wanted: HoursFilter, page: PageRequest
) -> Page[Worked]:
    """By week, and in it by the person's name."""
    found = await page_of(connection, _filtered(_worked(tenant_id), wanted), page)
    return Page([_told(row) for row in found.items], found.total, page)


def _worked(tenant_id: TenantId) -> Select[*tuple[Any, ...]]:
    own = _held("own", own_rates, "person_id", places)
    of_role = _held("of_role", role_rates, "role_id", shifts)
    by_role = own.c.rate.is_(None) & own.c.is_staff
    rate = case((by_role, of_role.c.rate), else_=own.c.rate)
    currency = case((by_role, of_role.c.currency), else_=own.c.currency).label("currency")
    return (
        select(
            places.c.person_id,
            people.c.name,
            weeks.c.week,
            currency,
            func.array_agg(weeks.c.seconds).label("seconds"),
            func.array_agg(rate).label("rates"),
        )
        .select_from(weeks)
        .join(shifts, shifts.c.shift_id == weeks.c.shift_id)
        .join(places, places.c.shift_id == weeks.c.shift_id)
        .join(people, people.c.person_id == places.c.person_id)
        .outerjoin(own, true())
        .outerjoin(of_role, true())
        .where(weeks.c.tenant_id == tenant_id, shifts.c.status != ShiftStatus.CANCELLED)
        .where(places.c.accepted.is_not(None))
        .group_by(places.c.person_id, people.c.name, weeks.c.week, currency)
        .order_by(weeks.c.week, people.c.name, places.c.person_id, currency)
    )


def _held(name: str, rates: Table, key: str, whose: Table) -> LateralFromClause:
    """The rate that held when the place was accepted."""
    query = select(rates).where(rates.c[key] == whose.c[key], rates.c.since <= places.c.accepted)
    return query.order_by(rates.c.since.desc()).limit(1).lateral(name)


def _filtered(query: Select[*tuple[Any, ...]], wanted: HoursFilter) -> Select[*tuple[Any, ...]]:
    if wanted.first is not None:
        query = query.where(weeks.c.week >= week_name(wanted.first))
    if wanted.last is not None:
        query = query.where(weeks.c.week <= week_name(wanted.last))
    if wanted.person_id is not None:
        query = query.where(places.c.person_id == wanted.person_id)
    if wanted.unit_id is not None:
        query = query.where(shifts.c.unit_id == wanted.unit_id)
    return query


def _told(row: Row[tuple[Any, ...]]) -> Worked:
    cost = _cost(row.currency, row.seconds, row.rates)
    return Worked(row.person_id, row.name, row.week, sum(row.seconds), cost)


def _cost(currency: str | None, seconds: Sequence[int], rates: Sequence[Decimal]) -> Money | None:
    """Each shift to the cent, so that a sum is what its parts are."""
    if currency is None:
        return None
    parts = zip(rates, seconds, strict=True)
    return total(Money(rate, currency).for_seconds(time) for rate, time in parts)
