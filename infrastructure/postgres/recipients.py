"""Who a notice reaches: the accounts and addresses behind people and accounts."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg.sql import SQL, Identifier

from application.processes.notifications import Recipient, ToPerson
from domain.shared.ids import TenantId
from projections.identity import directory
from projections.scheduling import people

READ_MODELS = [people.model.checkpoint, directory.model.checkpoint]
"""The checkpoints of the read models that know."""

_PEOPLE = SQL("SELECT person_id, tenant_id, account_id, email FROM {} WHERE person_id = ANY(%s)")
_ACCOUNTS = SQL("SELECT account_id, email FROM {} WHERE account_id = ANY(%s)")

Connection = psycopg.AsyncConnection[Any]
Address = tuple[TenantId, Recipient]


@dataclass(frozen=True)
class Contact:
    """None is not known: a person without an account, or somebody without an address."""

    account_id: UUID | None = None
    email: str | None = None


async def contacts(connection: Connection, wanted: Collection[Address]) -> dict[Address, Contact]:
    """In one select per read model. A person is found in his or her own tenant only."""
    persons = [to.id for _, to in wanted if isinstance(to, ToPerson)]
    accounts = [to.id for _, to in wanted if not isinstance(to, ToPerson)]
    by_person = await _people(connection, persons) if persons else {}
    by_account = await _accounts(connection, accounts) if accounts else {}
    found: dict[Address, Contact] = {}
    for tenant_id, to in wanted:
        if isinstance(to, ToPerson):
            found[tenant_id, to] = by_person.get((tenant_id, to.id), Contact())
        else:
            found[tenant_id, to] = Contact(to.id, by_account.get(to.id))
    return found


async def _people(connection: Connection, ids: list[Any]) -> dict[tuple[UUID, UUID], Contact]:
    table = Identifier(people.model.schema, people.people.name)
    cursor = await connection.execute(_PEOPLE.format(table), (ids,))
    return {
        (tenant_id, person_id): Contact(account_id, email)
        for person_id, tenant_id, account_id, email in await cursor.fetchall()
    }


async def _accounts(connection: Connection, ids: list[Any]) -> dict[UUID, str]:
    table = Identifier(directory.model.schema, directory.accounts.name)
    cursor = await connection.execute(_ACCOUNTS.format(table), (ids,))
    return dict(await cursor.fetchall())
