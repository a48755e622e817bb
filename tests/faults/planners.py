"""Clients that plan by workflows, wanting the same tasks and finishing what one task waits for."""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from interfaces.cli.demo_wedding import ADMIN, COORDINATOR, EVENTS, MANAGER, VENDOR
from tests.faults.load import Load, account
from tests.faults.operations import Account, Operation

_OPEN = ("TODO", "IN_PROGRESS", "BLOCKED", "WAITING")
RUNNING = 3
"""Of so many workflows, those started last, one is chosen: several clients are at each."""
AT_ONCE = 4
"""Of so many tasks, all are moved at the same moment, by anybody."""
EARLY = 0.1
"""How often somebody wants to begin what waits."""
TEMPLATES: dict[str, tuple[dict[str, dict[str, Any]], tuple[str, ...]]] = {
    "Diamond": ({}, ("a>b", "a>c", "b>d", "c>d")),
    "Fan": (
        {"any": {"kind": "any"}, "two": {"kind": "at_least", "count": 2}},
        (
            *(f"{parent}>{child}" for parent in "abcd" for child in ("any", "two", "all")),
            *("any>end", "two>end", "all>end"),
        ),
    ),
    "Branches": (
        {"three": {"kind": "at_least", "count": 3}, "either": {"kind": "any"}},
        ("a>three", "b>three", "c>three", "three>then", "then>either", "c>either", "either>end"),
    ),
}
"""The joins that differ from ALL, and the edges. A branch is skipped with one parent of `three`."""


@dataclass
class Running:
    """A workflow as clients know it, from the answers they got."""

    id: str
    tasks: dict[str, str] = field(default_factory=dict)
    """The task of each node."""
    states: dict[str, str] = field(default_factory=dict)
    """Of each task. WAITING is the BLOCKED of one that was never unlocked."""

    @property
    def is_open(self) -> bool:
        return bool(self.tasks_in(*_OPEN))

    def tasks_in(self, *states: str) -> list[str]:
        return [task_id for task_id, state in self.states.items() if state in states]


@dataclass
class Plans:
    event_id: str
    templates: list[str]
    admin: Account
    manager: Account
    vendor: Account
    coordinator: Account
    running: list[Running] = field(default_factory=list)

    @property
    def takers(self) -> tuple[Account, ...]:
        """Who may pick; each of them wants every task."""
        return self.admin, self.manager, self.vendor

    @property
    def movers(self) -> tuple[Account, ...]:
        return (*self.takers, self.coordinator)

    @property
    def members(self) -> tuple[Account, ...]:
        """Whom a task can be given to."""
        return self.manager, self.vendor, self.coordinator


async def plans_in(http: httpx.AsyncClient) -> Plans:
    """With the templates saved: the first time as new ones."""
    emails = (ADMIN, MANAGER, VENDOR, COORDINATOR)
    admin, manager, vendor, coordinator = [await account(http, email) for email in emails]
    kind = await _named(http, "/api/task-types", "Catering", manager)
    event_id = await _named(http, "/api/events", next(iter(EVENTS)), manager)
    templates = [await _saved(http, name, kind, manager) for name in TEMPLATES]
    return Plans(event_id, templates, admin, manager, vendor, coordinator)


async def plan(load: Load, plans: Plans, number: int) -> None:
    rng = random.Random(f"{load.seed}/planner {number}")
    while not load.stop.is_set():
        open_ones = [one for one in plans.running if one.is_open]
        if len(open_ones) < RUNNING and rng.random() < 0.3:
            await _start(load, plans, rng)
        elif open_ones:
            running = rng.choice(open_ones)
            (kind,) = rng.choices(list(_KINDS), [weight for weight, _ in _KINDS.values()])
            operations = _KINDS[kind][1](plans, running, rng)
            await asyncio.gather(*(load.see_to(operation, rng) for operation in operations))
            await _look(load, plans, running)
        else:
            await asyncio.sleep(0.01)


async def _start(load: Load, plans: Plans, rng: random.Random) -> None:
    body = {"templateId": rng.choice(plans.templates), "eventId": plans.event_id}
    operation = _asked("instantiate", "/api/workflows/instantiate", body, plans.manager)
    await load.see_to(operation, rng)
    if operation.answer is not None:
        running = Running(operation.answer["id"])
        await _look(load, plans, running, operation.answer["progress"]["total"])
        plans.running = [*plans.running, running][-RUNNING:]


