"""Who is a member of a tenant and as what, as its admins decide."""

from application.commands import Command, command, handles
from application.unit_of_work import Work
from domain.identity.account import Account, EmailAddress
from domain.identity.membership import ADMIN, Membership, OwnAdminRole, known_roles
from domain.shared.errors import Forbidden, Invalid, NotFound, refuse
from domain.shared.ids import PLATFORM, AccountId
from domain.shared.texts import email_address

Member = tuple[Membership, Account]


@command(needs="members:write")
class AddMember(Command[Member]):
    """For who has an account, in whatever tenant."""

    email: str
    roles: tuple[str, ...]


@handles(AddMember)
async def add_member(command: AddMember, work: Work) -> Member:
    """Raises Invalid when nobody has the address, RuleBroken when it is a member's."""
    await only_an_admin_of_now(work)
    roles = known_roles(command.roles)
    address_id = EmailAddress.id_of(email_address(command.email))
    address = await work.glance(EmailAddress, address_id, PLATFORM)
    if address is None:
        raise Invalid("Nobody has this address.", {"email": "is no account's"})
    membership_id = Membership.id_of(work.tenant_id, address.account_id)
    membership = await work.find(Membership, membership_id)
    if membership is None:
        membership = work.add(
            Membership(id=membership_id, account_id=address.account_id, roles=roles)
        )
    else:
        membership.rejoin(roles)
    return membership, await _account(address.account_id, work)


@command(needs="members:write")
class ChangeMemberRoles(Command[Member]):
    account_id: AccountId
    roles: tuple[str, ...]


@handles(ChangeMemberRoles)
async def change_member_roles(command: ChangeMemberRoles, work: Work) -> Member:
    membership = await _member(command.account_id, work)
    await only_an_admin_of_now(work)
    is_own = command.account_id == work.actor.account_id
    refuse(OwnAdminRole() if is_own and ADMIN not in command.roles else None)
    membership.change_roles(command.roles)
    return membership, await _account(command.account_id, work)


@command(needs="members:write")
class RemoveMember(Command[Member]):
    account_id: AccountId


@handles(RemoveMember)
async def remove_member(command: RemoveMember, work: Work) -> Member:
    membership = await _member(command.account_id, work)
    await only_an_admin_of_now(work)
    refuse(OwnAdminRole() if command.account_id == work.actor.account_id else None)
    membership.remove()
    return membership, await _account(command.account_id, work)


async def _member(account_id: AccountId, work: Work) -> Membership:
    """Raises NotFound."""
    found = await work.find(Membership, Membership.id_of(work.tenant_id, account_id))
    if found is None:
        raise NotFound("member", account_id)
    return found


async def only_an_admin_of_now(work: Work) -> None:
    """Raises Forbidden. Looked at in the log, so that of two admins who take the role from each
    other at once only one does, and the tenant is never without.
    """
    if work.actor.is_system:
        return
    own_id = Membership.id_of(work.tenant_id, work.actor.account_id)
    own = await work.glance(Membership, own_id)
    if own is None or ADMIN not in own.roles:
        raise Forbidden("You may not do this.", needs="members:write:all")


async def _account(account_id: AccountId, work: Work) -> Account:
    """Raises NotFound."""
    account = await work.glance(Account, account_id, PLATFORM)
    if account is None:
        raise NotFound("account", account_id)
    return account
