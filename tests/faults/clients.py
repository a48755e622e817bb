"""Clients that staff shifts through whatever happens, competing for people and places; beside them
others plan by workflows.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from tests.faults.bed import Bed
from tests.faults.load import TIMEOUT, Load, logged_in
from tests.faults.operations import Operation, Outcome
from tests.faults.planners import plan, plans_in

CLIENTS = 8
PLANNERS = 4
"""Beside them, however many those are."""
PEOPLE = 6
DAYS = 20
"""Shifts begin within so many days, so that people are wanted twice at the same time."""
LATELY = 6
"""Of so many shifts, one is chosen to be staffed: several clients want its last place."""
PLANNED = 0.3
"""Of drafts, the share that names somebody."""
_FIRST = datetime(2199, 6, 20, tzinfo=UTC)


@dataclass
class World:
    """What the clients know of, from the answers they got."""

    unit_id: str = ""
    people: list[str] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    published: list[str] = field(default_factory=list)
    assignments: list[str] = field(default_factory=list)


@asynccontextmanager
async def clients(
    bed: Bed, seed: str, count: int = CLIENTS, *, keep_alive: bool = True
) -> AsyncIterator[Load]:
    """Clients that go on for as long as the block runs."""
    headers = await authorization(bed)
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None if keep_alive else 0)
    async with httpx.AsyncClient(
        base_url=bed.url, headers=headers, timeout=TIMEOUT, limits=limits
    ) as http:
        load, world, plans = Load(bed, seed, http), await _world(http), await plans_in(http)
        tasks = [
            *(asyncio.create_task(_work(load, world, number)) for number in range(count)),
            *(asyncio.create_task(plan(load, plans, number)) for number in range(PLANNERS)),
        ]
        try:
            yield load
        finally:
            load.stop.set()
            await asyncio.gather(*tasks)


async def authorization(bed: Bed) -> dict[str, str]:
    async with httpx.AsyncClient(base_url=bed.url, timeout=TIMEOUT) as http:
        return {"Authorization": await logged_in(http, "admin@demo.test")}


async def _world(http: httpx.AsyncClient) -> World:
    # People who need no rest are wanted by more shifts than they can be on.
    (await http.patch("/policy", json={"minimum_rest_hours": 0})).raise_for_status()
    units = (await http.get("/units")).raise_for_status().json()["items"]
    people = await _nurses(http)
    for number in range(len(people), PEOPLE):
        body = {"name": f"Nurse {number}", "kind": "staff", "roles": ["nurse"]}
        email = f"nurse-{number}@demo.test"
        made = await http.post("/people", json={**body, "email": email})
        people.append(made.raise_for_status().json()["id"])
    return World(units[0]["id"], people)


async def _nurses(http: httpx.AsyncClient) -> list[str]:
    answer = (await http.get("/people", params={"role": "nurse"})).raise_for_status()
    return [person["id"] for person in answer.json()["items"]]


async def _work(load: Load, world: World, number: int) -> None:
    rng = random.Random(f"{load.seed}/{number}")
    while not load.stop.is_set():
        operation = _next(world, rng)
        await load.see_to(operation, rng)
        _learn(world, operation)


def _learn(world: World, operation: Operation) -> None:
    if operation.outcome is not Outcome.OK or operation.answer is None:
        return
    shift_id = operation.answer["id"]
    if operation.kind == "draft":
        world.drafts.append(shift_id)
    elif operation.kind == "publish":
        world.published.append(shift_id)
    elif operation.kind == "assign":
        world.assignments += [one["id"] for one in operation.answer["assignments"]]


def _next(world: World, rng: random.Random) -> Operation:
    """A command of some kind that can be asked for now."""
    possible = [
        (kind, weight)
        for kind, weight, known in (
            ("draft", 30, True),
            ("publish", 22, world.drafts),
            ("assign", 26, world.published),
            ("accept", 10, world.assignments),
            ("decline", 8, world.assignments),
            ("reassign", 6, world.assignments),
            ("cancel", 3, world.published),
        )
        if known
    ]
    (kind,) = rng.choices([kind for kind, _ in possible], [weight for _, weight in possible])
    path, body = _KINDS[kind](world, rng)
    return Operation(kind, str(uuid4()), path, body)


Asked = tuple[str, dict[str, Any] | None]


def _draft(world: World, rng: random.Random) -> Asked:
    start = _FIRST + timedelta(hours=rng.randrange(24 * DAYS))
    end = start + timedelta(hours=rng.randint(1, 9))
    times = {"start": start.isoformat(), "end": end.isoformat()}
    body = {"unit_id": world.unit_id, "role": "nurse", "headcount": rng.randint(1, 2), **times}
    # Who is planned is put on it when it is published, unless something is in the way by then.
    planned = rng.sample(world.people, 1) if rng.random() < PLANNED else []
    return "/shifts", {**body, "people": planned}


def _publish(world: World, rng: random.Random) -> Asked:
    return f"/shifts/{rng.choice(world.drafts[-LATELY:])}/publish", None


def _assign(world: World, rng: random.Random) -> Asked:
    people = rng.sample(world.people, rng.randint(1, 2))
    return f"/shifts/{rng.choice(world.published[-LATELY:])}/assign", {"person_ids": people}


def _accept(world: World, rng: random.Random) -> Asked:
    return _answer(world, rng), {"status": "accepted"}


def _decline(world: World, rng: random.Random) -> Asked:
    return _answer(world, rng), {"status": "declined"}


def _reassign(world: World, rng: random.Random) -> Asked:
    return _answer(world, rng), {"status": "reassigned", "person_id": rng.choice(world.people)}


def _cancel(world: World, rng: random.Random) -> Asked:
    return f"/shifts/{rng.choice(world.published[-LATELY:])}/cancel", {"reason": "Not needed."}


def _answer(world: World, rng: random.Random) -> str:
    return f"/assignments/{rng.choice(world.assignments[-2 * LATELY :])}/status"


_KINDS: dict[str, Callable[[World, random.Random], Asked]] = {
    "draft": _draft,
    "publish": _publish,
    "assign": _assign,
    "accept": _accept,
    "decline": _decline,
    "reassign": _reassign,
    "cancel": _cancel,
}
