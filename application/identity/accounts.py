"""Registering accounts and giving them a place in a tenant."""

from application.commands import Command, command, handles
from application.unit_of_work import Work
from domain.identity.account import Account, EmailAddress, EmailIsTaken
from domain.identity.membership import Membership, known_roles
from domain.identity.tenant import Tenant
from domain.shared.errors import refuse
from domain.shared.ids import PLATFORM, AccountId, TenantId
from domain.shared.texts import email_address, name_of


@command(needs="tenants:write")
class FoundTenant(Command[Tenant]):
    name: str
    tenant_id: TenantId | None = None
    """Given when the founder already knows it, as for the default tenant."""


@handles(FoundTenant)
async def found_tenant(command: FoundTenant, work: Work) -> Tenant:
    """Raises Invalid when the name can't be one."""
    name = name_of("tenant", command.name)
    tenant_id = command.tenant_id or work.new_id()
    if (known := await work.glance(Tenant, tenant_id, PLATFORM)) is not None:
        return known
    return work.add(Tenant(id=tenant_id, name=name), PLATFORM)


@command(needs="accounts:write")
class RegisterAccount(Command[Account]):
    email: str
    name: str


@handles(RegisterAccount)
async def register_account(command: RegisterAccount, work: Work) -> Account:
    """Raises RuleBroken when the address is claimed, Invalid when it or the name can't be one."""
    email, name = email_address(command.email), name_of("account", command.name)
    address_id = EmailAddress.id_of(email)
    claimed = await work.glance(EmailAddress, address_id, PLATFORM)
    refuse(EmailIsTaken() if claimed else None)
    account_id = AccountId(work.new_id())
    work.add(EmailAddress(id=address_id, account_id=account_id), PLATFORM)
    account = Account(id=account_id, email=email, name=name)
    return work.add(account, PLATFORM)


@command(needs="accounts:write")
class SetMemberRoles(Command[Membership]):
    """Make an account a member of the actor's tenant, or change what it is there."""

    account_id: AccountId
    roles: tuple[str, ...]


@handles(SetMemberRoles)
async def set_member_roles(command: SetMemberRoles, work: Work) -> Membership:
    membership_id = Membership.id_of(work.tenant_id, command.account_id)
    membership = await work.find(Membership, membership_id)
    if membership is not None and membership.active:
        membership.change_roles(command.roles)
        return membership
    if membership is not None:
        membership.rejoin(command.roles)
        return membership
    roles = known_roles(command.roles)
    return work.add(Membership(id=membership_id, account_id=command.account_id, roles=roles))
