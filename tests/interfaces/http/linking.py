"""Accounts, and the external identities that are linked to them."""

from uuid import uuid4

from application.access import Actor
from application.identity.accounts import FoundTenant, RegisterAccount, SetMemberRoles
from application.identity.external import LinkIdentity
from domain.shared.ids import PLATFORM, TenantId
from tests.support.issuer import ISSUER


async def a_member(api, *roles, tenant_id=None):
    """The id of a new account with these roles."""
    tenant_id = tenant_id or api.tenant_id
    command = RegisterAccount(f"{uuid4().hex}@example.test", "Newcomer")
    account_id = await api.run(command, Actor.system(PLATFORM))
    await joined(api, account_id, *roles, tenant_id=tenant_id)
    return account_id


async def joined(api, account_id, *roles, tenant_id):
    await api.run(SetMemberRoles(account_id, roles), Actor.system(tenant_id))
    api.core.members._known.clear()


async def a_tenant(api):
    tenant_id = await api.run(FoundTenant("another"), Actor.system(PLATFORM))
    return TenantId(tenant_id)


async def linked(api, account_id, subject=None):
    """A subject that an admin has linked to the account, and the link's id."""
    subject = subject or str(uuid4())
    response = await link(api, account_id, subject)
    assert response.status_code == 201, response.text
    return subject, response.json()["id"]


async def link(api, account_id, subject):
    return await api.admin.post(f"/members/{account_id}/identities", json={"subject": subject})


async def linked_by_an_operator(api, account_id):
    subject = str(uuid4())
    await api.run(LinkIdentity(account_id, ISSUER, subject), Actor.system(PLATFORM))
    return subject


async def ask(api, token, path="/me", tenant_id=None):
    headers = {} if tenant_id is None else {"X-Tenant-Id": str(tenant_id)}
    async with api.client(token) as client:
        return await client.get(path, headers=headers)
