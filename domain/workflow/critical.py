"""The critical path: how long what is left takes at the least, and what must not be late for that.

The critical path method, for joins of every kind: ALL can begin after its last parent, ANY after
the first, AT_LEAST after so many; and a parent that a join does not need holds it up in nothing.
What is done or skipped takes no time any more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.shared.ids import TaskTypeId
from domain.workflow.graph import Graph
from domain.workflow.joins import NodeState, needed_of


@dataclass(frozen=True)
class Times:
    """Of one node, in minutes from now."""

    minutes: int
    """How long it takes."""
    earliest_start: int
    earliest_finish: int
    latest_start: int
    latest_finish: int

    @property
    def slack(self) -> int:
        """By how much it can be late before the whole is."""
        return self.latest_start - self.earliest_start


@dataclass(frozen=True)
class Schedule:
    remaining_minutes: int
    """Until everything is done, if nothing is late and nobody is short of hands."""
    total_minutes: int
    """The same of the whole as it is drawn, from its beginning."""
    times: Mapping[str, Times]
    critical_path: tuple[str, ...]
    """What is left of the longest way, in its order; empty when everything is over."""


def schedule(
    graph: Graph, states: Mapping[str, NodeState], minutes: Mapping[TaskTypeId, int]
) -> Schedule:
    """What is left, given the state of every node and how many minutes a task of each type takes;
    of types that are not given, none.
    """
    ahead = _Ahead(graph, minutes, states)
    latest = ahead.latest()
    times = {
        node_id: Times(
            took := ahead.minutes[node_id],
            ahead.start[node_id],
            ahead.finish(node_id),
            latest[node_id] - took,
            latest[node_id],
        )
        for node_id in graph.in_order
    }
    return Schedule(ahead.end, _Ahead(graph, minutes, {}).end, times, ahead.longest_way())


class _Ahead:
    """The way forward: when each node can start, and which parents it has to wait for."""

    def __init__(
        self,
        graph: Graph,
        minutes: Mapping[TaskTypeId, int],
        states: Mapping[str, NodeState],
    ) -> None:
        self._graph = graph
        self._states = states
        self.minutes = {
            node.id: 0 if self._is_over(node.id) else minutes.get(node.task_type_id, 0)
            for node in graph.nodes
        }
        self.start: dict[str, int] = {}
        self._needed: dict[str, Sequence[str]] = {}
        for node_id in graph.in_order:
            needed = [] if self._is_over(node_id) else self._waited_for(node_id)
            self._needed[node_id] = needed
            self.start[node_id] = max(map(self.finish, needed), default=0)

    def finish(self, node_id: str) -> int:
        return self.start[node_id] + self.minutes[node_id]

    @property
    def end(self) -> int:
        return max(map(self.finish, self.start), default=0)

    def latest(self) -> dict[str, int]:
        """When each must have finished so that the whole is not late."""
        latest = dict.fromkeys(self.start, self.end)
        for node_id in reversed(self._graph.in_order):
            begun = latest[node_id] - self.minutes[node_id]
            for parent in self._needed[node_id]:
                latest[parent] = min(latest[parent], begun)
        return latest

    def longest_way(self) -> tuple[str, ...]:
        """Back from what finishes last, always to the parent that it waits for longest."""
        last = [n for n in self._graph.in_order if not self._is_over(n)]
        way: list[str] = []
        # Of those that finish at once, the last: what takes no time comes after what does.
        step = max(reversed(last), key=self.finish, default=None)
        while step is not None:
            way.append(step)
            open_parents = [p for p in self._needed[step] if not self._is_over(p)]
            step = max(open_parents, key=self.finish, default=None)
        return tuple(reversed(way))

    def _waited_for(self, node_id: str) -> Sequence[str]:
        """The parents that its join needs: of ANY and AT_LEAST those that are done first."""
        parents = self._graph.parents[node_id]
        left = [p for p in parents if self._states.get(p) is not NodeState.SKIPPED]
        count = needed_of(self._graph.node(node_id).join, len(left))
        first = sorted(left, key=lambda parent: (self.finish(parent), not self._is_over(parent)))
        return first[:count]

    def _is_over(self, node_id: str) -> bool:
        state = self._states.get(node_id)
        return state is not None and state.is_over
