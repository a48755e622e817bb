"""What a task that is done unlocks in the CRUD peer: set-based, and once under any concurrency."""

from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, exists, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from tests.bench.crud_tasks_tables import AuditEntry, Dependency, Task, Transition, now
from tests.bench.peer_contract import Caller

_CHILDREN = (
    select(Task.id)
    .join(Dependency, Dependency.child_id == Task.id)
    .where(Dependency.parent_id == bindparam("parent_id"), Task.blocked_by == "waiting")
    .order_by(Task.id)
    .with_for_update(of=Task)
)
_PARENT = aliased(Task)
_HAS_OPEN_PARENTS = exists(
    select(Dependency.parent_id)
    .join(_PARENT, _PARENT.id == Dependency.parent_id)
    .where(Dependency.child_id == Task.id, _PARENT.state != "done")
)
_THESE = Task.id.in_(bindparam("ids", expanding=True))
_UNLOCK = (
    update(Task.__table__)
    .where(_THESE, ~_HAS_OPEN_PARENTS)
    .values(state="todo", blocked_by=None, updated_at=bindparam("now"))
    .returning(Task.id)
)
_TRAIL = insert(Transition.__table__).from_select(
    ("task_id", "what", "from_state", "to_state", "reason", "by"),
    select(
        *(Task.id, literal("unlocked"), literal("blocked"), literal("todo"), literal("")),
        bindparam("by", type_=Uuid),
    ).where(_THESE),
)
_AUDIT = insert(AuditEntry.__table__).from_select(
    ("actor", "entity", "entity_id", "action", "after", "request_id"),
    select(
        *(bindparam("by", type_=Uuid), literal("task"), Task.id, literal("unlocked")),
        *(func.to_jsonb(Task.__table__.table_valued()), bindparam("request_id", type_=Text)),
    ).where(_THESE),
)


async def unlock_children(
    parent_id: UUID, caller: Caller, request_id: str, session: AsyncSession
) -> None:
    """The children are locked first, in the order of their ids: whoever finishes the last parent of
    one waits here for those who finished others, and then sees that they are done.
    """
    children = (await session.scalars(_CHILDREN, {"parent_id": parent_id})).all()
    if not children:
        return
    unlocked = (await session.scalars(_UNLOCK, {"ids": children, "now": now()})).all()
    if unlocked:
        told = {"ids": unlocked, "by": caller.id, "request_id": request_id}
        await session.execute(_TRAIL, {"ids": unlocked, "by": caller.id})
        await session.execute(_AUDIT, told)
