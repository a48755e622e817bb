"""The directory of people."""

from dataclasses import dataclass

from sqlalchemy import Boolean, Column, Double, Numeric, Row, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.scheduling.person import Person, PersonKind
from domain.shared.ids import AccountId, PersonId, TenantId
from projections.paging import Page, PageRequest, page_of
from projections.read_model import ReadModel
from projections.rows import Rows

model = ReadModel("scheduling.people", version=3)

people = model.keep(
    Table(
        "people",
        model.metadata,
        Column("person_id", Uuid, primary_key=True),
        Column("tenant_id", Uuid, nullable=False, index=True),
        Column("account_id", Uuid, index=True),
        Column("name", Text, nullable=False),
        Column("email", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("roles", ARRAY(Text), nullable=False),
        Column("phone", Text),
        Column("weekly_hour_cap", Double),
        Column("rate", Numeric),
        Column("currency", Text),
        Column("active", Boolean, nullable=False),
    ),
    by=["originator_id"],
)


@model.on(Person.Added)
def person_added(event: Person.Added, rows: Rows) -> None:
    rows[people].insert(
        person_id=event.originator_id,
        account_id=event.account_id,
        name=event.name,
        email=event.email,
        kind=event.kind,
        roles=list(event.roles),
        phone=event.phone,
        weekly_hour_cap=event.weekly_hour_cap,
        rate=event.hourly_rate and event.hourly_rate.amount,
        currency=event.hourly_rate and event.hourly_rate.currency,
        active=True,
    )


@model.on(Person.Changed)
def person_changed(event: Person.Changed, rows: Rows) -> None:
    person = rows[people][event.originator_id]
    person.account_id = event.account_id
    person.name = event.name
    person.email = event.email
    person.kind = event.kind
    person.roles = list(event.roles)
    person.phone = event.phone
    person.weekly_hour_cap = event.weekly_hour_cap
    person.rate = event.hourly_rate and event.hourly_rate.amount
    person.currency = event.hourly_rate and event.hourly_rate.currency


@model.on(Person.Deactivated)
def person_deactivated(event: Person.Deactivated, rows: Rows) -> None:
    rows[people][event.originator_id].active = False


@model.on(Person.Reactivated)
def person_reactivated(event: Person.Reactivated, rows: Rows) -> None:
    rows[people][event.originator_id].active = True


@dataclass(frozen=True)
class PeopleFilter:
    """None does not filter. `search` is part of a name or an e-mail address, in any case."""

    role: str | None = None
    kind: PersonKind | None = None
    active: bool | None = None
    search: str | None = None


async def list_people(
    connection: AsyncConnection, tenant_id: TenantId, wanted: PeopleFilter, page: PageRequest
) -> Page[Row[tuple[object, ...]]]:
    query = select(people).where(people.c.tenant_id == tenant_id)
    if wanted.role is not None:
        query = query.where(people.c.roles.contains([wanted.role]))
    if wanted.kind is not None:
        query = query.where(people.c.kind == wanted.kind)
    if wanted.active is not None:
        query = query.where(people.c.active == wanted.active)
    if wanted.search is not None:
        name_or_email = people.c.name.icontains(wanted.search, autoescape=True) | (
            people.c.email.icontains(wanted.search, autoescape=True)
        )
        query = query.where(name_or_email)
    return await page_of(connection, query.order_by(people.c.name, people.c.person_id), page)


async def find_person(
    connection: AsyncConnection, tenant_id: TenantId, person_id: PersonId
) -> Row[tuple[object, ...]] | None:
    query = select(people).where(people.c.tenant_id == tenant_id, people.c.person_id == person_id)
    return (await connection.execute(query)).one_or_none()


async def person_of_account(
    connection: AsyncConnection, tenant_id: TenantId, account_id: AccountId
) -> Row[tuple[object, ...]] | None:
    """The person for whom an account acts in this tenant."""
    query = select(people).where(people.c.tenant_id == tenant_id, people.c.account_id == account_id)
    return (await connection.execute(query.order_by(people.c.person_id).limit(1))).one_or_none()


async def account_of_person(
    connection: AsyncConnection, tenant_id: TenantId, person_id: PersonId
) -> AccountId | None:
    """The account that acts for a person, if there is one."""
    query = select(people.c.account_id).where(
        people.c.tenant_id == tenant_id, people.c.person_id == person_id
    )
    found = (await connection.execute(query)).scalar_one_or_none()
    return None if found is None else AccountId(found)
