"""Instance: a workflow that runs. It knows what waits for what; each node has one task.

A node may be begun if and only if its join is satisfied by its parents; what is done or skipped is
final. Source: the EventFlow document, "Dependency Unlocking".
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias
from uuid import UUID

from domain.shared.aggregate import Aggregate, event
from domain.shared.errors import NotFound, refuse
from domain.shared.ids import AccountId, ScopeId, TaskId, TemplateId
from domain.shared.texts import name_of, text_of
from domain.workflow import instance_events
from domain.workflow.graph import Edge, Graph, Node
from domain.workflow.joins import NodeState, Verdict
from domain.workflow.migration import Migration
from domain.workflow.refusals import (
    NodeIsOver,
    NodeIsUnlocked,
    NodeStillWaits,
    NothingWouldComeOfIt,
)
from domain.workflow.settling import Effects, settled, verdict_on
from domain.workflow.template import Template

__all__ = ["Effects", "Instance"]


class Instance(Aggregate):
    TOPIC = "workflow.Instance"

    Started: TypeAlias = instance_events.Started
    NodeFinished: TypeAlias = instance_events.NodeFinished
    NodeSkipped: TypeAlias = instance_events.NodeSkipped
    NodesSettled: TypeAlias = instance_events.NodesSettled
    NodeAdded: TypeAlias = instance_events.NodeAdded
    NodeReplaced: TypeAlias = instance_events.NodeReplaced
    Migrated: TypeAlias = instance_events.Migrated

    @event(Started)
    def __init__(
        self,
        id: UUID,  # noqa: ARG002
        template_id: TemplateId,
        number: int,
        scope_id: ScopeId,
        name: str,
        nodes: tuple[Node, ...],
        edges: tuple[Edge, ...],
        tasks: tuple[TaskId, ...],
    ) -> None:
        self.template_id = template_id
        self.number = number
        """The version of the template that it runs by."""
        self.scope_id = scope_id
        self.name = name
        self.graph = Graph(nodes, edges)
        self.tasks = {node.id: task for node, task in zip(nodes, tasks, strict=True)}
        """The task that stands for each node now."""
        waits, ready = NodeState.WAITING, NodeState.READY
        parents = self.graph.parents
        self.states = {node.id: waits if parents[node.id] else ready for node in nodes}

    @classmethod
    def start(
        cls,
        id: UUID,
        template: Template,
        number: int,
        scope_id: ScopeId,
        name: str,
        tasks: Mapping[str, TaskId],
    ) -> "Instance":
        """With a task for every node. Raises NotFound, Invalid, RuleBroken."""
        template.must_be_active()
        graph = template.graph_of(number)
        return cls(
            *(id, TemplateId(template.id), number, scope_id, name_of("workflow", name)),
            *(graph.nodes, graph.edges, tuple(tasks[node.id] for node in graph.nodes)),
        )

    @property
    def is_over(self) -> bool:
        return all(state.is_over for state in self.states.values())

    def node_of(self, task_id: TaskId) -> str | None:
        """The node for which a task stands now; None for one that was replaced or dropped."""
        found = (node_id for node_id, task in self.tasks.items() if task == task_id)
        return next(found, None)

    def finish(self, node_id: str) -> Effects:
        """Its task is done: unlock what waited for it. Of what is done already, nothing follows.
        Raises NotFound, RuleBroken.
        """
        state = self._state_of(node_id)
        if state is NodeState.DONE:
            return Effects()
        refuse(
            NodeStillWaits(node_id) if state is NodeState.WAITING else None,
            NodeIsOver(node_id, state) if state is NodeState.SKIPPED else None,
        )
        self._node_finished(node_id)
        return self._settle(node_id)

    def skip(self, node_id: str, reason: str, by: AccountId) -> Effects:
        """Nobody needs it: it holds up nobody. Of what is skipped already, nothing follows. Raises
        NotFound, Invalid, RuleBroken.
        """
        state = self._state_of(node_id)
        if state is NodeState.SKIPPED:
            return Effects()
        refuse(NodeIsOver(node_id, state) if state is NodeState.DONE else None)
        self._node_skipped(node_id, text_of("reason", reason, "reason"), by)
        return self._settle(node_id)

    def add(
        self,
        node: Node,
        parents: Sequence[str],
        children: Sequence[str],
        task_id: TaskId,
        reason: str,
        by: AccountId,
    ) -> None:
        """Another node, between these. Its children must wait still. Raises Invalid, RuleBroken."""
        graph = self.graph.with_node(node, parents, children)
        refuse(
            *(
                None if state is NodeState.WAITING else NodeIsUnlocked(child, state)
                for child in children
                for state in [self.states[child]]
            )
        )
        state = self._entered(graph, node.id)
        kept = text_of("reason", reason, "reason")
        self._node_added(
            graph.node(node.id), tuple(parents), tuple(children), task_id, state, kept, by
        )

    def replace(self, node: Node, task_id: TaskId, reason: str, by: AccountId) -> None:
        """Another task takes the place of the node of that id, which must not be over. Raises
        NotFound, Invalid, RuleBroken.
        """
        was = self._state_of(node.id)
        refuse(NodeIsOver(node.id, was) if was.is_over else None)
        graph = self.graph.with_another(node)
        state = self._entered(graph, node.id)
        kept = text_of("reason", reason, "reason")
        self._node_replaced(graph.node(node.id), task_id, state, kept, by)

    def migrate(
        self,
        migration: Migration,
        graph: Graph,
        added: Mapping[str, TaskId],
        reason: str,
        by: AccountId,
    ) -> Effects:
        """Go on as planned, with tasks for the nodes that are added. Raises Invalid, and RuleBroken
        with everything that is in the way.
        """
        refuse(*migration.problems)
        kept = {new: self.tasks[old] for old, new in migration.kept.items()}
        tasks = tuple((kept | dict(added))[node.id] for node in graph.nodes)
        told = text_of("reason", reason, "reason")
        states = tuple(migration.states[node.id] for node in graph.nodes)
        self._migrated(migration.number, graph.nodes, graph.edges, tasks, states, told, by)
        return migration.effects

    def _state_of(self, node_id: str) -> NodeState:
        """Raises NotFound."""
        if node_id not in self.states:
            raise NotFound("node", node_id)
        return self.states[node_id]

    def _settle(self, node_id: str) -> Effects:
        effects = settled(self.graph, self.states, [node_id])
        if effects:
            self._nodes_settled(effects.unlocked, effects.skipped)
        return effects

    def _entered(self, graph: Graph, node_id: str) -> NodeState:
        """What a node would be that comes in with a new task. Raises RuleBroken."""
        found = verdict_on(graph, node_id, self.states)
        refuse(NothingWouldComeOfIt(node_id) if found is Verdict.IMPOSSIBLE else None)
        return NodeState.READY if found is Verdict.SATISFIED else NodeState.WAITING

    @event(NodeFinished)
    def _node_finished(self, node_id: str) -> None:
        self.states[node_id] = NodeState.DONE

    @event(NodeSkipped)
    def _node_skipped(self, node_id: str, reason: str, by: AccountId) -> None:  # noqa: ARG002
        self.states[node_id] = NodeState.SKIPPED

    @event(NodesSettled)
    def _nodes_settled(self, unlocked: tuple[str, ...], skipped: tuple[str, ...]) -> None:
        self.states |= dict.fromkeys(unlocked, NodeState.READY)
        self.states |= dict.fromkeys(skipped, NodeState.SKIPPED)

    @event(NodeAdded)
    def _node_added(
        self,
        node: Node,
        parents: tuple[str, ...],
        children: tuple[str, ...],
        task_id: TaskId,
        state: NodeState,
        reason: str,  # noqa: ARG002
        by: AccountId,  # noqa: ARG002
    ) -> None:
        self.graph = self.graph.extended(node, parents, children)
        self.tasks[node.id] = task_id
        self.states[node.id] = state

    @event(NodeReplaced)
    def _node_replaced(
        self,
        node: Node,
        task_id: TaskId,
        state: NodeState,
        reason: str,  # noqa: ARG002
        by: AccountId,  # noqa: ARG002
    ) -> None:
        self.graph = self.graph.exchanged(node)
        self.tasks[node.id] = task_id
        self.states[node.id] = state

    @event(Migrated)
    def _migrated(
        self,
        number: int,
        nodes: tuple[Node, ...],
        edges: tuple[Edge, ...],
        tasks: tuple[TaskId, ...],
        states: tuple[NodeState, ...],
        reason: str,  # noqa: ARG002
        by: AccountId,  # noqa: ARG002
    ) -> None:
        self.number = number
        self.graph = Graph(nodes, edges)
        self.tasks = {node.id: task for node, task in zip(nodes, tasks, strict=True)}
        self.states = {node.id: state for node, state in zip(nodes, states, strict=True)}
