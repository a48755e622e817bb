"""What a task that is done unlocks in the CRUD peer: set-based, and once under any concurrency."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import exists, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from tests.bench.crud_tasks_tables import AuditEntry, Dependency, Task, Transition, now
from tests.bench.peer_contract import Caller


async def unlock_children(
    parent_id: UUID, caller: Caller, request_id: str, session: AsyncSession
) -> None:
    """The children are locked first, in the order of their ids: whoever finishes the last parent of
    one waits here for those who finished others, and then sees that they are done.
    """
    children = await session.scalars(
        select(Task.id)
        .join(Dependency, Dependency.child_id == Task.id)
        .where(Dependency.parent_id == parent_id, Task.blocked_by == "waiting")
        .order_by(Task.id)
        .with_for_update(of=Task)
    )
    if waiting := children.all():
        await _unlock(waiting, caller, request_id, session)


async def _unlock(
    waiting: Sequence[UUID], caller: Caller, request_id: str, session: AsyncSession
) -> None:
    parent = aliased(Task)
    has_open_parents = exists(
        select(Dependency.parent_id)
        .join(parent, parent.id == Dependency.parent_id)
        .where(Dependency.child_id == Task.id, parent.state != "done")
    )
    found = await session.scalars(
        update(Task)
        .where(Task.id.in_(waiting), ~has_open_parents)
        .values(state="todo", blocked_by=None, updated_at=now())
        .returning(Task.id)
        .execution_options(synchronize_session=False)
    )
    if unlocked := found.all():
        await _tell(unlocked, caller, request_id, session)


async def _tell(
    unlocked: Sequence[UUID], caller: Caller, request_id: str, session: AsyncSession
) -> None:
    trail = select(
        *(Task.id, literal("unlocked"), literal("blocked"), literal("todo")),
        *(literal(""), literal(caller.id)),
    ).where(Task.id.in_(unlocked))
    columns = ("task_id", "what", "from_state", "to_state", "reason", "by")
    await session.execute(insert(Transition).from_select(columns, trail))
    entries = select(
        *(literal(caller.id), literal("task"), Task.id, literal("unlocked")),
        *(func.to_jsonb(Task.__table__.table_valued()), literal(request_id)),
    ).where(Task.id.in_(unlocked))
    columns = ("actor", "entity", "entity_id", "action", "after", "request_id")
    await session.execute(insert(AuditEntry).from_select(columns, entries))
