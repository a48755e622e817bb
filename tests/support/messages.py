"""Notifications and deliveries as the notifier would leave them, made beside it."""

from typing import Any
from uuid import UUID, uuid4

from tests.support.api import Api

_NOTIFICATION = """INSERT INTO notifications (id, tenant_id, account_id, person_id, kind, data,
    subject, body, created_at) VALUES (%(id)s, %(tenant)s, %(account)s, %(person)s, %(kind)s,
    '{"shift_id": "s"}', 'Please answer', 'You are asked.',
    now() - %(age)s * interval '1 minute')"""
_DELIVERY = """INSERT INTO deliveries (id, position, recipient, channel, tenant_id, kind, address,
    subject, body, status, attempts, last_error, next_attempt_at, created_at) VALUES (%(id)s, 1,
    gen_random_uuid(), %(channel)s, %(tenant)s, 'shift.assigned', 'ana@example.test',
    'Please answer', 'You are asked.', %(status)s, 12, 'no answer within 10 s', now(),
    now() - %(age)s * interval '1 minute')"""


async def a_notification(
    api: Api,
    account: str | UUID | None = None,
    *,
    person: str | UUID | None = None,
    tenant: UUID | None = None,
    kind: str = "shift.assigned",
    age: int = 0,
) -> str:
    """The id of one that the account of that role, or a person, was told `age` minutes ago."""
    account_id = api.accounts[account] if isinstance(account, str) else account
    values = {"account": account_id, "person": person, "kind": kind, "age": age}
    return await _made(api, _NOTIFICATION, tenant, values)


async def a_dead_letter(
    api: Api,
    *,
    channel: str = "email",
    status: str = "dead",
    tenant: UUID | None = None,
    age: int = 0,
) -> str:
    """The id of a delivery, by default one that was given up, made `age` minutes ago."""
    values = {"channel": channel, "status": status, "age": age}
    return await _made(api, _DELIVERY, tenant, values)


async def _made(api: Api, statement: str, tenant: UUID | None, values: dict[str, Any]) -> str:
    made = {"id": uuid4(), "tenant": tenant or api.tenant_id, **values}
    async with api.core.pool.connection() as connection:
        await connection.execute(statement, made)  # type: ignore[arg-type]
    return str(made["id"])
