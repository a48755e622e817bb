"""Units, listed."""

from dataclasses import dataclass

from sqlalchemy import Boolean, Column, Row, Table, Text, Uuid, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.scheduling.unit import Unit
from domain.shared.ids import TenantId, UnitId
from projections.paging import Page, PageRequest, page_of
from projections.read_model import ReadModel
from projections.rows import Rows

model = ReadModel("scheduling.units", version=2)

units = model.keep(
    Table(
        "units",
        model.metadata,
        Column("unit_id", Uuid, primary_key=True),
        Column("tenant_id", Uuid, nullable=False, index=True),
        Column("name", Text, nullable=False),
        Column("zone", Text, nullable=False),
        Column("active", Boolean, nullable=False),
    ),
    by=["originator_id"],
)


@model.on(Unit.Opened)
def unit_opened(event: Unit.Opened, rows: Rows) -> None:
    rows[units].insert(unit_id=event.originator_id, name=event.name, zone=event.zone, active=True)


@model.on(Unit.Changed)
def unit_changed(event: Unit.Changed, rows: Rows) -> None:
    unit = rows[units][event.originator_id]
    unit.name = event.name
    unit.zone = event.zone


@model.on(Unit.Closed)
def unit_closed(event: Unit.Closed, rows: Rows) -> None:
    rows[units][event.originator_id].active = False


@model.on(Unit.Reopened)
def unit_reopened(event: Unit.Reopened, rows: Rows) -> None:
    rows[units][event.originator_id].active = True


@dataclass(frozen=True)
class UnitFilter:
    """None does not filter. `search` is part of a name, in any case."""

    active: bool | None = None
    search: str | None = None


async def list_units(
    connection: AsyncConnection, tenant_id: TenantId, wanted: UnitFilter, page: PageRequest
) -> Page[Row[tuple[object, ...]]]:
    query = select(units).where(units.c.tenant_id == tenant_id)
    if wanted.active is not None:
        query = query.where(units.c.active == wanted.active)
    if wanted.search is not None:
        query = query.where(units.c.name.icontains(wanted.search, autoescape=True))
    return await page_of(connection, query.order_by(units.c.name, units.c.unit_id), page)


async def find_unit(
    connection: AsyncConnection, tenant_id: TenantId, unit_id: UnitId
) -> Row[tuple[object, ...]] | None:
    query = select(units).where(units.c.tenant_id == tenant_id, units.c.unit_id == unit_id)
    return (await connection.execute(query)).one_or_none()
