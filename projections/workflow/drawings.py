"""Graphs as JSON, as they stand in the rows of read models, and back."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from domain.shared.ids import TaskTypeId
from domain.workflow.graph import Edge, Graph, Node
from domain.workflow.joins import Join, JoinKind


def nodes_json(nodes: Iterable[Node]) -> list[dict[str, Any]]:
    return [
        {
            "id": node.id,
            "title": node.title,
            "description": node.description,
            "task_type_id": str(node.task_type_id),
            "join": node.join.kind,
            "count": node.join.count,
        }
        for node in nodes
    ]


def edges_json(edges: Iterable[Edge]) -> list[list[str]]:
    return [[edge.parent, edge.child] for edge in edges]


def graph_from(nodes: Sequence[Mapping[str, Any]], edges: Sequence[Sequence[str]]) -> Graph:
    return Graph(
        tuple(
            Node(
                node["id"],
                node["title"],
                TaskTypeId(UUID(node["task_type_id"])),
                Join(JoinKind(node["join"]), node["count"]),
                node["description"],
            )
            for node in nodes
        ),
        tuple(Edge(parent, child) for parent, child in edges),
    )
