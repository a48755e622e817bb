"""Planning tasks, and who has them. What becomes of their state concerns workflows too: see
`application.processes.tasks_of_workflows`.
"""

from dataclasses import dataclass

from application.commands import Command, command, handles
from application.unit_of_work import Work
from application.work.callers import assignee_of, caller_of
from application.work.reference import must_know_types
from domain.shared.ids import AccountId, ScopeId, TaskId, TaskTypeId
from domain.work import rules
from domain.work.caller import Caller
from domain.work.rules import Action, Explanation
from domain.work.states import FOLLOWS, TaskState
from domain.work.task import Task


@command(needs="tasks:write:own")
class PlanTask(Command[Task]):
    """A task on its own, without a workflow."""

    scope_id: ScopeId
    task_type_id: TaskTypeId
    title: str
    description: str = ""


@handles(PlanTask)
async def plan_task(command: PlanTask, work: Work) -> Task:
    caller = await caller_of(command.scope_id, work)
    task = Task.plan(
        *(work.new_id(), command.scope_id, command.task_type_id),
        *(command.title, command.description, caller.account_id),
    )
    await must_know_types({"taskTypeId": command.task_type_id}, work)
    task.must_be_plannable_by(caller)
    return work.add(task)


@command(needs="tasks:write:own")
class PickTask(Command[Task]):
    task_id: TaskId


@handles(PickTask)
async def pick_task(command: PickTask, work: Work) -> Task:
    """Of many who pick it at once one wins; the others are told who."""
    task, caller = await task_and_caller(command.task_id, work)
    task.pick(caller)
    return task


@command(needs="tasks:write:own")
class AssignTask(Command[Task]):
    """Give it to `assignee_id`; None takes it from whoever has it."""

    task_id: TaskId
    assignee_id: AccountId | None


@handles(AssignTask)
async def assign_task(command: AssignTask, work: Work) -> Task:
    task, caller = await task_and_caller(command.task_id, work)
    if command.assignee_id is None:
        task.unassign(caller)
    else:
        task.assign(await assignee_of(task, command.assignee_id, work), caller)
    return task


@command(needs="tasks:write:own")
class CorrectTask(Command[Task]):
    """Answers with the new task."""

    task_id: TaskId
    title: str
    reason: str


@handles(CorrectTask)
async def correct_task(command: CorrectTask, work: Work) -> Task:
    task, caller = await task_and_caller(command.task_id, work)
    return work.add(task.correct(work.new_id(), command.title, command.reason, caller))


@command(needs="tasks:write:own")
class DeleteTask(Command[Task]):
    task_id: TaskId
    reason: str


@handles(DeleteTask)
async def delete_task(command: DeleteTask, work: Work) -> Task:
    task, caller = await task_and_caller(command.task_id, work)
    task.delete(command.reason, caller)
    return task


@dataclass(frozen=True)
class Explained:
    """What the actor can do about a task and why not, and what anybody could make of its state,
    which is None for who may not view it.
    """

    task: Task
    explanations: tuple[Explanation, ...]
    state: TaskState | None
    next_states: tuple[TaskState, ...]


async def explained(task_id: TaskId, work: Work) -> Explained:
    """Raises NotFound."""
    task = await work.read(Task, task_id)
    caller = await caller_of(task.scope_id, work)
    explanations = rules.explain(task, caller)
    if not rules.may_view(task, caller):
        return Explained(task, explanations, None, ())
    waits = rules.the_task_is_unlocked(task, caller) is not None
    return Explained(task, explanations, task.state, () if waits else FOLLOWS[task.state])


async def viewed(task_id: TaskId, work: Work) -> Task:
    """A task that the actor may view. Raises NotFound, Forbidden."""
    task = await work.read(Task, task_id)
    rules.must_be_allowed(Action.VIEW, task, await caller_of(task.scope_id, work))
    return task


async def task_and_caller(task_id: TaskId, work: Work) -> tuple[Task, Caller]:
    """Raises NotFound."""
    task = await work.get(Task, task_id)
    return task, await caller_of(task.scope_id, work)
