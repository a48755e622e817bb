"""Tasks: listed, picked, moved, assigned."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Query

from application.processes.tasks_of_workflows import MoveTask
from application.work.tasks import (
    AssignTask,
    CorrectTask,
    DeleteTask,
    PickTask,
    PlanTask,
    explained,
    viewed,
)
from domain.shared.ids import AccountId, InstanceId, OccasionId, ScopeId, TaskId, TaskTypeId
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.eventflow.common import PageOut, given
from interfaces.http.eventflow.dialect import eventflow_router
from interfaces.http.eventflow.task_schemas import (
    AssignIn,
    CorrectIn,
    ExplainOut,
    ExplanationOut,
    ReasonIn,
    State,
    TaskCountsOut,
    TaskIn,
    TaskOut,
    TrailOut,
    TransitionIn,
)
from interfaces.http.eventflow.viewing import must_be_in, viewer_of
from interfaces.http.fields import Text
from interfaces.http.listing import Paging
from projections.work.task_queries import TaskFilter, count_tasks, list_tasks, trail_of

router = eventflow_router()
READ = needs("tasks:read:own")
AnEvent = Annotated[UUID | None, Query(alias="eventId")]


@router.get("/api/tasks", tags=["tasks"], dependencies=[READ])
async def get_tasks(
    call: Call,
    paging: Paging,
    event_id: AnEvent = None,
    state: Annotated[list[State] | None, Query()] = None,
    task_type_id: Annotated[UUID | None, Query(alias="taskTypeId")] = None,
    assignee_id: Annotated[UUID | None, Query(alias="assigneeId")] = None,
    assigned: Annotated[bool | None, Query(description="Whether somebody has it.")] = None,
    instance_id: Annotated[UUID | None, Query(alias="workflowInstanceId")] = None,
    search: Annotated[Text | None, Query(description="Part of a title.")] = None,
) -> PageOut[TaskOut]:
    """The tasks of one event, or of all of the caller's, that the caller may view, in the order in
    which they were planned. To a customer none that is still to do.
    """
    viewer = await viewer_of(call)
    if event_id is not None:
        await must_be_in(call, OccasionId(event_id))
    wanted = TaskFilter(
        occasion_id=given(OccasionId, event_id),
        states=[each.state for each in state or ()],
        task_type_id=given(TaskTypeId, task_type_id),
        assignee_id=given(AccountId, assignee_id),
        is_assigned=assigned,
        instance_id=given(InstanceId, instance_id),
        search=search,
    )
    page = await call.ask(list_tasks, call.actor.tenant_id, viewer, wanted, paging)
    return PageOut[TaskOut].of(page, [TaskOut.of_row(row) for row in page.items])


@router.post("/api/tasks", tags=["tasks"], dependencies=[needs(PlanTask)])
async def plan_task(body: TaskIn, call: Call) -> TaskOut:
    """Plan a task on its own; who does so could assign it."""
    ids = ScopeId(body.event_id), TaskTypeId(body.task_type_id)
    return await call.run(PlanTask(*ids, body.title, body.description), TaskOut.of)


@router.get("/api/tasks/counts", tags=["tasks"], dependencies=[READ])
async def count_the_tasks(call: Call, event_id: AnEvent = None) -> TaskCountsOut:
    """How many tasks are in each state, of those that the caller may view."""
    viewer = await viewer_of(call)
    if event_id is not None:
        await must_be_in(call, OccasionId(event_id))
    wanted = TaskFilter(occasion_id=given(OccasionId, event_id))
    counts = await call.ask(count_tasks, call.actor.tenant_id, viewer, wanted)
    return TaskCountsOut.of(counts, without_todo=viewer.sees_no_todo)


@router.get("/api/tasks/{taskId}", tags=["tasks"], dependencies=[READ])
async def get_task(taskId: UUID, call: Call) -> TaskOut:
    """One task; what is out of the caller's scope is not there."""
    return TaskOut.of(await call.look(partial(viewed, TaskId(taskId))))


@router.post("/api/tasks/{taskId}/delete", tags=["tasks"], dependencies=[needs(DeleteTask)])
async def delete_task(taskId: UUID, body: ReasonIn, call: Call) -> TaskOut:
    """Delete a task, softly: it is not shown any more, and its trail stays."""
    return await call.run(DeleteTask(TaskId(taskId), body.reason), TaskOut.of)


@router.post("/api/tasks/{taskId}/pick", tags=["tasks"], dependencies=[needs(PickTask)])
async def pick_task(taskId: UUID, call: Call) -> TaskOut:
    """Assign a task to oneself. Of many who try at once one gets it; the others are told who."""
    return await call.run(PickTask(TaskId(taskId)), TaskOut.of)


@router.post("/api/tasks/{taskId}/transition", tags=["tasks"], dependencies=[needs(MoveTask)])
async def transition_task(taskId: UUID, body: TransitionIn, call: Call) -> TaskOut:
    """Change a task's state, with a reason. DONE unlocks, in the same step, the tasks of its
    workflow that waited for it.
    """
    command = MoveTask(TaskId(taskId), body.to_state.state, body.reason)
    return await call.run(command, TaskOut.of)


@router.post("/api/tasks/{taskId}/assign", tags=["tasks"], dependencies=[needs(AssignTask)])
async def assign_task(taskId: UUID, body: AssignIn, call: Call) -> TaskOut:
    """Give a task to a member of its event who is eligible for it, or take it from whoever has it;
    who has it may give it back.
    """
    to = None if body.assignee_id is None else AccountId(body.assignee_id)
    return await call.run(AssignTask(TaskId(taskId), to), TaskOut.of)


@router.post("/api/tasks/{taskId}/correct", tags=["tasks"], dependencies=[needs(CorrectTask)])
async def correct_task(taskId: UUID, body: CorrectIn, call: Call) -> TaskOut:
    """Plan a new task that makes good what was done; that one stays as it is."""
    return await call.run(CorrectTask(TaskId(taskId), body.title, body.reason), TaskOut.of)


@router.get("/api/tasks/{taskId}/transitions", tags=["tasks"], dependencies=[READ])
async def get_transitions(taskId: UUID, call: Call, paging: Paging) -> PageOut[TrailOut]:
    """What became of a task, with reasons, the first first; nothing of it is ever changed."""
    await call.look(partial(viewed, TaskId(taskId)))
    viewer = await viewer_of(call)
    page = await call.ask(trail_of, call.actor.tenant_id, TaskId(taskId), viewer, paging)
    hidden = viewer.sees_no_todo
    rows = [TrailOut.of_row(row, without_todo=hidden) for row in page.items]
    return PageOut[TrailOut].of(page, rows)


@router.get("/api/tasks/{taskId}/explain", tags=["tasks"], dependencies=[READ])
async def explain_task(taskId: UUID, call: Call) -> ExplainOut:
    """Why the caller can or can't view, take, move or assign the task now."""
    found = await call.look(partial(explained, TaskId(taskId)))
    return ExplainOut(
        task_id=found.task.id,
        state=None if found.state is None else State.of(found.state),
        next_states=[State.of(state) for state in found.next_states],
        actions=[ExplanationOut.of(each) for each in found.explanations],
    )
