"""Accounts, tenants and memberships, as logging in asks for them."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Index,
    Row,
    Table,
    Text,
    Uuid,
    any_,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.identity.account import Account
from domain.identity.membership import Membership
from domain.identity.tenant import Tenant
from domain.shared.ids import AccountId, TenantId
from domain.shared.texts import normalized
from projections.paging import Page, PageRequest, page_of
from projections.read_model import ReadModel
from projections.rows import Rows

model = ReadModel("identity.directory", version=2)

accounts = model.keep(
    Table(
        "accounts",
        model.metadata,
        Column("account_id", Uuid, primary_key=True),
        Column("email", Text, nullable=False, unique=True),
        Column("name", Text, nullable=False),
    ),
    by=["originator_id"],
)
tenants = model.keep(
    Table(
        "tenants",
        model.metadata,
        Column("tenant_id", Uuid, primary_key=True),
        Column("name", Text, nullable=False),
    ),
    by=["originator_id"],
)
members = model.keep(
    Table(
        "members",
        model.metadata,
        Column("membership_id", Uuid, primary_key=True),
        Column("tenant_id", Uuid, nullable=False),
        Column("account_id", Uuid, nullable=False),
        Column("roles", ARRAY(Text), nullable=False),
        Column("active", Boolean, nullable=False),
        Column("joined_at", DateTime(timezone=True), nullable=False),
        Index("members_account_idx", "account_id", "tenant_id"),
        Index("members_tenant_idx", "tenant_id"),
    ),
    by=["originator_id"],
)


_IDS = ARRAY(Uuid)


@model.on(Account.Registered)
def account_registered(event: Account.Registered, rows: Rows) -> None:
    rows[accounts].insert(account_id=event.originator_id, email=event.email, name=event.name)


@model.on(Tenant.Founded)
def tenant_founded(event: Tenant.Founded, rows: Rows) -> None:
    rows[tenants].insert(tenant_id=event.originator_id, name=event.name)


@model.on(Membership.Joined)
def member_joined(event: Membership.Joined, rows: Rows) -> None:
    rows[members].insert(
        membership_id=event.originator_id,
        account_id=event.account_id,
        roles=list(event.roles),
        active=True,
        joined_at=event.timestamp,
    )


@model.on(Membership.Rejoined)
def member_rejoined(event: Membership.Rejoined, rows: Rows) -> None:
    member = rows[members][event.originator_id]
    member.roles = list(event.roles)
    member.active = True


@model.on(Membership.Removed)
def member_removed(event: Membership.Removed, rows: Rows) -> None:
    member = rows[members][event.originator_id]
    member.roles = []
    member.active = False


@model.on(Membership.RolesChanged)
def roles_changed(event: Membership.RolesChanged, rows: Rows) -> None:
    rows[members][event.originator_id].roles = list(event.roles)


@dataclass(frozen=True)
class Member:
    """An account in one tenant."""

    account_id: AccountId
    email: str
    name: str
    tenant_id: TenantId
    tenant: str
    roles: tuple[str, ...]


async def account_id_of(connection: AsyncConnection, email: str) -> AccountId | None:
    query = select(accounts.c.account_id).where(accounts.c.email == normalized(email))
    found: UUID | None = (await connection.execute(query)).scalar_one_or_none()
    return None if found is None else AccountId(found)


async def memberships_of(connection: AsyncConnection, account_id: AccountId) -> list[Member]:
    """Every tenant that the account belongs to, the one it joined first first."""
    query = (
        select(accounts, tenants, members.c.roles)
        .join(members, members.c.account_id == accounts.c.account_id)
        .join(tenants, tenants.c.tenant_id == members.c.tenant_id)
        .where(accounts.c.account_id == account_id, members.c.active)
        .order_by(members.c.joined_at, members.c.membership_id)
    )
    return [
        Member(row.account_id, row.email, row[2], row.tenant_id, row[4], tuple(row.roles))
        for row in await connection.execute(query)
    ]


@dataclass(frozen=True)
class MemberFilter:
    """None does not filter. `search` is part of a name or an e-mail address, in any case."""

    role: str | None = None
    search: str | None = None
    among: Collection[AccountId] | None = None


async def list_members(
    connection: AsyncConnection, tenant_id: TenantId, wanted: MemberFilter, page: PageRequest
) -> Page[Row[tuple[object, ...]]]:
    """The members of a tenant as it is now, by name."""
    query = (
        select(accounts, members.c.roles)
        .join(members, members.c.account_id == accounts.c.account_id)
        .where(members.c.tenant_id == tenant_id, members.c.active)
    )
    if wanted.role is not None:
        query = query.where(members.c.roles.contains([wanted.role]))
    if wanted.among is not None:
        # One parameter, however many there are.
        query = query.where(accounts.c.account_id == any_(literal(sorted(wanted.among), _IDS)))
    if wanted.search is not None:
        query = query.where(
            accounts.c.name.icontains(wanted.search, autoescape=True)
            | accounts.c.email.icontains(wanted.search, autoescape=True)
        )
    return await page_of(connection, query.order_by(accounts.c.name, accounts.c.account_id), page)


async def accounts_of(
    connection: AsyncConnection, account_ids: Collection[AccountId]
) -> dict[AccountId, Row[tuple[object, ...]]]:
    """Those of these ids that there are."""
    query = select(accounts).where(
        accounts.c.account_id == any_(literal(sorted(account_ids), _IDS))
    )
    return {AccountId(row.account_id): row for row in await connection.execute(query)}


async def tenant_ids(connection: AsyncConnection) -> list[TenantId]:
    """Of all tenants."""
    query = select(tenants.c.tenant_id).order_by(tenants.c.tenant_id)
    return [TenantId(tenant_id) for tenant_id in (await connection.execute(query)).scalars()]