async def _look(load: Load, plans: Plans, running: Running, until_shown: int = 0) -> None:
    """How its tasks stand; in an outage, clients know only what they knew."""
    query = {"workflowInstanceId": running.id}
    headers = {"Authorization": plans.manager.authorization}
    items: list[dict[str, Any]] = []
    while not load.stop.is_set():
        with suppress(httpx.HTTPError):
            answer = await load.http.get("/api/tasks", params=query, headers=headers)
            items = answer.json()["items"] if answer.is_success else []
        if len(items) >= until_shown:
            break
        await asyncio.sleep(0.05)
    for item in items:
        running.tasks[item["nodeId"]] = item["id"]
        waits = item["blockedBy"] == "waiting"
        running.states[item["id"]] = "WAITING" if waits else item["state"]


def _pick(plans: Plans, running: Running, rng: random.Random) -> list[Operation]:
    """Everybody at once."""
    path = f"/api/tasks/{rng.choice(running.tasks_in(*_OPEN))}/pick"
    return [_asked("pick", path, None, who) for who in plans.takers]


def _give(plans: Plans, running: Running, rng: random.Random) -> list[Operation]:
    path = f"/api/tasks/{rng.choice(running.tasks_in(*_OPEN))}/assign"
    body = {"assigneeId": rng.choice(plans.members).id}
    return [_asked("give", path, body, rng.choice((plans.manager, plans.coordinator)))]


def _take_away(plans: Plans, running: Running, rng: random.Random) -> list[Operation]:
    path = f"/api/tasks/{rng.choice(running.tasks_in(*_OPEN))}/assign"
    return [_asked("take away", path, {"assigneeId": None}, plans.manager)]


def _begin(plans: Plans, running: Running, rng: random.Random) -> list[Operation]:
    """Of what waits, too, now and then: it must not be."""
    early = ("WAITING",) if rng.random() < EARLY else ()
    return _moves(plans, running.tasks_in("TODO", "BLOCKED", *early), "IN_PROGRESS", rng)


def _finish(plans: Plans, running: Running, rng: random.Random) -> list[Operation]:
    return _moves(plans, running.tasks_in("IN_PROGRESS"), "DONE", rng)


def _finish_again(plans: Plans, running: Running, rng: random.Random) -> list[Operation]:
    """What is done is final."""
    return _moves(plans, running.tasks_in("DONE"), rng.choice(("DONE", "IN_PROGRESS")), rng)


def _hold(plans: Plans, running: Running, rng: random.Random) -> list[Operation]:
    return _moves(plans, running.tasks_in("IN_PROGRESS"), "BLOCKED", rng)[:1]


def _skip(plans: Plans, running: Running, rng: random.Random) -> list[Operation]:
    path = f"/api/workflow-instances/{running.id}/nodes/{rng.choice(list(running.tasks))}/skip"
    return [_asked("skip", path, {"reason": "It rains."}, plans.manager)]


def _moves(plans: Plans, tasks: list[str], state: str, rng: random.Random) -> list[Operation]:
    """Each by somebody else, perhaps."""
    body = {"toState": state, "reason": "As planned."}
    chosen = rng.sample(tasks, min(len(tasks), AT_ONCE))
    return [
        _asked(f"move to {state}", f"/api/tasks/{task}/transition", body, rng.choice(plans.movers))
        for task in chosen
    ]


_KINDS: dict[str, tuple[int, Callable[[Plans, Running, random.Random], list[Operation]]]] = {
    "pick": (16, _pick),
    "give": (8, _give),
    "take away": (8, _take_away),
    "begin": (30, _begin),
    "finish": (30, _finish),
    "finish again": (3, _finish_again),
    "hold": (3, _hold),
    "skip": (3, _skip),
}


def _asked(kind: str, path: str, body: dict[str, Any] | None, by: Account) -> Operation:
    return Operation(kind, str(uuid4()), path, body, by)


async def _named(http: httpx.AsyncClient, path: str, name: str, by: Account) -> str:
    answer = await http.get(path, headers={"Authorization": by.authorization})
    items = answer.raise_for_status().json()["items"]
    return next(str(item["id"]) for item in items if item["name"] == name)


async def _saved(http: httpx.AsyncClient, name: str, kind: str, by: Account) -> str:
    joins, edges = TEMPLATES[name]
    drawn = [edge.split(">") for edge in edges]
    nodes = [
        {"id": node, "title": node, "taskTypeId": kind, "join": joins.get(node, {"kind": "all"})}
        for node in dict.fromkeys(end for edge in drawn for end in edge)
    ]
    body = {
        "name": name,
        "nodes": nodes,
        "edges": [{"parent": parent, "child": child} for parent, child in drawn],
    }
    headers = {"Authorization": by.authorization}
    answer = await http.post("/api/workflow-templates", json=body, headers=headers)
    return str(answer.raise_for_status().json()["id"])
