"""Units, listed."""

from sqlalchemy import Column, Row, Table, Text, Uuid, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.scheduling.unit import Unit
from domain.shared.ids import TenantId
from projections.paging import Page, PageRequest, page_of
from projections.read_model import ReadModel
from projections.rows import Rows

model = ReadModel("scheduling.units", version=1)

units = model.keep(
    Table(
        "units",
        model.metadata,
        Column("unit_id", Uuid, primary_key=True),
        Column("tenant_id", Uuid, nullable=False, index=True),
        Column("name", Text, nullable=False),
        Column("zone", Text, nullable=False),
    ),
    by=["originator_id"],
)


@model.on(Unit.Opened)
def unit_opened(event: Unit.Opened, rows: Rows) -> None:
    rows[units].insert(unit_id=event.originator_id, name=event.name, zone=event.zone)


async def list_units(
    connection: AsyncConnection, tenant_id: TenantId, page: PageRequest
) -> Page[Row[tuple[object, ...]]]:
    query = select(units).where(units.c.tenant_id == tenant_id).order_by(units.c.name)
    return await page_of(connection, query.order_by(units.c.unit_id), page)
