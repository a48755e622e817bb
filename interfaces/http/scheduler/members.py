"""What accounts may do, by roles, and who has them in this tenant."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from application.identity.members import AddMember, ChangeMemberRoles, RemoveMember
from domain.identity.roles import ROLES
from domain.shared.ids import AccountId
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.fields import Text
from interfaces.http.scheduler.common import PageOut, Paging
from interfaces.http.scheduler.dialect import scheduler_router
from interfaces.http.scheduler.member_schemas import (
    AccessRole,
    AccessRoleOut,
    MemberChangeIn,
    MemberIn,
    MemberOut,
)
from projections.identity.directory import MemberFilter, list_members
from projections.paging import Page

router = scheduler_router()


@router.get("/members/roles", tags=["members"], dependencies=[needs("members:read")])
async def get_access_roles(paging: Paging) -> PageOut[AccessRoleOut]:
    """The roles of accounts, and what each may do."""
    roles = [AccessRoleOut.of(name, granted) for name, granted in ROLES.items()]
    here = roles[paging.offset : paging.offset + paging.size]
    return PageOut[AccessRoleOut].of(Page(here, len(roles), paging), here)


@router.get("/members", tags=["members"], dependencies=[needs("members:read")])
async def get_members(
    call: Call,
    paging: Paging,
    role: Annotated[AccessRole | None, Query()] = None,
    search: Annotated[
        Text | None, Query(description="Part of a name or an e-mail address.")
    ] = None,
) -> PageOut[MemberOut]:
    """Who can log in to this tenant, by name."""
    wanted = MemberFilter(role, search)
    page = await call.ask(list_members, call.actor.tenant_id, wanted, paging)
    return PageOut[MemberOut].of(page, [MemberOut.of_row(row) for row in page.items])


@router.post("/members", status_code=201, tags=["members"], dependencies=[needs(AddMember)])
async def add_member(body: MemberIn, call: Call) -> MemberOut:
    """Make an account a member of this tenant."""
    return await call.run(AddMember(body.email, body.roles), MemberOut.of)


@router.patch("/members/{account_id}", tags=["members"], dependencies=[needs(ChangeMemberRoles)])
async def change_member(account_id: UUID, body: MemberChangeIn, call: Call) -> MemberOut:
    """Give a member other roles. Tokens that are out there have them within a second."""
    return await call.run(ChangeMemberRoles(AccountId(account_id), body.roles), MemberOut.of)


@router.delete("/members/{account_id}", tags=["members"], dependencies=[needs(RemoveMember)])
async def remove_member(account_id: UUID, call: Call) -> MemberOut:
    """Take an account out of this tenant; what it did stays. Its tokens end within a second."""
    return await call.run(RemoveMember(AccountId(account_id)), MemberOut.of)
