"""Shift patterns."""

from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, Date, Index, Integer, Row, Table, Text, Time, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.scheduling.pattern import ShiftPattern, Template
from domain.shared.ids import PatternId, TenantId, UnitId
from projections.paging import Page, PageRequest, page_of
from projections.read_model import ReadModel
from projections.rows import Rows

model = ReadModel("scheduling.patterns", version=1)

patterns = model.keep(
    Table(
        "patterns",
        model.metadata,
        Column("pattern_id", Uuid, primary_key=True),
        Column("tenant_id", Uuid, nullable=False),
        Column("unit_id", Uuid, nullable=False),
        Column("role", Text, nullable=False),
        Column("start", Time, nullable=False),
        Column("end", Time, nullable=False),
        Column("rrule", Text, nullable=False),
        Column("first_day", Date, nullable=False),
        Column("last_day", Date),
        Column("headcount", Integer, nullable=False),
        Column("notes", JSONB, nullable=False),
        Column("people", JSONB, nullable=False),
        Column("weeks_ahead", Integer, nullable=False),
        Column("active", Boolean, nullable=False),
        Index("patterns_tenant_idx", "tenant_id", "first_day", "start", "pattern_id"),
    ),
    by=["originator_id"],
)


@model.on(ShiftPattern.Designed)
def pattern_designed(event: ShiftPattern.Designed, rows: Rows) -> None:
    rows[patterns].insert(
        pattern_id=event.originator_id,
        unit_id=event.unit_id,
        active=True,
        **_columns(event.template),
    )


@model.on(ShiftPattern.Changed)
def pattern_changed(event: ShiftPattern.Changed, rows: Rows) -> None:
    row = rows[patterns][event.originator_id]
    for name, value in _columns(event.template).items():
        setattr(row, name, value)


@model.on(ShiftPattern.Ended)
def pattern_ended(event: ShiftPattern.Ended, rows: Rows) -> None:
    rows[patterns][event.originator_id].active = False


def _columns(template: Template) -> dict[str, object]:
    return {**vars(template), "people": list(template.people)}


def template_of(row: Row[tuple[Any, ...]]) -> Template:
    """What a row says of the pattern's shifts, as the pattern itself says it."""
    values = {field.name: getattr(row, field.name) for field in fields(Template)}
    return Template(**values | {"people": tuple(UUID(each) for each in row.people)})


@dataclass(frozen=True)
class PatternFilter:
    """None does not filter."""

    unit_id: UnitId | None = None
    role: str | None = None
    active: bool | None = None


async def list_patterns(
    connection: AsyncConnection, tenant_id: TenantId, wanted: PatternFilter, page: PageRequest
) -> Page[Row[tuple[object, ...]]]:
    """In order of their first day and of the time of day."""
    query = select(patterns).where(patterns.c.tenant_id == tenant_id)
    if wanted.unit_id is not None:
        query = query.where(patterns.c.unit_id == wanted.unit_id)
    if wanted.role is not None:
        query = query.where(patterns.c.role == wanted.role)
    if wanted.active is not None:
        query = query.where(patterns.c.active == wanted.active)
    query = query.order_by(patterns.c.first_day, patterns.c.start, patterns.c.pattern_id)
    return await page_of(connection, query, page)


async def find_pattern(
    connection: AsyncConnection, tenant_id: TenantId, pattern_id: PatternId
) -> Row[tuple[object, ...]] | None:
    query = select(patterns).where(
        patterns.c.tenant_id == tenant_id, patterns.c.pattern_id == pattern_id
    )
    return (await connection.execute(query)).one_or_none()


async def patterns_drafted_ahead(
    connection: AsyncConnection, tenant_id: TenantId
) -> list[PatternId]:
    """Every pattern for which a job drafts ahead."""
    query = (
        select(patterns.c.pattern_id)
        .where(patterns.c.tenant_id == tenant_id, patterns.c.active, patterns.c.weeks_ahead > 0)
        .order_by(patterns.c.pattern_id)
    )
    return [PatternId(pattern_id) for pattern_id in (await connection.execute(query)).scalars()]
