"""The catalogue of roles that shifts and people name."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from application.scheduling.roles import AddRole, ChangeRole, CloseRole, ReopenRole
from domain.shared.ids import RoleId
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.fields import Text
from interfaces.http.scheduler.common import PageOut, Paging, existing
from interfaces.http.scheduler.dialect import scheduler_router
from interfaces.http.scheduler.directory_schemas import Listed
from interfaces.http.scheduler.role_schemas import RoleChangeIn, RoleIn, RoleOut
from projections.scheduling.roles import RoleFilter, find_role, list_roles

router = scheduler_router()


@router.get("/roles", tags=["directory"], dependencies=[needs("roles:read")])
async def get_roles(
    call: Call,
    paging: Paging,
    search: Annotated[Text | None, Query(description="Part of a name or a description.")] = None,
    active: Annotated[
        Listed, Query(description="Open roles alone, unless `false` or `all` is asked for.")
    ] = Listed.TRUE,
) -> PageOut[RoleOut]:
    """Roles, by name."""
    wanted = RoleFilter(active.active, search)
    page = await call.ask(list_roles, call.actor.tenant_id, wanted, paging)
    return PageOut[RoleOut].of(page, [RoleOut.of_row(row) for row in page.items])


@router.post("/roles", status_code=201, tags=["directory"], dependencies=[needs(AddRole)])
async def add_role(body: RoleIn, call: Call) -> RoleOut:
    """Add a role, with what an hour of it costs. A name is there once, however it is spelled."""
    return await call.run(AddRole(body.name, body.description, body.rate), RoleOut.of)


@router.get("/roles/{role_id}", tags=["directory"], dependencies=[needs("roles:read")])
async def get_role(role_id: UUID, call: Call) -> RoleOut:
    """One role, open or closed."""
    row = await call.ask(find_role, call.actor.tenant_id, RoleId(role_id))
    return RoleOut.of_row(existing(row, "role", role_id))


@router.patch("/roles/{role_id}", tags=["directory"], dependencies=[needs(ChangeRole)])
async def change_role(role_id: UUID, body: RoleChangeIn, call: Call) -> RoleOut:
    """Change what is said of a role, or its rate; what was accepted before keeps the old rate.

    The name stays: shifts and people are told by it.
    """
    return await call.run(ChangeRole(RoleId(role_id), body.change()), RoleOut.of)


@router.delete("/roles/{role_id}", tags=["directory"], dependencies=[needs(CloseRole)])
async def close_role(role_id: UUID, call: Call) -> RoleOut:
    """Close a role: nothing new is given it; shifts and people that have it keep it."""
    return await call.run(CloseRole(RoleId(role_id)), RoleOut.of)


@router.post("/roles/{role_id}/reopen", tags=["directory"], dependencies=[needs(ReopenRole)])
async def reopen_role(role_id: UUID, call: Call) -> RoleOut:
    """Open a closed role again."""
    return await call.run(ReopenRole(RoleId(role_id)), RoleOut.of)
