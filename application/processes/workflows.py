"""Templates of workflows, and starting an instance of one: all its tasks in one append."""

from collections.abc import Iterable, Mapping

from application.commands import Command, command, handles
from application.unit_of_work import Work
from application.work.callers import caller_of
from application.work.reference import must_know_types
from domain.shared.errors import Stale
from domain.shared.ids import AccountId, InstanceId, ScopeId, TaskId, TaskTypeId, TemplateId
from domain.work import rules
from domain.work.task import Task
from domain.workflow.graph import Edge, Graph, Node
from domain.workflow.instance import Instance
from domain.workflow.joins import NodeState
from domain.workflow.template import Template


@command(needs="templates:write")
class SaveTemplate(Command[Template]):
    """Save a drawing under a name: as the first version of a template, or its next.

    `seen` is the version that it was made of; None does not ask.
    """

    name: str
    description: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    seen: int | None = None


@handles(SaveTemplate)
async def save_template(command: SaveTemplate, work: Work) -> Template:
    """Raises Invalid, RuleBroken, which names the path of a cycle, and Stale when there is a newer
    version than the one that was seen.
    """
    graph = Graph.drawn(command.nodes, command.edges)
    await must_know_types(types_asked_by(graph.nodes), work)
    template_id = Template.id_of(work.tenant_id, command.name)
    known = await work.find(Template, template_id)
    newest = 0 if known is None else known.newest
    if command.seen is not None and command.seen != newest:
        raise Stale("The template has been changed since.", version=newest)
    if known is None:
        template = Template.draw(work.tenant_id, command.name, command.description, graph)
        return work.add(template)
    known.revise(graph, command.description)
    return known


@command(needs="templates:write")
class RetireTemplate(Command[Template]):
    """Nothing new is started from it; what runs goes on."""

    template_id: TemplateId


@handles(RetireTemplate)
async def retire_template(command: RetireTemplate, work: Work) -> Template:
    template = await work.get(Template, command.template_id)
    template.retire()
    return template


@command(needs="templates:write")
class ReopenTemplate(Command[Template]):
    template_id: TemplateId


@handles(ReopenTemplate)
async def reopen_template(command: ReopenTemplate, work: Work) -> Template:
    template = await work.get(Template, command.template_id)
    template.reopen()
    return template


@command(needs="workflows:write:own")
class StartInstance(Command[Instance]):
    """Of a version of a template, the newest when None is given."""

    template_id: TemplateId
    scope_id: ScopeId
    name: str = ""
    number: int | None = None


@handles(StartInstance)
async def start_instance(command: StartInstance, work: Work) -> Instance:
    """Raises NotFound, Forbidden, Invalid, RuleBroken."""
    caller = await caller_of(command.scope_id, work)
    rules.must_be_able_to_plan(command, caller)
    template = await work.read(Template, command.template_id)
    number = command.number or template.newest
    graph = template.graph_of(number)
    ids = {node.id: TaskId(work.new_id()) for node in graph.nodes}
    instance_id = work.new_id()
    name = command.name.strip() or template.name
    instance = Instance.start(instance_id, template, number, command.scope_id, name, ids)
    await must_know_types(types_asked_by(graph.nodes), work)
    add_tasks(instance, ids, caller.account_id, work)
    return work.add(instance)


def add_tasks(instance: Instance, added: Mapping[str, TaskId], by: AccountId, work: Work) -> None:
    """A task for each of these nodes; those without parents can be begun at once."""
    for node_id, task_id in added.items():
        node = instance.graph.node(node_id)
        work.add(
            Task.of_node(
                *(task_id, instance.scope_id, node.task_type_id, (node.title, node.description)),
                *(by, (InstanceId(instance.id), node_id)),
                waits=instance.states[node_id] is NodeState.WAITING,
            )
        )


def types_asked_by(nodes: Iterable[Node]) -> dict[str, TaskTypeId]:
    """By the fields of a drawing that ask for them."""
    return {f"nodes.{number}.taskTypeId": node.task_type_id for number, node in enumerate(nodes)}
