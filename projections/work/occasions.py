"""Occasions and who is a member of which."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, DateTime, Index, Row, Select, Table, Text, Uuid, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.shared.ids import AccountId, OccasionId, TenantId
from domain.work.occasion import Occasion
from projections.paging import Page, PageRequest, page_of
from projections.read_model import ReadModel
from projections.rows import Rows

model = ReadModel("work.occasions", version=1)

occasions = model.keep(
    Table(
        "occasions",
        model.metadata,
        Column("occasion_id", Uuid, primary_key=True),
        Column("tenant_id", Uuid, nullable=False),
        Column("name", Text, nullable=False),
        Column("description", Text, nullable=False),
        Column("starts_at", DateTime(timezone=True), nullable=False),
        Column("ends_at", DateTime(timezone=True), nullable=False),
        Index("occasions_tenant_idx", "tenant_id", "starts_at", "occasion_id"),
    ),
    by=["originator_id"],
)
members = model.keep(
    Table(
        "occasion_members",
        model.metadata,
        Column("occasion_id", Uuid, primary_key=True),
        Column("account_id", Uuid, primary_key=True),
        Column("tenant_id", Uuid, nullable=False),
        Column("joined_at", DateTime(timezone=True), nullable=False),
        Index("occasion_members_account_idx", "tenant_id", "account_id", "occasion_id"),
    ),
    by=["originator_id", "account_id"],
)


@model.on(Occasion.Planned)
def occasion_planned(event: Occasion.Planned, rows: Rows) -> None:
    rows[occasions].insert(
        occasion_id=event.originator_id,
        name=event.name,
        description=event.description,
        starts_at=event.period.start,
        ends_at=event.period.end,
    )


@model.on(Occasion.Changed)
def occasion_changed(event: Occasion.Changed, rows: Rows) -> None:
    occasion = rows[occasions][event.originator_id]
    occasion.name = event.name
    occasion.description = event.description
    occasion.starts_at = event.period.start
    occasion.ends_at = event.period.end


@model.on(Occasion.MemberAdded)
def member_added(event: Occasion.MemberAdded, rows: Rows) -> None:
    rows[members].insert(
        occasion_id=event.originator_id, account_id=event.account_id, joined_at=event.timestamp
    )


@model.on(Occasion.MemberRemoved)
def member_removed(event: Occasion.MemberRemoved, rows: Rows) -> None:
    rows[members].delete((event.originator_id, event.account_id))


@dataclass(frozen=True)
class OccasionFilter:
    """None does not filter. `search` is part of a name, in any case."""

    search: str | None = None
    ends_after: datetime | None = None
    starts_before: datetime | None = None


def ids_of(tenant_id: TenantId, account_id: AccountId) -> Select[tuple[OccasionId]]:
    """The occasions that an account is a member of."""
    return select(members.c.occasion_id).where(
        members.c.tenant_id == tenant_id, members.c.account_id == account_id
    )


async def list_occasions(
    connection: AsyncConnection,
    tenant_id: TenantId,
    of_member: AccountId | None,
    wanted: OccasionFilter,
    page: PageRequest,
) -> Page[Row[tuple[object, ...]]]:
    """The earliest first; of one member, or, with None, all."""
    counted = (
        select(func.count())
        .where(members.c.occasion_id == occasions.c.occasion_id)
        .scalar_subquery()
    )
    query = select(occasions, counted.label("members")).where(occasions.c.tenant_id == tenant_id)
    if of_member is not None:
        query = query.where(occasions.c.occasion_id.in_(ids_of(tenant_id, of_member)))
    if wanted.search is not None:
        query = query.where(occasions.c.name.icontains(wanted.search, autoescape=True))
    if wanted.ends_after is not None:
        query = query.where(occasions.c.ends_at > wanted.ends_after)
    if wanted.starts_before is not None:
        query = query.where(occasions.c.starts_at < wanted.starts_before)
    ordered = query.order_by(occasions.c.starts_at, occasions.c.occasion_id)
    return await page_of(connection, ordered, page)


@dataclass(frozen=True)
class Standing:
    """Whether there is an occasion of an id, and an account is a member of it."""

    exists: bool
    is_member: bool


async def standing_of(
    connection: AsyncConnection,
    tenant_id: TenantId,
    occasion_id: OccasionId,
    account_id: AccountId,
) -> Standing:
    query = (
        select(members.c.account_id.is_not(None).label("is_member"))
        .select_from(occasions)
        .outerjoin(
            members,
            (members.c.occasion_id == occasions.c.occasion_id)
            & (members.c.account_id == account_id),
        )
        .where(occasions.c.tenant_id == tenant_id, occasions.c.occasion_id == occasion_id)
    )
    row = (await connection.execute(query)).one_or_none()
    return Standing(row is not None, row is not None and bool(row.is_member))


async def find_occasion(
    connection: AsyncConnection, tenant_id: TenantId, occasion_id: OccasionId
) -> Row[tuple[object, ...]] | None:
    counted = (
        select(func.count())
        .where(members.c.occasion_id == occasions.c.occasion_id)
        .scalar_subquery()
    )
    query = select(occasions, counted.label("members")).where(
        occasions.c.tenant_id == tenant_id, occasions.c.occasion_id == occasion_id
    )
    return (await connection.execute(query)).one_or_none()


async def list_members_of(
    connection: AsyncConnection, tenant_id: TenantId, occasion_id: OccasionId, page: PageRequest
) -> Page[Row[tuple[object, ...]]]:
    """Who joined first first."""
    query = select(members).where(
        members.c.tenant_id == tenant_id, members.c.occasion_id == occasion_id
    )
    ordered = query.order_by(members.c.joined_at, members.c.account_id)
    return await page_of(connection, ordered, page)


async def companions_of(
    connection: AsyncConnection, tenant_id: TenantId, account_id: AccountId
) -> list[AccountId]:
    """Everybody who is a member of an occasion that the account is a member of."""
    query = (
        select(members.c.account_id)
        .where(members.c.tenant_id == tenant_id)
        .where(members.c.occasion_id.in_(ids_of(tenant_id, account_id)))
        .distinct()
    )
    return [AccountId(found) for found in (await connection.execute(query)).scalars()]
