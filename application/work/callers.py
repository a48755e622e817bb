"""Who asks, as the rules of tasks see it: looked up in the log with what is decided."""

from application.unit_of_work import Work
from domain.shared.errors import NotFound
from domain.shared.ids import AccountId, ScopeId
from domain.shared.permissions import Permission
from domain.work.caller import Caller
from domain.work.occasion import Occasion
from domain.work.profile import Profile
from domain.work.task import Task
from domain.work.user_type import Powers, UserType

EVERY_TASK = Permission.parse("tasks:write:all")


async def caller_of(scope_id: ScopeId, work: Work) -> Caller:
    """The actor, about tasks that belong to `scope_id`."""
    powers = await powers_of(work.actor.account_id, work)
    is_admin = work.actor.may(EVERY_TASK)
    is_member = await is_member_of(scope_id, work.actor.account_id, work)
    return Caller(work.actor.account_id, is_admin, is_member, powers)


async def assignee_of(task: Task, account_id: AccountId, work: Work) -> Caller:
    """Whom a task is given to: must be a member of what it belongs to, whatever else it is."""
    powers = await powers_of(account_id, work)
    is_member = await is_member_of(task.scope_id, account_id, work)
    return Caller(account_id, is_admin=False, is_member=is_member, powers=powers)


async def powers_of(account_id: AccountId, work: Work) -> Powers | None:
    """None for an account without a user type."""
    profile = await work.glance(Profile, Profile.id_of(work.tenant_id, account_id))
    if profile is None:
        return None
    return (await work.read(UserType, profile.user_type_id)).powers


async def is_member_of(scope_id: ScopeId, account_id: AccountId, work: Work) -> bool:
    """Raises NotFound when there is nothing of that id that tasks belong to."""
    occasion = await work.glance(Occasion, scope_id)
    if occasion is None:
        raise NotFound("event", scope_id)
    return account_id in occasion.members
