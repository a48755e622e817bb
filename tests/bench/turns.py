"""What is done at a workplace in one turn, and whether afterwards everything stands as it must."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil
from typing import Protocol

from tests.bench.load import LoadPlan
from tests.bench.own_lists import Asked, OwnLists
from tests.bench.plan import Plan
from tests.bench.rounds import Sample
from tests.bench.shapes import LARGE, SMALL, Shape
from tests.bench.workplace import Standing, Workplace, bearer

STARTS_OF_THE_LARGE = 3
"""Per turn."""
LONGEST = 120.0
"""Seconds after which a turn ends that has a fixed number of requests."""
REFUSED = 400
"""What a rule about the task is broken with, in the EventFlow contract."""


class Turn(Protocol):
    """`load` prepares, unmeasured, what the turn needs; `wrong` looks at what it left. Where there
    is only so much to do, none of it goes into warming up what has been running all along.
    """

    @property
    def what(self) -> str: ...

    @property
    def clients(self) -> int: ...

    def load(self, plan: Plan, at: Workplace, name: str) -> LoadPlan: ...

    def wrong(self, at: Workplace, name: str, sample: Sample) -> Iterator[str]: ...


@dataclass(frozen=True)
class Starting:
    """Workflows of one shape, one after the other."""

    shape: Shape
    clients: int

    @property
    def what(self) -> str:
        return f"instantiate {self.shape.name}"

    def load(self, plan: Plan, at: Workplace, name: str) -> LoadPlan:
        requests = at.starts(self.shape, name)
        if self.shape is not LARGE:
            return LoadPlan(requests, self.clients, plan.seconds, plan.warmup, expected_status=200)
        return LoadPlan(
            requests, self.clients, LONGEST, 0, STARTS_OF_THE_LARGE, expected_status=200
        )

    def wrong(self, at: Workplace, name: str, sample: Sample) -> Iterator[str]:
        tasks, sent = at.standing(name), sample.load.sent
        if len(tasks) != sent * len(self.shape.nodes):
            yield f"{len(tasks)} tasks of {sent} workflows"
        if at.trail(name) != {"planned": len(tasks)}:
            yield "the trail does not tell of every task"
        yield from _wrongly_locked(self.shape, tasks)


@dataclass(frozen=True)
class Picking:
    """Each client picks tasks that nobody else wants."""

    pool: Shape
    clients: int

    @property
    def what(self) -> str:
        return "pick"

    def load(self, plan: Plan, at: Workplace, name: str) -> LoadPlan:
        at.start(self.pool, name, ceil(plan.tasks / len(self.pool.nodes)))
        tasks = at.standing(name)
        lists = [[_pick(task) for task in tasks[n :: self.clients]] for n in range(self.clients)]
        requests = _own(at, lists)
        return LoadPlan(requests, self.clients, plan.seconds, 0, expected_status=200)

    def wrong(self, at: Workplace, name: str, sample: Sample) -> Iterator[str]:
        taken = sum(task.assignee_id is not None for task in at.standing(name))
        if not taken == at.trail(name)["picked"] == sample.load.sent:
            yield f"{taken} tasks are somebody's, and {sample.load.sent} were picked"


@dataclass(frozen=True)
class Contending:
    """All clients try the same tasks in the same order."""

    pool: Shape
    clients: int

    @property
    def what(self) -> str:
        return "pick what all want"

    def load(self, plan: Plan, at: Workplace, name: str) -> LoadPlan:
        at.start(self.pool, name, 1)
        tasks = at.standing(name)[: self._wanted(plan)]
        requests = _own(at, [[_pick(task) for task in tasks]] * self.clients)
        return LoadPlan(
            requests, self.clients, LONGEST, 0, expected_status=200, refusal_status=REFUSED
        )

    def _wanted(self, plan: Plan) -> int:
        return max(2, plan.tasks // self.clients)

    def wrong(self, at: Workplace, name: str, sample: Sample) -> Iterator[str]:
        """Whoever tried them all ended the turn, so each has found somebody."""
        won = sample.load.completed - sample.load.refused - sum(sample.load.errors.values())
        taken = sum(task.assignee_id is not None for task in at.standing(name))
        if not won == taken == at.trail(name)["picked"]:
            yield f"{won} won {taken} tasks, and {at.trail(name)['picked']} picks are told"


@dataclass(frozen=True)
class Moving:
    """Each client does all tasks of small workflows of its own, from TODO to DONE."""

    clients: int
    shape: Shape = SMALL

    @property
    def what(self) -> str:
        return "transition"

    def load(self, plan: Plan, at: Workplace, name: str) -> LoadPlan:
        each = ceil(plan.tasks / len(self.shape.nodes) / self.clients)
        at.start(self.shape, name, each * self.clients)
        workflows = _by_instance(at.standing(name))
        lists = [
            [move for tasks in workflows[n :: self.clients] for move in _done(tasks)]
            for n in range(self.clients)
        ]
        requests = _own(at, lists)
        return LoadPlan(requests, self.clients, plan.seconds, 0, expected_status=200)

    def wrong(self, at: Workplace, name: str, sample: Sample) -> Iterator[str]:
        tasks, trail = at.standing(name), at.trail(name)
        steps = {"in_progress": 1, "done": 2}
        moved = sum(steps.get(task.state, 0) for task in tasks)
        if not moved == trail["moved"] == sample.load.sent:
            yield f"{moved} moves to be seen, {trail['moved']} told, of {sample.load.sent}"
        unlocked = sum(bool(self.shape.parents[task.node_id]) and not task.waits for task in tasks)
        if unlocked != trail.get("unlocked", 0):
            yield f"{unlocked} tasks are unlocked, {trail.get('unlocked', 0)} times"
        yield from _wrongly_locked(self.shape, tasks)


def _wrongly_locked(shape: Shape, tasks: Sequence[Standing]) -> Iterator[str]:
    """A task waits if and only if one that it waits for is not done."""
    for workflow in _by_instance(tasks):
        states = {task.node_id: task.state for task in workflow}
        for task in workflow:
            must = any(states[parent] != "done" for parent in shape.parents[task.node_id])
            if task.waits != must:
                yield f"{task.node_id} of {task.instance_id} is {task.state}"


def _by_instance(tasks: Sequence[Standing]) -> list[list[Standing]]:
    return [list(each) for _, each in groupby(tasks, lambda task: task.instance_id)]


def _own(at: Workplace, lists: Sequence[Sequence[Asked]]) -> OwnLists:
    return OwnLists("POST", at.base_url, [bearer(worker) for worker in at.workers], lists)


def _pick(task: Standing) -> Asked:
    return f"/api/tasks/{task.task_id}/pick", b""


def _done(tasks: Sequence[Standing]) -> Iterator[Asked]:
    for task in tasks:
        for state in ("IN_PROGRESS", "DONE"):
            body = json.dumps({"toState": state, "reason": "As planned."}).encode()
            yield f"/api/tasks/{task.task_id}/transition", body
