"""Who asks for a list, and whether what it is about is his or hers to see."""

from domain.shared.errors import Forbidden, NotFound
from domain.shared.ids import OccasionId
from domain.shared.permissions import Permission
from domain.work.refusals import HasNoUserType, LacksPermission, OutOfScope
from domain.work.user_type import TaskPermission
from interfaces.http.call import Call
from projections.work.occasions import standing_of
from projections.work.reference import powers_of
from projections.work.task_queries import Viewer

EVERY_TASK = Permission.parse("tasks:read:all")
EVERY_OCCASION = Permission.parse("occasions:read:all")


async def viewer_of(call: Call) -> Viewer:
    """Raises Forbidden when the account may view no task at all."""
    actor = call.actor
    powers = await call.ask(powers_of, actor.tenant_id, actor.account_id)
    viewer = Viewer(actor.account_id, actor.may(EVERY_TASK), powers)
    if not viewer.may_view:
        refusal = (
            HasNoUserType()
            if powers is None
            else LacksPermission(powers.user_type, TaskPermission.VIEW)
        )
        raise Forbidden(refusal.message, broken=[refusal.as_data()])
    return viewer


async def must_be_in(call: Call, occasion_id: OccasionId) -> None:
    """Raises NotFound when there is no such event, Forbidden when the caller is no member of it."""
    actor = call.actor
    standing = await call.ask(standing_of, actor.tenant_id, occasion_id, actor.account_id)
    if not standing.exists:
        raise NotFound("event", occasion_id)
    if not standing.is_member and not actor.may(EVERY_OCCASION):
        refusal = OutOfScope(occasion_id)  # type: ignore[arg-type]  # an occasion is a scope
        raise Forbidden("The event is not one of yours.", broken=[refusal.as_data()])
