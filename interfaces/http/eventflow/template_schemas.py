"""Bodies of templates."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from domain.shared.ids import TaskTypeId
from domain.workflow.graph import LONGEST_ID, MOST_EDGES, MOST_NODES, Edge, Graph, Node
from domain.workflow.joins import Join, JoinKind
from domain.workflow.template import Template
from interfaces.http.eventflow.common import AN_ID, In, Out
from interfaces.http.eventflow.task_schemas import Description
from interfaces.http.fields import Storable, Text, Whole, example
from interfaces.http.listing import Row

NodeId = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_ID),
    Storable,
]
_NODE = {"id": "cake", "title": "Order the cake", "taskTypeId": AN_ID}
_SERVE = {"id": "serve", "title": "Serve it", "taskTypeId": AN_ID, "join": {"kind": "all"}}


class JoinIn(In):
    """When a node may be begun: when ``all`` parents are done, ``any``, or ``at_least`` `count`."""

    model_config = example(kind="at_least", count=2)

    kind: JoinKind = JoinKind.ALL
    count: Annotated[Whole, Field(ge=1, le=MOST_NODES)] | None = None

    @property
    def join(self) -> Join:
        return Join(self.kind, self.count)


class NodeIn(In):
    model_config = example(**_NODE)

    id: NodeId
    title: Text
    task_type_id: UUID
    description: Description = ""
    join: JoinIn = JoinIn()

    @property
    def node(self) -> Node:
        kind = TaskTypeId(self.task_type_id)
        return Node(self.id, self.title, kind, self.join.join, self.description)


class EdgeIn(In):
    """The child waits for the parent."""

    model_config = example(parent="cake", child="serve")

    parent: NodeId
    child: NodeId

    @property
    def edge(self) -> Edge:
        return Edge(self.parent, self.child)


class TemplateIn(In):
    """Nodes and the edges between them, without cycles. A name that is known gets a new version."""

    model_config = example(
        name="Wedding", nodes=[_NODE, _SERVE], edges=[{"parent": "cake", "child": "serve"}]
    )

    name: Text
    description: Description = ""
    nodes: Annotated[tuple[NodeIn, ...], Field(min_length=1, max_length=MOST_NODES)]
    edges: Annotated[tuple[EdgeIn, ...], Field(max_length=MOST_EDGES)] = ()


class JoinOut(Out):
    kind: JoinKind
    count: int | None

    @classmethod
    def of(cls, join: Join) -> Self:
        return cls(kind=join.kind, count=join.count)


class NodeOut(Out):
    id: str
    title: str
    description: str
    task_type_id: UUID
    join: JoinOut

    @classmethod
    def of(cls, node: Node) -> Self:
        return cls(
            id=node.id,
            title=node.title,
            description=node.description,
            task_type_id=node.task_type_id,
            join=JoinOut.of(node.join),
        )


class EdgeOut(Out):
    parent: str
    child: str


class TemplateOut(Out):
    """`nodes` and `edges` are how many the newest version has."""

    id: UUID
    name: str
    description: str
    version: int
    nodes: int
    edges: int
    active: bool

    @classmethod
    def of(cls, template: Template) -> Self:
        newest = template.graphs[-1]
        return cls(
            id=template.id,
            name=template.name,
            description=template.description,
            version=template.newest,
            nodes=len(newest.nodes),
            edges=len(newest.edges),
            active=template.active,
        )

    @classmethod
    def of_row(cls, row: Row) -> Self:
        return cls(
            id=row.template_id,
            name=row.name,
            description=row.description,
            version=row.newest,
            nodes=row.nodes,
            edges=row.edges,
            active=row.active,
        )


class DrawnTemplateOut(Out):
    """One version as it is drawn."""

    id: UUID
    name: str
    description: str
    version: int
    newest: int
    active: bool
    nodes: list[NodeOut]
    edges: list[EdgeOut]

    @classmethod
    def of(cls, row: Row, graph: Graph) -> Self:
        return cls(
            id=row.template_id,
            name=row.name,
            description=row.description,
            version=row.number,
            newest=row.newest,
            active=row.active,
            nodes=[NodeOut.of(node) for node in graph.nodes],
            edges=[EdgeOut(parent=edge.parent, child=edge.child) for edge in graph.edges],
        )
