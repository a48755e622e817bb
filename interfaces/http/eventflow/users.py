"""Users: who one is, who else there is, and of which type."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from application.processes.user_types import SetUserType
from domain.shared.errors import NotFound
from domain.shared.ids import AccountId, UserTypeId
from domain.shared.permissions import Permission
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.eventflow.common import PageOut
from interfaces.http.eventflow.dialect import eventflow_router
from interfaces.http.eventflow.reference_schemas import MeOut, ProfileOut, UserOut, UserTypeIdIn
from interfaces.http.eventflow.viewing import EVERY_TASK
from interfaces.http.fields import Text
from interfaces.http.listing import Paging
from projections.identity.directory import MemberFilter, accounts_of, list_members
from projections.work.occasions import companions_of
from projections.work.reference import powers_of, user_types_of

EVERYBODY = Permission.parse("members:read:all")

router = eventflow_router()


@router.get("/api/me", tags=["users"], dependencies=[needs("tasks:read:own")])
async def get_own_user(call: Call) -> MeOut:
    """Who asks, of which user type, and what he or she may do."""
    actor = call.actor
    accounts = await call.ask(accounts_of, [actor.account_id])
    if (account := accounts.get(actor.account_id)) is None:
        raise NotFound("user", actor.account_id)
    types = await call.ask(user_types_of, actor.tenant_id, [actor.account_id])
    powers = await call.ask(powers_of, actor.tenant_id, actor.account_id)
    user = UserOut.of_rows(account, types.get(actor.account_id))
    return MeOut(
        **user.model_dump(),
        is_admin=actor.may(EVERY_TASK),
        permissions=sorted(powers.permissions) if powers else [],
        read_only=powers is not None and powers.read_only,
    )


@router.get("/api/users", tags=["users"], dependencies=[needs("reference:read")])
async def get_users(
    call: Call,
    paging: Paging,
    search: Annotated[
        Text | None, Query(description="Part of a name or an e-mail address.")
    ] = None,
) -> PageOut[UserOut]:
    """Users by name: to an admin all of the tenant, to others those with whom they share an event,
    and themselves.
    """
    actor = call.actor
    among = None
    if not actor.may(EVERYBODY):
        companions = await call.ask(companions_of, actor.tenant_id, actor.account_id)
        among = {*companions, actor.account_id}
    wanted = MemberFilter(search=search, among=among)
    page = await call.ask(list_members, actor.tenant_id, wanted, paging)
    ids = [AccountId(row.account_id) for row in page.items]
    types = await call.ask(user_types_of, actor.tenant_id, ids)
    users = [UserOut.of_rows(row, types.get(row.account_id)) for row in page.items]
    return PageOut[UserOut].of(page, users)


@router.put("/api/users/{userId}/user-type", tags=["users"], dependencies=[needs(SetUserType)])
async def set_user_type(userId: UUID, body: UserTypeIdIn, call: Call) -> ProfileOut:
    """Say of which type a member of the tenant is: it has one at a time."""
    command = SetUserType(AccountId(userId), UserTypeId(body.user_type_id))
    return await call.run(command, ProfileOut.of)
