"""Peer: tasks and workflows by FastAPI + async SQLAlchemy, with row locks.

One transaction per request: one query locks the task and finds out what the caller may, then the
rows, the trail and the audit. READ COMMITTED is enough: what a lock waited for is read anew.
"""

from uuid import UUID

from fastapi import FastAPI, HTTPException
from sqlalchemy import and_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from tests.bench import crud_unlocking, crud_workflows
from tests.bench.crud_sessions import SessionDep, pooled
from tests.bench.crud_tasks_contract import (
    FOLLOWS,
    InstanceOut,
    InstantiateIn,
    TaskOut,
    TransitionIn,
)
from tests.bench.crud_tasks_tables import (
    AuditEntry,
    Eligibility,
    Member,
    Task,
    Transition,
    User,
    UserType,
    now,
)
from tests.bench.peer_contract import Caller, CallerDep, RequestIdDep

TAKE, MOVE = "take", "move_state"
_TASK_AND_RIGHTS = (
    select(
        *(Task, User.is_admin, UserType.read_only, UserType.permissions),
        *(Member.user_id, Eligibility.task_type_id),
    )
    .select_from(Task)
    .join(User, User.id == bindparam("user_id"))
    .join(UserType, UserType.id == User.user_type_id)
    .outerjoin(Member, and_(Member.occasion_id == Task.occasion_id, Member.user_id == User.id))
    .outerjoin(
        Eligibility,
        and_(
            Eligibility.user_type_id == User.user_type_id,
            Eligibility.task_type_id == Task.task_type_id,
        ),
    )
    .where(
        Task.id == bindparam("task_id"),
        *(each.tenant_id == bindparam("tenant_id") for each in (Task, User)),
    )
    .with_for_update(of=Task)
)
"""Statements are made once: making one takes longer than Postgres takes to answer it."""


app = FastAPI(lifespan=pooled)


@app.post("/api/workflows/instantiate")
async def instantiate(
    body: InstantiateIn, caller: CallerDep, request_id: RequestIdDep, session: SessionDep
) -> InstanceOut:
    return await crud_workflows.instantiate(body, caller, request_id, session)


@app.post("/api/tasks/{task_id}/pick")
async def pick(
    task_id: UUID, caller: CallerDep, request_id: RequestIdDep, session: SessionDep
) -> TaskOut:
    task = await _locked(task_id, TAKE, caller, session)
    if task.assignee_id not in {None, caller.id}:
        raise HTTPException(400, {"rule": "taken", "assigneeId": str(task.assignee_id)})
    if task.assignee_id is None:
        task.assignee_id, task.updated_at = caller.id, now()
        answer = TaskOut.model_validate(task)
        picked = Transition(task_id=task.id, what="picked", account_id=caller.id, by=caller.id)
        session.add_all([picked, _audit_entry("picked", answer, caller, request_id)])
        await session.commit()
        return answer
    return TaskOut.model_validate(task)


@app.post("/api/tasks/{task_id}/transition")
async def transition(
    task_id: UUID,
    body: TransitionIn,
    caller: CallerDep,
    request_id: RequestIdDep,
    session: SessionDep,
) -> TaskOut:
    task = await _locked(task_id, MOVE, caller, session)
    came_from, to = task.state, body.to_state.lower()
    if to not in FOLLOWS.get(came_from, ()):
        raise HTTPException(400, f"{came_from} can't become {to}")
    task.state, task.updated_at = to, now()
    task.blocked_by = "held" if to == "blocked" else None
    moved = Transition(
        task_id=task.id,
        what="moved",
        from_state=came_from,
        to_state=to,
        reason=body.reason,
        by=caller.id,
    )
    answer = TaskOut.model_validate(task)
    session.add_all([moved, _audit_entry("moved", answer, caller, request_id)])
    if to == "done" and task.instance_id is not None:
        await session.flush()
        await crud_unlocking.unlock_children(task.id, caller, request_id, session)
    await session.commit()
    return answer


async def _locked(task_id: UUID, permission: str, caller: Caller, session: AsyncSession) -> Task:
    """The task, ours until we commit, if it is open and the caller may do this to it."""
    asked = {"task_id": task_id, "user_id": caller.id, "tenant_id": caller.tenant}
    found = await session.execute(_TASK_AND_RIGHTS, asked)
    row = found.one_or_none()
    if row is None:
        raise HTTPException(404, "no such task")
    task, is_admin, read_only, permissions, member, eligibility = row
    if not is_admin:
        if member is None or (read_only and task.state == "todo"):
            raise HTTPException(404, "no such task")
        if read_only or eligibility is None or not {"view", permission} <= set(permissions):
            raise HTTPException(403, f"may not {permission}")
    if task.state in {"done", "skipped"} or task.blocked_by == "waiting":
        raise HTTPException(400, "the task is over or waits")
    found_task: Task = task
    return found_task


def _audit_entry(action: str, task: TaskOut, caller: Caller, request_id: str) -> AuditEntry:
    return AuditEntry(
        actor=caller.id,
        entity="task",
        entity_id=task.id,
        action=action,
        after=task.model_dump(mode="json"),
        request_id=request_id,
    )
