"""Where tasks and workflows meet: what is done unlocks what waited for it, in the same append.

A task knows its state, the instance of a workflow knows what waits for what. Whoever finishes a
task changes both, so that of two who finish the parents of one child at the same moment the second
decides on what the first did, and the child is unlocked exactly once.
"""

from collections.abc import Sequence

from application.commands import Command, command, handles
from application.unit_of_work import Work
from application.work.tasks import task_and_caller
from domain.shared.ids import AccountId, TaskId
from domain.work.states import TaskState
from domain.work.task import Task
from domain.workflow.instance import Effects, Instance

BRANCH = "Nothing that it waits for will be done any more."
"""The reason of a task whose branch is skipped."""


@command(needs="tasks:write:own")
class MoveTask(Command[Task]):
    task_id: TaskId
    to: TaskState
    reason: str


@handles(MoveTask)
async def move_task(command: MoveTask, work: Work) -> Task:
    task, caller = await task_and_caller(command.task_id, work)
    task.move(command.to, command.reason, caller)
    if task.state is TaskState.DONE and task.instance_id is not None:
        instance = await work.get(Instance, task.instance_id)
        node_id = instance.node_of(command.task_id)
        if node_id is not None:
            await carry_out(instance.finish(node_id), instance, caller.account_id, work)
    return task


async def carry_out(effects: Effects, instance: Instance, by: AccountId, work: Work) -> None:
    """Let the tasks know what became of their nodes."""
    for task in await _tasks(effects.unlocked, instance, work):
        task.unlock(by)
    for task in await _tasks(effects.locked, instance, work):
        task.lock(by)
    for task in await _tasks(effects.skipped, instance, work):
        task.skip(BRANCH, by)


async def _tasks(node_ids: Sequence[str], instance: Instance, work: Work) -> list[Task]:
    return [await work.get(Task, instance.tasks[node_id]) for node_id in node_ids]
