"""Whom the tokens of an external issuer speak for, as a tenant's admins and operators decide."""

from uuid import UUID

from application.commands import Command, command, handles
from application.identity.members import only_an_admin_of_now
from application.unit_of_work import Work
from domain.identity.account import Account
from domain.identity.external import (
    ExternalIdentity,
    MemberElsewhere,
    NoExternalIssuer,
    subject_of,
)
from domain.identity.membership import Membership
from domain.shared.errors import NotFound, RuleBroken, refuse
from domain.shared.ids import PLATFORM, AccountId, TenantId


@command(needs="members:write")
class LinkIdentity(Command[ExternalIdentity]):
    """By an admin for the own tenant; by the system for every tenant of the account."""

    account_id: AccountId
    issuer: str | None
    """None when none is set."""
    subject: str
    tenants: tuple[TenantId, ...] = ()
    """All that the account belongs to, as the newest read model tells."""


@handles(LinkIdentity)
async def link_identity(command: LinkIdentity, work: Work) -> ExternalIdentity:
    """Raises NotFound when the account is no member, Invalid when the subject can't be one, and
    RuleBroken when it is another account's, or the account belongs to another tenant, too.
    """
    await _decides_alone(command.account_id, command.tenants, work)
    only_in = None if work.actor.is_system else work.tenant_id
    issuer, subject = _known(command.issuer), subject_of(command.subject)
    identity_id = ExternalIdentity.id_of(issuer, subject)
    identity = await work.find(ExternalIdentity, identity_id, PLATFORM)
    if identity is not None:
        identity.link(command.account_id, only_in)
        return identity
    identity = ExternalIdentity(
        id=identity_id,
        issuer=issuer,
        subject=subject,
        account_id=command.account_id,
        only_in=only_in,
    )
    return work.add(identity, PLATFORM)


@command(needs="members:write")
class UnlinkIdentity(Command[ExternalIdentity]):
    account_id: AccountId
    identity_id: UUID
    tenants: tuple[TenantId, ...] = ()
    """All that the account belongs to, as the newest read model tells."""


@handles(UnlinkIdentity)
async def unlink_identity(command: UnlinkIdentity, work: Work) -> ExternalIdentity:
    """Raises NotFound when the account is no member or the identity is not linked to it here, and
    RuleBroken when it counts in another tenant, too.
    """
    await _a_member(command.account_id, work)
    identity = await work.find(ExternalIdentity, command.identity_id, PLATFORM)
    if identity is None or not identity.counts_for(command.account_id, work.tenant_id):
        raise NotFound("identity", command.identity_id)
    if identity.only_in is None:
        _refuse_elsewhere(command.tenants, work)
    identity.unlink()
    return identity


async def _decides_alone(account_id: AccountId, tenants: tuple[TenantId, ...], work: Work) -> None:
    """An admin who could link his own subject to an account could act as it wherever it belongs."""
    if work.actor.is_system:
        if await work.glance(Account, account_id, PLATFORM) is None:
            raise NotFound("account", account_id)
        return
    await _a_member(account_id, work)
    _refuse_elsewhere(tenants, work)


async def _a_member(account_id: AccountId, work: Work) -> None:
    """Raises NotFound when it is none now, Forbidden when the actor is no admin now."""
    membership = await work.glance(Membership, Membership.id_of(work.tenant_id, account_id))
    if membership is None or not membership.active:
        raise NotFound("member", account_id)
    await only_an_admin_of_now(work)


def _refuse_elsewhere(tenants: tuple[TenantId, ...], work: Work) -> None:
    """Raises RuleBroken."""
    is_elsewhere = any(tenant_id != work.tenant_id for tenant_id in tenants)
    refuse(MemberElsewhere() if is_elsewhere and not work.actor.is_system else None)


def _known(issuer: str | None) -> str:
    """Raises RuleBroken."""
    if issuer is None:
        raise RuleBroken([NoExternalIssuer()])
    return issuer
