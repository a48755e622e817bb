"""The catalogue of roles, listed."""

from dataclasses import dataclass

from sqlalchemy import Boolean, Column, Numeric, Row, Table, Text, Uuid, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.scheduling.role import Role
from domain.shared.ids import RoleId, TenantId
from projections.paging import Page, PageRequest, page_of
from projections.read_model import ReadModel
from projections.rows import Rows

model = ReadModel("scheduling.roles", version=1)

roles = model.keep(
    Table(
        "roles",
        model.metadata,
        Column("role_id", Uuid, primary_key=True),
        Column("tenant_id", Uuid, nullable=False, index=True),
        Column("name", Text, nullable=False),
        Column("description", Text, nullable=False),
        Column("rate", Numeric),
        Column("currency", Text),
        Column("active", Boolean, nullable=False),
    ),
    by=["originator_id"],
)


@model.on(Role.Added)
def role_added(event: Role.Added, rows: Rows) -> None:
    rows[roles].insert(
        role_id=event.originator_id,
        name=event.name,
        description=event.description,
        rate=event.hourly_rate and event.hourly_rate.amount,
        currency=event.hourly_rate and event.hourly_rate.currency,
        active=True,
    )


@model.on(Role.Changed)
def role_changed(event: Role.Changed, rows: Rows) -> None:
    role = rows[roles][event.originator_id]
    role.description = event.description
    role.rate = event.hourly_rate and event.hourly_rate.amount
    role.currency = event.hourly_rate and event.hourly_rate.currency


@model.on(Role.Closed)
def role_closed(event: Role.Closed, rows: Rows) -> None:
    rows[roles][event.originator_id].active = False


@model.on(Role.Reopened)
def role_reopened(event: Role.Reopened, rows: Rows) -> None:
    rows[roles][event.originator_id].active = True


@dataclass(frozen=True)
class RoleFilter:
    """None does not filter. `search` is part of a name or a description, in any case."""

    active: bool | None = None
    search: str | None = None


async def list_roles(
    connection: AsyncConnection, tenant_id: TenantId, wanted: RoleFilter, page: PageRequest
) -> Page[Row[tuple[object, ...]]]:
    query = select(roles).where(roles.c.tenant_id == tenant_id)
    if wanted.active is not None:
        query = query.where(roles.c.active == wanted.active)
    if wanted.search is not None:
        query = query.where(
            roles.c.name.icontains(wanted.search, autoescape=True)
            | roles.c.description.icontains(wanted.search, autoescape=True)
        )
    return await page_of(connection, query.order_by(roles.c.name, roles.c.role_id), page)


async def find_role(
    connection: AsyncConnection, tenant_id: TenantId, role_id: RoleId
) -> Row[tuple[object, ...]] | None:
    query = select(roles).where(roles.c.tenant_id == tenant_id, roles.c.role_id == role_id)
    return (await connection.execute(query)).one_or_none()
