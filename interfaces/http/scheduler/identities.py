"""Whose tokens of the external issuer speak for a member of this tenant."""

from uuid import UUID

from application.commands import Deferred
from application.identity.external import LinkIdentity, UnlinkIdentity
from domain.identity.external import NoExternalIssuer
from domain.shared.errors import NotFound, RuleBroken
from domain.shared.ids import AccountId, TenantId
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.scheduler.common import PageOut, Paging
from interfaces.http.scheduler.dialect import scheduler_router
from interfaces.http.scheduler.external_schemas import IdentityIn, IdentityOut
from projections.identity.directory import memberships_of
from projections.identity.identities import list_identities

router = scheduler_router()


@router.get(
    "/members/{account_id}/identities", tags=["members"], dependencies=[needs("members:read")]
)
async def get_identities(account_id: UUID, call: Call, paging: Paging) -> PageOut[IdentityOut]:
    """The subjects of the external issuer whose tokens act as a member here."""
    _issuer(call)
    account, tenant_id = AccountId(account_id), call.actor.tenant_id
    if await call.core.roles.find(account, tenant_id) is None:
        raise NotFound("member", account_id)
    page = await call.ask(list_identities, tenant_id, account, paging)
    return PageOut[IdentityOut].of(page, [IdentityOut.of_row(row) for row in page.items])


@router.post(
    "/members/{account_id}/identities",
    status_code=201,
    tags=["members"],
    dependencies=[needs(LinkIdentity)],
)
async def link_identity(account_id: UUID, body: IdentityIn, call: Call) -> IdentityOut:
    """Let the issuer's tokens with this subject act as a member, in this tenant alone.

    Not for who is a member of another tenant, too: that is an operator's to decide.
    """
    issuer, account = _issuer(call), AccountId(account_id)

    async def found() -> LinkIdentity:
        return LinkIdentity(account, issuer, body.subject, await _tenants_of(account, call))

    return await call.run(Deferred(LinkIdentity, found), IdentityOut.of)


@router.delete(
    "/members/{account_id}/identities/{identity_id}",
    tags=["members"],
    dependencies=[needs(UnlinkIdentity)],
)
async def unlink_identity(account_id: UUID, identity_id: UUID, call: Call) -> IdentityOut:
    """Tokens with this subject act as nobody, within a second."""
    _issuer(call)
    account = AccountId(account_id)

    async def found() -> UnlinkIdentity:
        return UnlinkIdentity(account, identity_id, await _tenants_of(account, call))

    return await call.run(Deferred(UnlinkIdentity, found), IdentityOut.of)


def _issuer(call: Call) -> str:
    """Raises RuleBroken when the settings name none."""
    if call.core.external is None:
        raise RuleBroken([NoExternalIssuer()])
    return call.core.external.issuer


async def _tenants_of(account_id: AccountId, call: Call) -> tuple[TenantId, ...]:
    members = await call.ask_newest(memberships_of, account_id)
    return tuple(member.tenant_id for member in members)
