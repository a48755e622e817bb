"""Logging in, and who one is."""

from application.access import Actor
from domain.shared.errors import Unauthenticated
from infrastructure.bootstrap import now
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.scheduler.assignment_schemas import UpcomingOut
from interfaces.http.scheduler.common import Row
from interfaces.http.scheduler.dialect import scheduler_router
from interfaces.http.scheduler.identity_schemas import LoginIn, LoginOut, MeOut, TenantOut
from projections.identity.directory import Member, account_id_of
from projections.scheduling.people import person_of_account
from projections.scheduling.shift_queries import upcoming_of

router = scheduler_router()


@router.post("/auth/login", tags=["identity"])
async def log_in(body: LoginIn, call: Call) -> LoginOut:
    """Exchange an e-mail address and a password for an access token of 15 minutes.

    The token is for the tenant that the account joined first; ``X-Tenant-Id`` asks for another.
    """
    address = call.client.host if call.client else "unknown"
    # Whatever becomes of this attempt, its answer tells how many are left.
    allowance = await call.core.attempts.count(body.email, address)
    call.answer_headers.update(allowance.headers())
    account_id = await call.ask(account_id_of, body.email)
    fits = await call.core.passwords.fits(account_id, body.password)
    members = await call.core.members.of(account_id) if fits and account_id is not None else []
    if not members:
        raise Unauthenticated("The e-mail address or the password is wrong.")
    token = call.core.tokens.issue(_acting(members[0]))
    return LoginOut(access_token=token.text, expires_in=token.expires_in)


@router.get("/me", tags=["identity"], dependencies=[needs("profile:read:own")])
async def get_me(call: Call) -> MeOut:
    """The account, what it may do here, and the shifts that wait for its person."""
    actor = call.actor
    member = _membership(await call.core.members.of(actor.account_id), actor)
    person: Row = await call.ask(person_of_account, actor.tenant_id, actor.account_id)
    upcoming = (
        await call.ask(upcoming_of, actor.tenant_id, person.person_id, now()) if person else []
    )
    return MeOut(
        id=actor.account_id,
        email=member.email,
        name=member.name,
        tenant=TenantOut(id=member.tenant_id, name=member.tenant),
        roles=list(actor.roles),
        permissions=sorted(str(permission) for permission in actor.granted),
        person_id=person.person_id if person else None,
        assignments=[UpcomingOut.of_row(row) for row in upcoming],
    )


def _acting(member: Member) -> Actor:
    return Actor.with_roles(member.account_id, member.tenant_id, member.roles)


def _membership(members: list[Member], actor: Actor) -> Member:
    """Raises Unauthenticated when the account has left since the token was made."""
    for member in members:
        if member.tenant_id == actor.tenant_id:
            return member
    raise Unauthenticated("The account is not a member of this tenant any more.")
