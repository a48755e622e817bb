"""The catalogue of roles, and what may be named of it."""

from collections.abc import Iterable

from application.commands import Command, command, handles
from application.unit_of_work import Work
from domain.scheduling.role import Role, RoleChange, RoleExists
from domain.shared.errors import Invalid, refuse
from domain.shared.ids import RoleId
from domain.shared.money import Money


@command(needs="roles:write")
class AddRole(Command[Role]):
    name: str
    description: str = ""
    hourly_rate: Money | None = None


@handles(AddRole)
async def add_role(command: AddRole, work: Work) -> Role:
    """Raises Invalid, or RuleBroken when the tenant has a role of that name, closed or not."""
    role = Role.add(work.tenant_id, command.name, command.description, command.hourly_rate)
    known = await work.glance(Role, role.id)
    refuse(None if known is None else RoleExists(RoleId(known.id), known.active))
    return work.add(role)


@command(needs="roles:write")
class ChangeRole(Command[Role]):
    role_id: RoleId
    change: RoleChange


@handles(ChangeRole)
async def change_role(command: ChangeRole, work: Work) -> Role:
    role = await work.get(Role, command.role_id)
    role.change(command.change)
    return role


@command(needs="roles:write")
class CloseRole(Command[Role]):
    role_id: RoleId


@handles(CloseRole)
async def close_role(command: CloseRole, work: Work) -> Role:
    role = await work.get(Role, command.role_id)
    role.close()
    return role


@command(needs="roles:write")
class ReopenRole(Command[Role]):
    role_id: RoleId


@handles(ReopenRole)
async def reopen_role(command: ReopenRole, work: Work) -> Role:
    role = await work.get(Role, command.role_id)
    role.reopen()
    return role


async def role_for_a_shift(name: str, work: Work, held: str | None = None) -> str:
    """The role's name as the catalogue spells it; one that the shift has already is not judged.

    Raises Invalid when it is not in the catalogue, RuleBroken when it is closed.
    """
    (role,) = await _named([name], work, [] if held is None else [held], field="role")
    return role


async def is_open_role(name: str, work: Work) -> bool:
    """Whether it is in the catalogue and new shifts may name it."""
    role = await work.glance(Role, Role.id_of(work.tenant_id, name))
    return role is not None and role.active


async def roles_for_a_person(
    names: Iterable[str], work: Work, held: Iterable[str] = ()
) -> tuple[str, ...]:
    """The roles' names as the catalogue spells them; those of `held` are not judged again.

    Raises Invalid when some are not in the catalogue, RuleBroken with all that are closed.
    """
    return await _named(names, work, held, field="roles")


async def _named(
    names: Iterable[str], work: Work, held: Iterable[str], field: str
) -> tuple[str, ...]:
    kept = {Role.id_of(work.tenant_id, name): name for name in held}
    wanted = {Role.id_of(work.tenant_id, name): name for name in names}
    found = {which: await work.glance(Role, which) for which in wanted if which not in kept}
    if unknown := [wanted[which] for which, role in found.items() if role is None]:
        told = f"not in the catalogue of roles: {', '.join(unknown)}"
        raise Invalid("There is no such role.", {field: told})
    roles = {which: role for which, role in found.items() if role is not None}
    refuse(*(role.closed for role in roles.values()))
    return tuple(kept.get(which) or roles[which].name for which in wanted)
