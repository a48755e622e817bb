"""Graph: what a workflow is drawn as, nodes and the edges from parents to children, without cycles.

Source: the EventFlow document, "Template Validation".
"""

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from itertools import chain, islice
from typing import cast

from domain.shared.errors import Invalid, refuse
from domain.shared.ids import TaskTypeId
from domain.shared.refusals import Refusal
from domain.shared.texts import description_of, name_of
from domain.workflow.joins import ALL, Join, JoinKind

MOST_NODES = 2_000
MOST_EDGES = 20_000
LONGEST_ID = 100
"""Characters of a node's id."""
MOST_TOLD = 50
"""Wrong fields that are named at once: the answer to nonsense is shorter than the nonsense."""
_LONGEST_WAY = 20
"""Nodes of a cycle in its sentence; its data hold all."""


@dataclass(frozen=True)
class Node:
    id: str
    """As whoever drew it named it; unique in its graph, and a step of its path in the API."""
    title: str
    task_type_id: TaskTypeId
    join: Join = ALL
    description: str = ""


@dataclass(frozen=True)
class Edge:
    parent: str
    child: str


@dataclass(frozen=True)
class Cyclic(Refusal):
    path: tuple[str, ...]
    """From a node through its children back to itself."""

    @property
    def message(self) -> str:
        half = _LONGEST_WAY // 2
        whole = len(self.path) <= _LONGEST_WAY
        told = self.path if whole else (*self.path[:half], "…", *self.path[-half:])
        return f"The workflow has a cycle: {' → '.join(told)}."


@dataclass(frozen=True)
class Graph:
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @classmethod
    def drawn(cls, nodes: Sequence[Node], edges: Sequence[Edge]) -> "Graph":
        """Raises Invalid, naming what can't be a node or an edge, and RuleBroken, naming a cycle's
        path.
        """
        if wrong := dict(_wrong_sizes(nodes, edges)):
            raise Invalid("The workflow can't be drawn.", wrong)
        times = Counter(node.id for node in nodes)
        all_wrong = chain(_wrong_nodes(nodes, edges, times), _wrong_edges(edges, times))
        if wrong := dict(islice(all_wrong, MOST_TOLD)):
            raise Invalid("The workflow can't be drawn.", wrong)
        graph = cls(tuple(map(_checked, nodes)), tuple(edges))
        refuse(_cycle_of(graph))
        return graph

    def node(self, node_id: str) -> Node:
        return self._by_id[node_id]

    def __contains__(self, node_id: str) -> bool:
        return node_id in self._by_id

    def with_node(self, node: Node, parents: Sequence[str], children: Sequence[str]) -> "Graph":
        """With another node between these. Raises Invalid, and RuleBroken on a cycle."""
        wrong = {f"node.{field}": why for field, why in _wrong_node(node, len(parents))}
        wrong |= dict(_wrong_ends(self, "parents", parents))
        wrong |= dict(_wrong_ends(self, "children", children))
        if node.id in self:
            wrong["node.id"] = "is there already"
        if wrong:
            raise Invalid("The node can't be added.", wrong)
        graph = self.extended(node, parents, children)
        return Graph.drawn(graph.nodes, graph.edges)

    def with_another(self, node: Node) -> "Graph":
        """With another node in the place of the one of that id. Raises Invalid."""
        if wrong := dict(_wrong_node(node, len(self.parents[node.id]))):
            raise Invalid("The node can't be replaced.", wrong)
        return self.exchanged(_checked(node))

    def extended(self, node: Node, parents: Sequence[str], children: Sequence[str]) -> "Graph":
        """As `with_node`, unchecked."""
        into = tuple(Edge(parent, node.id) for parent in parents)
        out_of = tuple(Edge(node.id, child) for child in children)
        return Graph((*self.nodes, node), (*self.edges, *into, *out_of))

    def exchanged(self, node: Node) -> "Graph":
        """As `with_another`, unchecked."""
        return Graph(tuple(node if each.id == node.id else each for each in self.nodes), self.edges)

    @cached_property
    def parents(self) -> Mapping[str, tuple[str, ...]]:
        """Of every node, in the order in which the edges were drawn."""
        found: dict[str, list[str]] = {node.id: [] for node in self.nodes}
        for edge in self.edges:
            found[edge.child].append(edge.parent)
        return {node_id: tuple(parents) for node_id, parents in found.items()}

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {node.id: [] for node in self.nodes}
        for edge in self.edges:
            found[edge.parent].append(edge.child)
        return {node_id: tuple(children) for node_id, children in found.items()}

    @property
    def roots(self) -> tuple[str, ...]:
        """The document's orphans: nodes that wait for nothing."""
        return tuple(node.id for node in self.nodes if not self.parents[node.id])

    @cached_property
    def in_order(self) -> tuple[str, ...]:
        """Parents before their children, otherwise as they were drawn."""
        return tuple(TopologicalSorter(self.parents).static_order())

    @cached_property
    def rank(self) -> Mapping[str, int]:
        """Where each node stands in `in_order`."""
        return {node_id: rank for rank, node_id in enumerate(self.in_order)}

    @cached_property
    def _by_id(self) -> Mapping[str, Node]:
        return {node.id: node for node in self.nodes}


