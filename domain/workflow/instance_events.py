"""What happens to an instance. `by` is the account that did it."""

from domain.shared.aggregate import Created, Event
from domain.shared.ids import AccountId, ScopeId, TaskId, TemplateId
from domain.workflow.graph import Edge, Node
from domain.workflow.joins import NodeState


class Started(Created):
    """`tasks` are those of the nodes, in their order. What the template becomes later does not
    matter to it.
    """

    TOPIC = "workflow.InstanceStarted"
    template_id: TemplateId
    number: int
    scope_id: ScopeId
    name: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    tasks: tuple[TaskId, ...]


class NodeFinished(Event):
    """The task of the node is done."""

    TOPIC = "workflow.NodeFinished"
    node_id: str


class NodeSkipped(Event):
    TOPIC = "workflow.NodeSkipped"
    node_id: str
    reason: str
    by: AccountId


class NodesSettled(Event):
    """What followed from what happened to others: these may be begun, those never will be."""

    TOPIC = "workflow.NodesSettled"
    unlocked: tuple[str, ...]
    skipped: tuple[str, ...]


class NodeAdded(Event):
    TOPIC = "workflow.NodeAdded"
    node: Node
    parents: tuple[str, ...]
    children: tuple[str, ...]
    task_id: TaskId
    state: NodeState
    reason: str
    by: AccountId


class NodeReplaced(Event):
    """Another task stands for the node from now on."""

    TOPIC = "workflow.NodeReplaced"
    node: Node
    task_id: TaskId
    state: NodeState
    reason: str
    by: AccountId


class Migrated(Event):
    """Nodes, edges, tasks and states, in the order of the nodes, as they are from now on."""

    TOPIC = "workflow.InstanceMigrated"
    number: int
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    tasks: tuple[TaskId, ...]
    states: tuple[NodeState, ...]
    reason: str
    by: AccountId
