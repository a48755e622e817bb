"""A hundred want one task, or finish what one task waits for, at the same moment and over two API
processes: one gets it, and it is unlocked once.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from uuid import UUID

import httpx
import pytest

from application.access import Actor
from application.identity.accounts import RegisterAccount, SetMemberRoles
from application.processes.user_types import SetUserType
from application.work.occasions import AddOccasionMember
from domain.shared.ids import AccountId, OccasionId, TenantId, UserTypeId
from infrastructure.bootstrap import Core, core
from infrastructure.settings import Settings
from interfaces.cli.accounts import found, nothing, run
from interfaces.cli.demo import PASSWORD
from interfaces.cli.demo_wedding import MANAGER
from tests.support.eventflow import ok, refused
from tests.support.served import Served

CONTENDERS = 100
ACCOUNTS = 20
APIS = ("api-1", "api-2")
_UNLOCKED = """
SELECT count(*) FROM stored_events WHERE originator_id = %s AND topic = 'work.TaskUnlocked'
"""


@dataclass(frozen=True)
class Event:
    """One of the demo tenant's manager, with what its tasks may be of."""

    id: str
    kind: str
    vendors: str
    """The user type."""


@pytest.fixture(scope="module")
async def manager(system: Served):
    """Each request on a connection of its own, so that both API processes get their share."""
    limits = httpx.Limits(max_connections=CONTENDERS, max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=system.url, timeout=30, limits=limits) as client:
        body = {"email": MANAGER, "password": PASSWORD}
        answer = (await client.post("/auth/login", json=body)).raise_for_status()
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


@pytest.fixture(scope="module")
async def event(manager: httpx.AsyncClient) -> Event:
    times = {"startsAt": "2199-06-05T12:00:00Z", "endsAt": "2199-06-06T02:00:00Z"}
    made = ok(await manager.post("/api/events", json={"name": "Race", **times}))
    kinds = ok(await manager.get("/api/task-types"))["items"]
    types = ok(await manager.get("/api/user-types"))["items"]
    return Event(made["id"], _named("Catering", kinds), _named("Vendor", types))


async def test_a_hundred_pick_one_task(system: Served, manager: httpx.AsyncClient, event: Event):
    vendors = await _vendors(system, event)
    body = {"eventId": event.id, "taskTypeId": event.kind, "title": "Order the cake"}
    path = f"/api/tasks/{ok(await manager.post('/api/tasks', json=body))['id']}"
    contenders = [*vendors] * (CONTENDERS // ACCOUNTS)
    before = _asked(system, "PickTask").total()
    answers = await asyncio.gather(
        *(manager.post(f"{path}/pick", headers=vendors[who]) for who in contenders)
    )
    (winner,) = {answer.json()["assigneeId"] for answer in answers if answer.is_success}
    for who, answer in zip(contenders, answers, strict=True):
        if who == winner:
            ok(answer)
        else:
            (rule,) = refused(answer, 400)["broken"]
            assert (rule["rule"], rule["assignee_id"]) == ("TaskIsTaken", winner)
    assert ok(await manager.get(path))["assigneeId"] == winner
    assert _share(system, "PickTask") == before + CONTENDERS


@pytest.mark.parametrize(
    "join", [{"kind": "all"}, {"kind": "at_least", "count": 50}, {"kind": "any"}], ids=str
)
async def test_a_hundred_finish_the_parents_of_one_task(
    system: Served, manager: httpx.AsyncClient, event: Event, join: dict[str, object]
):
    *parents, child = await _tasks(manager, event, join)
    await _all_become(manager, parents, "IN_PROGRESS")
    before = _share(system, "MoveTask")
    answers = await _all_become(manager, parents, "DONE")
    assert Counter(answer.status_code for answer in answers) == {200: CONTENDERS}
    assert system.query(_UNLOCKED, child) == [(1,)]
    assert ok(await manager.get(f"/api/tasks/{child}"))["state"] == "TODO"
    assert _share(system, "MoveTask") == before + CONTENDERS


def test_what_is_read_is_what_the_log_says(system: Served):
    system.settle()
    verified = system.opstream("verify")
    assert verified.returncode == 0, verified.stdout


async def _tasks(manager: httpx.AsyncClient, event: Event, join: dict[str, object]) -> list[str]:
    """Those of a new instance: a hundred parents, and last their child."""
    names = [f"parent-{number}" for number in range(CONTENDERS)]
    nodes = [{"id": name, "title": name, "taskTypeId": event.kind} for name in names]
    child = {"id": "child", "title": "child", "taskTypeId": event.kind, "join": join}
    drawing = {
        "name": f"Race {join}",
        "nodes": [*nodes, child],
        "edges": [{"parent": name, "child": "child"} for name in names],
    }
    template = ok(await manager.post("/api/workflow-templates", json=drawing))
    body = {"templateId": template["id"], "eventId": event.id}
    instance = ok(await manager.post("/api/workflows/instantiate", json=body))
    query = {"workflowInstanceId": instance["id"], "pageSize": CONTENDERS + 1}
    items = ok(await manager.get("/api/tasks", params=query))["items"]
    tasks = {item["nodeId"]: item["id"] for item in items}
    return [tasks[name] for name in (*names, "child")]


async def _all_become(
    manager: httpx.AsyncClient, tasks: list[str], state: str
) -> list[httpx.Response]:
    body = {"toState": state, "reason": "At the same moment."}
    return await asyncio.gather(
        *(manager.post(f"/api/tasks/{task}/transition", json=body) for task in tasks)
    )


async def _vendors(system: Served, event: Event) -> dict[str, dict[str, str]]:
    """What so many members of the event put into their requests, by their ids."""
    settings = Settings(database_url=system.database_url, data_dir=system.data_dir)
    async with core(settings) as parts:
        tenant_id = await found(parts, "demo")
        numbers = range(ACCOUNTS)
        made = [await _vendor(parts, tenant_id, event, number) for number in numbers]
    return dict(made)


async def _vendor(
    parts: Core, tenant_id: TenantId, event: Event, number: int
) -> tuple[str, dict[str, str]]:
    us = Actor.system(tenant_id)
    register = RegisterAccount(f"vendor{number}@example.test", f"Vendor {number}")
    account_id = await run(parts, register, us, lambda made: AccountId(made.id))
    for command in (
        SetMemberRoles(account_id, ("member",)),
        SetUserType(account_id, UserTypeId(UUID(event.vendors))),
        AddOccasionMember(OccasionId(UUID(event.id)), account_id),
    ):
        await run(parts, command, us, nothing)
    token = parts.tokens.issue(Actor.with_roles(account_id, tenant_id, ("member",)))
    return str(account_id), {"Authorization": f"Bearer {token.text}"}


def _share(system: Served, command: str) -> int:
    """How often it was asked so far; each of the two processes was."""
    asked = _asked(system, command)
    assert set(asked) == set(APIS)
    return asked.total()


def _asked(system: Served, command: str) -> Counter[str]:
    """By process."""
    return Counter(
        api for api in APIS for line in system.log_lines(api) if line.get("command") == command
    )


def _named(name: str, items: list[dict[str, str]]) -> str:
    return next(item["id"] for item in items if item["name"] == name)
