"""What went otherwise than planned: places that were declined, warnings that were overridden."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.shared.ids import PersonId, TenantId, UnitId
from projections.paging import Page, PageRequest, page_of
from projections.reporting.staffing import What, answers, people, shifts, units


@dataclass(frozen=True)
class AnswerFilter:
    """None does not filter; `first` and `last` are the days, on the unit's wall, on which a shift
    begins.
    """

    what: What | None = None
    first: date | None = None
    last: date | None = None
    person_id: PersonId | None = None
    unit_id: UnitId | None = None


async def list_answers(
    connection: AsyncConnection, tenant_id: TenantId, wanted: AnswerFilter, page: PageRequest
) -> Page[Row[tuple[Any, ...]]]:
    """The newest first."""
    query = (
        select(
            answers,
            people.c.name.label("person"),
            units.c.name.label("unit"),
            *(shifts.c[name] for name in ("unit_id", "role", "starts_at", "zone")),
        )
        .join(shifts, shifts.c.shift_id == answers.c.shift_id)
        .join(people, people.c.person_id == answers.c.person_id)
        .join(units, units.c.unit_id == shifts.c.unit_id)
        .where(answers.c.tenant_id == tenant_id)
        .order_by(answers.c.at.desc(), answers.c.shift_id, answers.c.version.desc())
    )
    for column, value in (
        (answers.c.what, wanted.what),
        (answers.c.person_id, wanted.person_id),
        (shifts.c.unit_id, wanted.unit_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.first is not None:
        query = query.where(shifts.c.day >= wanted.first)
    if wanted.last is not None:
        query = query.where(shifts.c.day <= wanted.last)
    return await page_of(connection, query, page)
