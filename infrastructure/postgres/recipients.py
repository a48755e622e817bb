"""Who a notice reaches: the accounts, addresses and wishes behind its recipient."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import time
from typing import Any
from uuid import UUID

import psycopg
from psycopg.sql import SQL, Composed, Identifier
from sqlalchemy import Table

from application.processes.notices import (
    Recipient,
    ToCoordinator,
    ToCoordinators,
    ToPerson,
    ToRole,
)
from domain.scheduling.preferences import Preferences, QuietHours
from domain.shared.ids import PersonId, TenantId, UnitId
from projections.identity import directory
from projections.scheduling import people, preferences, units

READ_MODELS = [
    model.checkpoint for model in (people.model, preferences.model, units.model, directory.model)
]
"""The checkpoints of the read models that know."""

_PERSON = "SELECT tenant_id, person_id, account_id, name, email, phone FROM {} WHERE "
_PEOPLE = _PERSON + "person_id = ANY(%s)"
_OF_A_ROLE = _PERSON + "tenant_id = %s AND active AND %s = ANY(roles) AND person_id <> ALL(%s)"
_MEMBERS = """SELECT tenant_id, account_id, name, email, roles FROM {} JOIN {} USING (account_id)
    WHERE active AND """
_COORDINATING = _MEMBERS + "tenant_id = %s AND roles && ARRAY['coordinator', 'admin']"
_ONE_MEMBER = _MEMBERS + "tenant_id = %s AND account_id = %s"
_PREFERENCES = """SELECT tenant_id, account_id, email, sms, quiet_start, quiet_end, quiet_zone
    FROM {} WHERE account_id = ANY(%s)"""
_UNITS = "SELECT unit_id, name FROM {} WHERE tenant_id = %s AND unit_id = ANY(%s)"
_NO_DIGIT = re.compile(r"[^+\d]")

Connection = psycopg.AsyncConnection[Any]
Address = tuple[TenantId, Recipient]


@dataclass(frozen=True)
class Contact:
    """One reader. `id` is a person's or, of a coordinator, an account's; `email` and `phone` are
    empty where none is known, `account_id` is None for a person without an account.
    """

    id: UUID
    account_id: UUID | None
    person_id: UUID | None = None
    name: str = ""
    email: str = ""
    phone: str = ""
    preferences: Preferences = field(default_factory=Preferences)

    def addresses(self) -> Iterable[tuple[str, str]]:
        """Channel and address of each way in which he or she wants to be told, and can be."""
        if self.preferences.email and self.email:
            yield "email", self.email
        if self.preferences.sms and self.phone:
            yield "sms", self.phone


async def contacts(
    connection: Connection, wanted: Collection[Address]
) -> dict[Address, list[Contact]]:
    """Everybody is found in the notice's own tenant only. A person who is not known there is told
    in the application alone, should he or she ever be.
    """
    persons = [to.id for _, to in wanted if isinstance(to, ToPerson)]
    by_id = {(tenant, one.id): one for tenant, one in await _people(connection, persons)}
    found: dict[Address, list[Contact]] = {}
    for tenant_id, to in wanted:
        match to:
            case ToPerson(id=person_id):
                nobody = Contact(person_id, None, person_id)
                found[tenant_id, to] = [by_id.get((tenant_id, person_id), nobody)]
            case ToRole():
                found[tenant_id, to] = await _with_role(connection, tenant_id, to)
            case ToCoordinator(id=account_id):
                one = await _members(connection, _ONE_MEMBER, (tenant_id, account_id))
                found[tenant_id, to] = one or await _coordinators(connection, tenant_id)
            case ToCoordinators():
                found[tenant_id, to] = await _coordinators(connection, tenant_id)
    return await _with_wishes(connection, found)


async def names_of(
    connection: Connection, ids: Collection[tuple[TenantId, PersonId]]
) -> dict[tuple[TenantId, UUID], str]:
    """Of people."""
    found = await _people(connection, [person_id for _, person_id in ids])
    return {(tenant_id, contact.id): contact.name for tenant_id, contact in found}


async def units_of(
    connection: Connection, ids: Collection[tuple[TenantId, UnitId]]
) -> dict[tuple[TenantId, UUID], str]:
    """The names of units."""
    by_tenant: dict[TenantId, list[UnitId]] = defaultdict(list)
    for tenant_id, unit_id in ids:
        by_tenant[tenant_id].append(unit_id)
    names: dict[tuple[TenantId, UUID], str] = {}
    for tenant_id, unit_ids in by_tenant.items():
        cursor = await connection.execute(_of(_UNITS, units.units), (tenant_id, unit_ids))
        names |= {(tenant_id, unit_id): name for unit_id, name in await cursor.fetchall()}
    return names


async def _people(connection: Connection, ids: list[PersonId]) -> list[tuple[TenantId, Contact]]:
    if not ids:
        return []
    cursor = await connection.execute(_of(_PEOPLE, people.people), (ids,))
    return [(row[0], _person(*row)) for row in await cursor.fetchall()]


async def _with_role(connection: Connection, tenant_id: TenantId, to: ToRole) -> list[Contact]:
    values = (tenant_id, to.role, list(to.but))
    cursor = await connection.execute(_of(_OF_A_ROLE, people.people), values)
    return [_person(*row) for row in await cursor.fetchall()]


def _person(
    _tenant_id: UUID,
    person_id: UUID,
    account_id: UUID | None,
    name: str,
    email: str,
    phone: str | None,
) -> Contact:
    return Contact(person_id, account_id, person_id, name, email, _NO_DIGIT.sub("", phone or ""))


async def _coordinators(connection: Connection, tenant_id: TenantId) -> list[Contact]:
    coordinators = await _members(connection, _COORDINATING, (tenant_id,), "coordinator")
    return coordinators or await _members(connection, _COORDINATING, (tenant_id,))


async def _members(
    connection: Connection, statement: str, values: tuple[UUID, ...], role: str | None = None
) -> list[Contact]:
    cursor = await connection.execute(_of(statement, directory.members, directory.accounts), values)
    return [
        Contact(account_id, account_id, None, name, email)
        for _, account_id, name, email, roles in await cursor.fetchall()
        if role is None or role in roles
    ]


async def _with_wishes(
    connection: Connection, found: dict[Address, list[Contact]]
) -> dict[Address, list[Contact]]:
    accounts = {one.account_id for each in found.values() for one in each if one.account_id}
    if not accounts:
        return found
    cursor = await connection.execute(_of(_PREFERENCES, preferences.preferences), (list(accounts),))
    wishes = {(row[0], row[1]): _preferences(*row[2:]) for row in await cursor.fetchall()}
    return {
        (tenant_id, to): [
            replace(one, preferences=wishes.get((tenant_id, one.account_id), Preferences()))
            for one in each
        ]
        for (tenant_id, to), each in found.items()
    }


def _preferences(
    email: bool, sms: bool, start: str | None, end: str | None, zone: str | None
) -> Preferences:
    quiet = None
    if start is not None and end is not None and zone is not None:
        quiet = QuietHours(time.fromisoformat(start), time.fromisoformat(end), zone)
    return Preferences(email, sms, quiet)


def _of(statement: str, *tables: Table) -> Composed:
    """The statement, asked of these tables, wherever their read models stand now."""
    # Every statement is a constant of this file.
    named = [Identifier(str(table.schema), table.name) for table in tables]
    return SQL(statement).format(*named)
