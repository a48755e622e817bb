"""Changing one instance of a workflow while it runs: each change with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass

from application.commands import Command, command, handles
from application.processes.tasks_of_workflows import carry_out
from application.processes.workflows import add_tasks, types_asked_by
from application.unit_of_work import Work
from application.work.callers import caller_of
from application.work.reference import must_know_types
from domain.shared.errors import NotFound
from domain.shared.ids import InstanceId, TaskId
from domain.work import rules
from domain.work.caller import Caller
from domain.work.states import BlockedBy, TaskState
from domain.work.task import Task
from domain.workflow.graph import Graph, Node
from domain.workflow.instance import Instance
from domain.workflow.migration import Migration, plan
from domain.workflow.template import Template


@command(needs="workflows:write:own")
class AddNode(Command[Instance]):
    instance_id: InstanceId
    node: Node
    parents: tuple[str, ...]
    children: tuple[str, ...]
    reason: str


@handles(AddNode)
async def add_node(command: AddNode, work: Work) -> Instance:
    """Raises NotFound, Forbidden, Invalid, RuleBroken."""
    instance, caller = await _own(command.instance_id, work)
    await must_know_types({"node.taskTypeId": command.node.task_type_id}, work)
    task_id, by = TaskId(work.new_id()), caller.account_id
    instance.add(command.node, command.parents, command.children, task_id, command.reason, by)
    add_tasks(instance, {command.node.id: task_id}, by, work)
    return instance


@command(needs="workflows:write:own")
class SkipNode(Command[Instance]):
    instance_id: InstanceId
    node_id: str
    reason: str


@handles(SkipNode)
async def skip_node(command: SkipNode, work: Work) -> Instance:
    """Raises NotFound, Forbidden, Invalid, RuleBroken."""
    instance, caller = await _own(command.instance_id, work)
    effects = instance.skip(command.node_id, command.reason, caller.account_id)
    task = await work.get(Task, instance.tasks[command.node_id])
    task.skip(command.reason.strip(), caller.account_id)
    await carry_out(effects, instance, caller.account_id, work)
    return instance


@command(needs="workflows:write:own")
class ReplaceNode(Command[Instance]):
    """Another task takes the node's place; the one that was there is skipped."""

    instance_id: InstanceId
    node: Node
    reason: str


@handles(ReplaceNode)
async def replace_node(command: ReplaceNode, work: Work) -> Instance:
    """Raises NotFound, Forbidden, Invalid, RuleBroken."""
    instance, caller = await _own(command.instance_id, work)
    await must_know_types({"taskTypeId": command.node.task_type_id}, work)
    replaced = instance.tasks.get(command.node.id)
    task_id, by = TaskId(work.new_id()), caller.account_id
    instance.replace(command.node, task_id, command.reason, by)
    if replaced is not None:
        (await work.get(Task, replaced)).skip(command.reason.strip(), by)
    add_tasks(instance, {command.node.id: task_id}, by, work)
    return instance


@command(needs="workflows:write:own")
class MigrateInstance(Command[Instance]):
    """Go on with another version of the template, the newest when None is given. `mapping` says
    which node of that version an old node is; None drops it.
    """

    instance_id: InstanceId
    mapping: Mapping[str, str | None]
    reason: str
    number: int | None = None


@handles(MigrateInstance)
async def migrate_instance(command: MigrateInstance, work: Work) -> Instance:
    """Raises NotFound, Forbidden, Invalid, and RuleBroken with everything that is in the way."""
    planned = await planned_migration(command.instance_id, command.mapping, command.number, work)
    instance, by = planned.instance, planned.caller.account_id
    await must_know_types(types_asked_by(map(planned.graph.node, planned.migration.added)), work)
    before = dict(instance.tasks)
    ids = {node_id: TaskId(work.new_id()) for node_id in planned.migration.added}
    effects = instance.migrate(planned.migration, planned.graph, ids, command.reason, by)
    for node_id in planned.migration.dropped:
        (await work.get(Task, before[node_id])).skip(command.reason.strip(), by)
    add_tasks(instance, ids, by, work)
    await carry_out(effects, instance, by, work)
    return instance


@dataclass(frozen=True)
class Planned:
    instance: Instance
    caller: Caller
    graph: Graph
    migration: Migration


async def planned_migration(
    instance_id: InstanceId, mapping: Mapping[str, str | None], number: int | None, work: Work
) -> Planned:
    """What migrating would do, and what is in its way; nothing is changed. Raises NotFound,
    Forbidden.
    """
    instance, caller = await _own(instance_id, work)
    template = await work.read(Template, instance.template_id)
    wanted = number or template.newest
    graph = template.graph_of(wanted)
    begun = await _begun(instance, work)
    return Planned(instance, caller, graph, plan(instance, graph, wanted, mapping, begun))


async def _begun(instance: Instance, work: Work) -> frozenset[str]:
    """The nodes on whose tasks somebody has begun."""
    tasks = {node_id: await work.read(Task, task_id) for node_id, task_id in instance.tasks.items()}
    return frozenset(node_id for node_id, task in tasks.items() if _is_begun(task))


def _is_begun(task: Task) -> bool:
    return task.state is TaskState.IN_PROGRESS or task.blocked_by is BlockedBy.HELD


async def _own(instance_id: InstanceId, work: Work) -> tuple[Instance, Caller]:
    """An instance that the actor may change, whoever could assign its tasks. Raises NotFound,
    Forbidden.
    """
    instance = await work.get(Instance, instance_id)
    caller = await caller_of(instance.scope_id, work)
    if rules.the_caller_has_it_in_scope(instance, caller):
        raise NotFound("instance", instance_id)
    rules.must_be_able_to_plan(instance, caller)
    return instance, caller