def _checked(node: Node) -> Node:
    """With its texts in the form in which they are kept. Raises Invalid."""
    title = name_of("node", node.title, "title")
    return replace(node, title=title, description=description_of("node", node.description))


def _wrong_sizes(nodes: Sequence[Node], edges: Sequence[Edge]) -> Iterator[tuple[str, str]]:
    if not 1 <= len(nodes) <= MOST_NODES:
        yield "nodes", f"must be between 1 and {MOST_NODES}"
    if len(edges) > MOST_EDGES:
        yield "edges", f"must be {MOST_EDGES} at the most"


def _wrong_nodes(
    nodes: Sequence[Node], edges: Sequence[Edge], times: Mapping[str, int]
) -> Iterator[tuple[str, str]]:
    parents = Counter(edge.child for edge in edges)
    for number, node in enumerate(nodes):
        if times[node.id] > 1:
            yield f"nodes.{number}.id", f"is there {times[node.id]} times"
        for field, why in _wrong_node(node, parents[node.id]):
            yield f"nodes.{number}.{field}", why


def _wrong_node(node: Node, parents: int) -> Iterator[tuple[str, str]]:
    if not 0 < len(node.id) <= LONGEST_ID or not node.id.isprintable() or "/" in node.id:
        yield "id", f"must have 1 to {LONGEST_ID} printable characters, and no /"
    try:
        _checked(node)
    except Invalid as invalid:
        yield from cast("Mapping[str, str]", invalid.data["fields"]).items()
    if node.join.kind is JoinKind.AT_LEAST:
        if node.join.count is None or not 1 <= node.join.count <= parents:
            yield "join.count", f"must be between 1 and its {parents} parents"
    elif node.join.count is not None:
        yield "join.count", f"is of joins that are {JoinKind.AT_LEAST} alone"


def _wrong_edges(edges: Sequence[Edge], known: Container[str]) -> Iterator[tuple[str, str]]:
    seen: set[Edge] = set()
    for number, edge in enumerate(edges):
        for end, node_id in (("parent", edge.parent), ("child", edge.child)):
            if node_id not in known:
                yield f"edges.{number}.{end}", f"there is no node {node_id[:LONGEST_ID]}"
        if edge in seen:
            yield f"edges.{number}", "is drawn twice"
        seen.add(edge)


def _wrong_ends(graph: Graph, field: str, node_ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    for number, node_id in enumerate(node_ids):
        if node_id not in graph:
            yield f"{field}.{number}", f"there is no node {node_id[:LONGEST_ID]}"
        elif node_id in node_ids[:number]:
            yield f"{field}.{number}", "is there twice"


def _cycle_of(graph: Graph) -> Cyclic | None:
    try:
        TopologicalSorter(graph.parents).prepare()
    except CycleError as error:
        path: list[str] = error.args[1]
        return Cyclic(tuple(path))
    return None
