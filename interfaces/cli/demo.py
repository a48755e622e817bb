"""The demo tenant: five accounts, two units, people and shifts. Only ever made by ``--demo``."""

from application.access import Actor
from application.identity.accounts import SetMemberRoles
from domain.identity.account import EmailAddress
from domain.identity.membership import Membership
from domain.shared.ids import PLATFORM, AccountId, TenantId
from infrastructure.bootstrap import Core, core
from infrastructure.settings import Settings
from interfaces.cli.accounts import found, nothing, register, run
from interfaces.cli.demo_week import make_week

PASSWORD = "opstream-demo"  # noqa: S105 - told to everybody
ROLES = {
    "admin@demo.test": "admin",
    "coordinator@demo.test": "coordinator",
    "staff@demo.test": "staff",
    "volunteer@demo.test": "volunteer",
    "auditor@demo.test": "auditor",
}
EMAILS = tuple(ROLES)


async def create(settings: Settings) -> None:
    """Make the demo data, or the rest of it when a start before was interrupted."""
    async with core(settings) as parts:
        tenant_id = await found(parts, "demo")
        if await _is_complete(parts, tenant_id):
            return
        others = {email: await _account(parts, tenant_id, email) for email in EMAILS[1:]}
        await make_week(parts, Actor.system(tenant_id), others)
        # That the first account is a member is the mark that all the rest is there.
        await _account(parts, tenant_id, EMAILS[0])


async def _is_complete(parts: Core, tenant_id: TenantId) -> bool:
    first = await parts.log.read(EmailAddress, EmailAddress.id_of(EMAILS[0]), PLATFORM)
    if first is None:
        return False
    membership_id = Membership.id_of(tenant_id, first.account_id)
    return await parts.log.read(Membership, membership_id, tenant_id) is not None


async def _account(parts: Core, tenant_id: TenantId, email: str) -> AccountId:
    role = ROLES[email]
    account_id = await register(parts, email, f"Demo {role}", PASSWORD)
    await run(parts, SetMemberRoles(account_id, (role,)), Actor.system(tenant_id), nothing)
    return account_id
