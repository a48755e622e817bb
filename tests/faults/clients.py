"""Clients that staff shifts through whatever happens, competing for people and places."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any
from uuid import uuid4

import httpx

from interfaces.cli.demo import PASSWORD
from tests.faults.bed import Bed, until
from tests.faults.operations import Attempt, Operation, Outcome

CLIENTS = 8
TIMEOUT = 15.0
"""Seconds; more than any request may take, so that one that takes too long is seen."""
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


@dataclass
class Load:
    """The clients' common state. `operations` is the history."""

    bed: Bed
    seed: str
    world: World
    http: httpx.AsyncClient
    operations: list[Operation] = field(default_factory=list)
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def acknowledged(self) -> int:
        return sum(operation.outcome is Outcome.OK for operation in self.operations)

    def oks_since(self, moment: float) -> int:
        return sum((one.answered_at or 0.0) > moment for one in self.operations)

    async def ask(self, operation: Operation) -> httpx.Response | None:
        """One attempt, whose request id tells the key."""
        asked_at, response = monotonic(), None
        headers = {
            "Idempotency-Key": operation.key,
            "X-Request-Id": f"{operation.key}.{len(operation.attempts)}",
        }
        try:
            response = await self.http.post(operation.path, json=operation.body, headers=headers)
        except httpx.HTTPError as error:
            operation.attempts.append(_nobody(asked_at, error))
            await asyncio.sleep(0.05)
        else:
            operation.told(asked_at, response)
        return response


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
        load = Load(bed, seed, await _world(http), http)
        tasks = [asyncio.create_task(_work(load, number)) for number in range(count)]
        try:
            yield load
        finally:
            load.stop.set()
            await asyncio.gather(*tasks)


async def authorization(bed: Bed) -> dict[str, str]:
    body = {"email": "admin@demo.test", "password": PASSWORD}
    async with httpx.AsyncClient(base_url=bed.url, timeout=TIMEOUT) as http:
        answer = await _answered(http, "/auth/login", json=body)
    return {"Authorization": f"Bearer {answer.raise_for_status().json()['access_token']}"}


async def _answered(http: httpx.AsyncClient, path: str, **request: Any) -> httpx.Response:
    """As a patient client asks: again, while it is told to come back later."""
    answers: list[httpx.Response] = []

    async def answered() -> bool:
        answers.append(await http.post(path, **request))
        return answers[-1].status_code != 503

    await until(answered, f"an answer of {path}", 10)
    return answers[-1]


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


async def _work(load: Load, number: int) -> None:
    rng = random.Random(f"{load.seed}/{number}")
    while not load.stop.is_set():
        operation = _next(load.world, rng)
        load.operations.append(operation)
        await load.ask(operation)
        # Some ask again when they got no answer, as they may; others leave it at that.
        while operation.outcome is Outcome.UNKNOWN and not load.stop.is_set():
            if rng.random() < 0.5:
                break
            await load.ask(operation)
        _learn(load.world, operation)


def _nobody(asked_at: float, error: Exception) -> Attempt:
    return Attempt(asked_at, monotonic() - asked_at, text=type(error).__name__)


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


async def settle(bed: Bed, headers: dict[str, str], operations: Sequence[Operation]) -> None:
    """Ask everything again with its key, when all is quiet: what is answered now is final."""
    async with httpx.AsyncClient(base_url=bed.url, headers=headers, timeout=TIMEOUT) as http:
        for one in operations:
            key = {"Idempotency-Key": one.key, "X-Request-Id": f"{one.key}.settled"}
            one.settled(await _answered(http, one.path, json=one.body, headers=key))
