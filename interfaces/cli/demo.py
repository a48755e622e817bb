"""The demo tenant: accounts, a week of shifts, and a wedding. Only ever made by ``--demo``."""

from application.access import Actor
from application.identity.accounts import SetMemberRoles
from domain.identity.account import EmailAddress
from domain.identity.membership import Membership
from domain.shared.ids import PLATFORM, AccountId, TenantId
from domain.work.profile import Profile
from infrastructure.bootstrap import Core, core
from infrastructure.settings import Settings
from interfaces.cli import demo_wedding
from interfaces.cli.accounts import found, nothing, register, run
from interfaces.cli.demo_wedding import make_wedding
from interfaces.cli.demo_week import make_week

PASSWORD = "opstream-demo"  # noqa: S105 - told to everybody
OF_THE_WEEK = {
    "admin@demo.test": "admin",
    "coordinator@demo.test": "coordinator",
    "staff@demo.test": "staff",
    "volunteer@demo.test": "volunteer",
    "auditor@demo.test": "auditor",
}
OF_THE_WEDDING = {email: role for email, (role, _) in demo_wedding.USERS.items()}
NAMES = {email: kind for email, (_, kind) in demo_wedding.USERS.items()}
ROLES = OF_THE_WEEK | OF_THE_WEDDING
EMAILS = tuple(ROLES)


async def create(settings: Settings) -> None:
    """Make the demo data, or the rest of it when a start before was interrupted."""
    async with core(settings) as parts:
        tenant_id = await found(parts, "demo")
        await _create_week(parts, tenant_id)
        await _create_wedding(parts, tenant_id)


async def _create_week(parts: Core, tenant_id: TenantId) -> None:
    """That its first account is a member is the mark that all the rest is there."""
    first, *others = OF_THE_WEEK
    if await _is_there(parts, first, tenant_id, Membership):
        return
    accounts = {email: await _account(parts, tenant_id, email) for email in others}
    await make_week(parts, Actor.system(tenant_id), accounts)
    await _account(parts, tenant_id, first)


async def _create_wedding(parts: Core, tenant_id: TenantId) -> None:
    """That its first account has a user type is the mark that all the rest is there."""
    first, *_ = OF_THE_WEDDING
    if await _is_there(parts, first, tenant_id, Profile):
        return
    accounts = {email: await _account(parts, tenant_id, email) for email in OF_THE_WEDDING}
    await make_wedding(parts, Actor.system(tenant_id), accounts)


async def _is_there(
    parts: Core, email: str, tenant_id: TenantId, what: type[Membership] | type[Profile]
) -> bool:
    """Whether the account is, or has, that in the tenant."""
    address = await parts.log.read(EmailAddress, EmailAddress.id_of(email), PLATFORM)
    if address is None:
        return False
    which = what.id_of(tenant_id, address.account_id)
    return await parts.log.read(what, which, tenant_id) is not None


async def _account(parts: Core, tenant_id: TenantId, email: str) -> AccountId:
    role = ROLES[email]
    name = f"Demo {NAMES.get(email, role)}"
    account_id = await register(parts, email, name, PASSWORD)
    await run(parts, SetMemberRoles(account_id, (role,)), Actor.system(tenant_id), nothing)
    return account_id
