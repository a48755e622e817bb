"""Migration: how an instance that runs goes on with a newer version of its template.

A kept node keeps its task. What is done, skipped or begun stays so; where the new version would
make it wait, that is in the way, and nothing is migrated.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.shared.refusals import Refusal
from domain.workflow.graph import Graph
from domain.workflow.joins import NodeState, Verdict
from domain.workflow.refusals import (
    NodeIsAhead,
    NodeIsMappedTwice,
    NodeIsUnknown,
    TaskTypeDiffers,
    VersionIsNotNewer,
)
from domain.workflow.settling import Effects, verdict_on

if TYPE_CHECKING:
    from domain.workflow.instance import Instance

_AFTER = {
    Verdict.OPEN: NodeState.WAITING,
    Verdict.SATISFIED: NodeState.READY,
    Verdict.IMPOSSIBLE: NodeState.SKIPPED,
}


@dataclass(frozen=True)
class Migration:
    """What would become of an instance; `problems` are in the way of it."""

    number: int
    kept: Mapping[str, str]
    """Nodes of the instance, and what they are called in the new version."""
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    states: Mapping[str, NodeState]
    """Of the nodes of the new version."""
    effects: Effects
    problems: tuple[Refusal, ...]


def plan(
    instance: "Instance",
    graph: Graph,
    number: int,
    mapping: Mapping[str, str | None],
    begun: Collection[str],
) -> Migration:
    """How the instance would go on with version `number` of its template, drawn as `graph`.

    `mapping` says which of its nodes a node becomes, None drops it; one that is not mentioned
    becomes the node of the same id, or is dropped where there is none. `begun` are the nodes at
    whose tasks somebody is.
    """
    kept = dict(_kept(instance, graph, mapping))
    came_from = {new: old for old, new in kept.items()}
    states, ahead = _states(instance, graph, came_from, begun)
    return Migration(
        number,
        kept,
        added=tuple(node.id for node in graph.nodes if node.id not in came_from),
        dropped=tuple(node.id for node in instance.graph.nodes if node.id not in kept),
        states=states,
        effects=_effects(instance, graph, came_from, states),
        problems=(
            *_not_newer(instance, number),
            *_wrong_mapping(instance, graph, mapping, number),
            *_mapped_twice(kept),
            *_other_types(instance, graph, kept),
            *map(NodeIsAhead, ahead),
        ),
    )


def _states(
    instance: "Instance", graph: Graph, came_from: Mapping[str, str], begun: Collection[str]
) -> tuple[dict[str, NodeState], list[str]]:
    """Of the nodes of the new version, and those that are further than it would let them be."""
    states: dict[str, NodeState] = {}
    ahead: list[str] = []
    for node_id in graph.in_order:
        old = came_from.get(node_id)
        was = None if old is None else instance.states[old]
        state = _AFTER[verdict_on(graph, node_id, states)]
        if (was is NodeState.DONE or old in begun) and state is not NodeState.READY:
            ahead.append(node_id)
        states[node_id] = was if was is not None and was.is_over else state
    return states, ahead


def _kept(
    instance: "Instance", graph: Graph, mapping: Mapping[str, str | None]
) -> Iterator[tuple[str, str]]:
    for node in instance.graph.nodes:
        new = mapping.get(node.id, node.id)
        if new is not None and new in graph:
            yield node.id, new


def _mapped_twice(kept: Mapping[str, str]) -> Iterator[Refusal]:
    for new, times in Counter(kept.values()).items():
        if times > 1:
            yield NodeIsMappedTwice(new)


def _not_newer(instance: "Instance", number: int) -> Iterator[Refusal]:
    if number <= instance.number:
        yield VersionIsNotNewer(number, instance.number)


def _wrong_mapping(
    instance: "Instance", graph: Graph, mapping: Mapping[str, str | None], number: int
) -> Iterator[Refusal]:
    for old, new in mapping.items():
        if old not in instance.graph:
            yield NodeIsUnknown(old, "the instance")
        if new is not None and new not in graph:
            yield NodeIsUnknown(new, f"version {number}")


def _other_types(instance: "Instance", graph: Graph, kept: Mapping[str, str]) -> Iterator[Refusal]:
    for old, new in kept.items():
        had = instance.graph.node(old).task_type_id
        is_skipped = instance.states[old] is NodeState.SKIPPED
        if not is_skipped and graph.node(new).task_type_id != had:
            yield TaskTypeDiffers(old, had)


def _effects(
    instance: "Instance",
    graph: Graph,
    came_from: Mapping[str, str],
    states: Mapping[str, NodeState],
) -> Effects:
    """What the tasks must be told. Those of added nodes come as the nodes stand, unless skipped."""
    unlocked, skipped, locked = [], [], []
    for node_id in graph.in_order:
        old = came_from.get(node_id)
        was = NodeState.WAITING if old is None else instance.states[old]
        match was, states[node_id]:
            case NodeState.WAITING, NodeState.READY if old is not None:
                unlocked.append(node_id)
            case NodeState.READY, NodeState.WAITING:
                locked.append(node_id)
            case ((NodeState.WAITING | NodeState.READY), NodeState.SKIPPED):
                skipped.append(node_id)
    return Effects(tuple(unlocked), tuple(skipped), tuple(locked))
