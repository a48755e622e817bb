"""An instance as whoever asks may see it: nodes with the state of their tasks, and the plan."""

from collections.abc import Mapping
from uuid import UUID

from domain.shared.ids import InstanceId, TaskId
from domain.work.states import BlockedBy, TaskState
from domain.workflow.critical import Schedule, schedule
from domain.workflow.graph import Graph
from domain.workflow.joins import NodeState
from interfaces.http.call import Call
from interfaces.http.eventflow.graph_schemas import GraphNodeOut, GraphOut
from interfaces.http.eventflow.instance_schemas import InstanceOut
from interfaces.http.eventflow.template_schemas import EdgeOut
from interfaces.http.listing import Row
from projections.work.reference import minutes_of_types
from projections.work.task_queries import Viewer, tasks_of_instance
from projections.workflow.drawings import graph_from


async def drawn_for(call: Call, viewer: Viewer, row: Row, hidden: int) -> GraphOut:
    """Nodes whose tasks the viewer may not view are left out, and edges to them. The plan is that
    of the whole, but to a customer of what is shown: it would tell of tasks that are still to do.
    """
    tenant_id, instance_id = call.actor.tenant_id, InstanceId(row.instance_id)
    graph = graph_from(row.nodes, row.edges)
    found = await call.ask(tasks_of_instance, tenant_id, viewer, instance_id)
    minutes = await call.ask(minutes_of_types, tenant_id)
    tasks = {
        node.id: task
        for node, task_id in zip(graph.nodes, row.tasks, strict=True)
        if (task := found.get(TaskId(UUID(task_id)))) is not None
    }
    if viewer.sees_no_todo:
        graph = _part_of(graph, {node_id for node_id, task in tasks.items() if task.shown})
    elif len(tasks) < len(graph.nodes):
        # While a read model is built anew, the tasks may be behind the workflow.
        graph = _part_of(graph, set(tasks))
    states = {node.id: _state_of(tasks[node.id]) for node in graph.nodes}
    return _drawn(InstanceOut.of_row(row, hidden), graph, tasks, schedule(graph, states, minutes))


def _part_of(graph: Graph, wanted: set[str]) -> Graph:
    nodes = tuple(node for node in graph.nodes if node.id in wanted)
    edges = (edge for edge in graph.edges if edge.parent in wanted and edge.child in wanted)
    return Graph(nodes, tuple(edges))


def _drawn(
    instance: InstanceOut, graph: Graph, tasks: Mapping[str, Row], plan: Schedule
) -> GraphOut:
    nodes = [node for node in graph.nodes if tasks[node.id].shown]
    visible = {node.id for node in nodes}
    way = [node_id for node_id in plan.critical_path if node_id in visible]
    critical = set(way)
    return GraphOut(
        instance=instance,
        nodes=[
            GraphNodeOut.of(node, tasks[node.id], plan.times[node.id], critical=node.id in critical)
            for node in nodes
        ],
        edges=_edges(graph, visible),
        remaining_minutes=plan.remaining_minutes,
        total_minutes=plan.total_minutes,
        critical_path=way,
    )


def _edges(graph: Graph, visible: set[str]) -> list[EdgeOut]:
    return [
        EdgeOut(parent=edge.parent, child=edge.child)
        for edge in graph.edges
        if edge.parent in visible and edge.child in visible
    ]


def _state_of(task: Row) -> NodeState:
    """Of a node, by its task."""
    match task.state:
        case TaskState.DONE:
            return NodeState.DONE
        case TaskState.SKIPPED:
            return NodeState.SKIPPED
        case _:
            waits = task.blocked_by == BlockedBy.WAITING
            return NodeState.WAITING if waits else NodeState.READY
