"""Workflows that Hypothesis draws, and what must hold of every one."""

from typing import Any

from hypothesis import strategies as st

from domain.shared.moment import happening_at
from domain.workflow.graph import Edge, Graph
from domain.workflow.instance import Effects, Instance
from domain.workflow.joins import ALL, ANY, Join, JoinKind, NodeState, at_least
from tests.support.scheduling import NOW
from tests.support.work import MANAGER
from tests.support.workflows import node

IDS = "abcdefghijkl"
DAY_OFF = "It rains."


@st.composite
def any_join(draw: Any, parents: int) -> Join:
    """One that so many parents can satisfy."""
    counts = [at_least(count) for count in range(1, parents + 1)]
    return draw(st.sampled_from([ALL, ALL, ANY, *counts]))  # type: ignore[no-any-return]


@st.composite
def any_graph(draw: Any, most: int = len(IDS)) -> Graph:
    """Edges lead from earlier letters to later ones; nodes and edges are drawn in any order."""
    ids = IDS[: draw(st.integers(1, most))]
    pairs = [(parent, child) for place, child in enumerate(ids) for parent in ids[:place]]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=2 * most)) if pairs else []
    edges = [Edge(parent, child) for parent, child in chosen]
    parents = {each: sum(edge.child == each for edge in edges) for each in ids}
    nodes = [node(each, draw(any_join(parents[each]))) for each in draw(st.permutations(ids))]
    return Graph.drawn(nodes, edges)


any_steps = st.lists(
    st.tuples(st.sampled_from(["finish", "finish", "finish", "skip"]), st.integers(0, 11)),
    max_size=16,
)
"""What is done, to which of the nodes to which it can be."""


def take(instance: Instance, what: str, which: int) -> Effects:
    """One step; nothing, when there is no node for it."""
    open_to = {NodeState.READY} if what == "finish" else {NodeState.READY, NodeState.WAITING}
    ids = sorted(in_state(instance, *open_to))
    if not ids:
        return Effects()
    node_id = ids[which % len(ids)]
    with happening_at(NOW):
        if what == "finish":
            return instance.finish(node_id)
        return instance.skip(node_id, DAY_OFF, MANAGER)


def in_state(instance: Instance, *states: NodeState) -> set[str]:
    return {node_id for node_id, state in instance.states.items() if state in states}


def done_needed_left(instance: Instance, node_id: str) -> tuple[int, int, int]:
    """Of a node's parents: how many are done, must be, and can still be. Counted by hand, not as
    the domain does.
    """
    states = [instance.states[parent] for parent in instance.graph.parents[node_id]]
    left = [state for state in states if state is not NodeState.SKIPPED]
    join = instance.graph.node(node_id).join
    needed = len(left) if join.kind is JoinKind.ALL else join.count or 1
    return left.count(NodeState.DONE), max(1, needed), len(left)


def then_it_is_sound(instance: Instance) -> None:
    """What is not skipped may be begun if and only if its join is satisfied, and would be skipped
    if that were impossible; every node has a state, and a task of its own.
    """
    for node_id, state in instance.states.items():
        done, needed, left = done_needed_left(instance, node_id)
        is_root = not instance.graph.parents[node_id]
        if state is not NodeState.SKIPPED:
            assert is_root or left >= needed, node_id
            begun = state in {NodeState.READY, NodeState.DONE}
            assert begun == (is_root or done >= needed), node_id
    ids = {each.id for each in instance.graph.nodes}
    assert ids == set(instance.states) == set(instance.tasks)
    assert len(set(instance.tasks.values())) == len(ids)
