"""Settling: what follows for those that wait when a parent is done or skipped."""

from collections import ChainMap, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from domain.workflow.graph import Graph
from domain.workflow.joins import NodeState, Verdict, verdict


@dataclass(frozen=True)
class Effects:
    """Nodes of which something became through what happened to others, parents first."""

    unlocked: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.unlocked or self.skipped or self.locked)


def settled(graph: Graph, states: Mapping[str, NodeState], changed: Iterable[str]) -> Effects:
    """What follows when these nodes have become what `states` says.

    Looks only at their children, and at those of what is skipped in turn. In whatever order it
    looks, the same comes of it: what is satisfied or impossible stays so.
    """
    found: dict[str, NodeState] = {}
    now = ChainMap(found, cast("dict[str, NodeState]", states))  # which it only reads
    queue = deque(changed)
    while queue:
        for child in graph.children[queue.popleft()]:
            if now[child] is not NodeState.WAITING:
                continue
            match verdict_on(graph, child, now):
                case Verdict.SATISFIED:
                    found[child] = NodeState.READY
                case Verdict.IMPOSSIBLE:
                    found[child] = NodeState.SKIPPED
                    queue.append(child)
    return _told(graph, found)


def verdict_on(graph: Graph, node_id: str, states: Mapping[str, NodeState]) -> Verdict:
    parents = (states[parent] for parent in graph.parents[node_id])
    return verdict(graph.node(node_id).join, parents)


def _told(graph: Graph, found: Mapping[str, NodeState]) -> Effects:
    in_order = sorted(found, key=graph.rank.__getitem__) if len(found) > 1 else list(found)
    return Effects(
        unlocked=tuple(each for each in in_order if found[each] is NodeState.READY),
        skipped=tuple(each for each in in_order if found[each] is NodeState.SKIPPED),
    )
