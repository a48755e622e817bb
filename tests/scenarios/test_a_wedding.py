"""A wedding is planned from a template by a manager, a coordinator, a vendor and a customer, with
an admin behind them, each by what his or her user type may do.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.support.served import Served

TITLES = {
    "church": ("Book the church", "Planning"),
    "photos": ("Find a photographer", "Photography"),
    "menu": ("Choose the menu", "Catering"),
    "cake": ("Order the cake", "Catering"),
    "band": ("Find a band", "Music"),
    "dj": ("Find somebody with records", "Music"),
    "music": ("Agree on the music", "Music"),
    "day": ("Celebrate", "Planning"),
}
EDGES = ("church>photos", "menu>cake", "band>music", "dj>music", "photos>day", "cake>day")
JOINS = {"music": {"kind": "any"}}


@dataclass
class Planning:
    """Who plans, what they refer to, and what is planned."""

    system: Served
    admin: httpx.Client
    manager: httpx.Client
    coordinator: httpx.Client
    vendor: httpx.Client
    customer: httpx.Client
    event: str = ""
    instance: str = ""

    def kinds(self) -> dict[str, str]:
        listed = ok(self.manager.get("/api/task-types"))["items"]
        return {each["name"]: each["id"] for each in listed}

    def graph(self, client: httpx.Client | None = None) -> dict[str, Any]:
        path = f"/api/workflow-instances/{self.instance}/graph"
        return ok((client or self.manager).get(path))

    def node(self, node_id: str) -> dict[str, Any]:
        (found,) = [node for node in self.graph()["nodes"] if node["id"] == node_id]
        return dict(found)

    def task(self, node_id: str) -> str:
        return str(self.node(node_id)["taskId"])

    def states(self, client: httpx.Client | None = None) -> dict[str, str]:
        return {node["id"]: node["state"] for node in self.graph(client)["nodes"]}

    def move(self, client: httpx.Client, node_id: str, *states: str) -> None:
        for state in states:
            body = {"toState": state, "reason": f"The {node_id} is {state}."}
            ok(client.post(f"/api/tasks/{self.task(node_id)}/transition", json=body))


@pytest.fixture(scope="module")
def planning(system: Served) -> Planning:
    names = ("admin", "manager1", "coordinator1", "vendor1", "customer1")
    return Planning(system, *(system.log_in(f"{name}@eventflow.com") for name in names))


def ok(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def broken(answer: httpx.Response, status: int) -> list[str]:
    assert answer.status_code == status, answer.text
    assert answer.json()["ok"] is False
    return [each["rule"] for each in answer.json()["details"]["broken"]]


def id_of(client: httpx.Client) -> str:
    return str(ok(client.get("/api/me"))["id"])


def template(planning: Planning, *, without: tuple[str, ...] = (), **joins: Any) -> dict[str, Any]:
    kinds = planning.kinds()
    nodes = [
        {"id": each, "title": title, "taskTypeId": kinds[kind]}
        | ({"join": (JOINS | joins)[each]} if each in JOINS | joins else {})
        for each, (title, kind) in TITLES.items()
        if each not in without
    ]
    ends = [edge.split(">") for edge in EDGES]
    edges = [{"parent": a, "child": b} for a, b in ends if not {a, b} & {*without}]
    return {"name": "Church wedding", "nodes": nodes, "edges": edges}


def test_an_admin_adds_what_the_template_needs(planning: Planning):
    body = {"name": "Photography", "minutes": 600}
    assert planning.manager.post("/api/task-types", json=body).status_code == 403
    kind = ok(planning.admin.post("/api/task-types", json=body))["id"]
    listed = ok(planning.admin.get("/api/user-types"))["items"]
    types = {each["name"]: each["id"] for each in listed}
    for name in ("EventManager", "Coordinator", "Vendor", "Customer"):
        pair = {"userTypeId": types[name], "taskTypeId": kind}
        ok(planning.admin.post("/api/eligibility-mappings", json=pair))
    assert "Photography" in planning.kinds()


def test_a_manager_draws_a_template_and_is_told_of_a_cycle(planning: Planning):
    drawing = template(planning)
    cyclic = drawing | {"edges": [*drawing["edges"], {"parent": "day", "child": "church"}]}
    answer = planning.manager.post("/api/workflow-templates", json=cyclic)
    assert broken(answer, 400) == ["Cyclic"]
    assert "church → photos → day → church" in answer.json()["error"]
    for client in (planning.vendor, planning.customer, planning.coordinator):
        assert client.post("/api/workflow-templates", json=drawing).status_code == 403
    assert ok(planning.manager.post("/api/workflow-templates", json=drawing))["version"] == 1


def test_the_manager_plans_the_event_and_starts_the_workflow(planning: Planning):
    body = {
        "name": "Wedding of Cleo and Dan",
        "startsAt": "2199-06-05T12:00:00+02:00",
        "endsAt": "2199-06-06T02:00:00+02:00",
    }
    planning.event = ok(planning.manager.post("/api/events", json=body))["id"]
    for client in (planning.coordinator, planning.vendor, planning.customer):
        assert client.get(f"/api/events/{planning.event}").status_code == 403
        member = {"userId": id_of(client)}
        ok(planning.manager.post(f"/api/events/{planning.event}/members", json=member))
    (found,) = [
        each
        for each in ok(planning.manager.get("/api/workflow-templates"))["items"]
        if each["name"] == "Church wedding"
    ]
    start = {"templateId": found["id"], "eventId": planning.event, "name": "Cleo and Dan"}
    assert broken(planning.vendor.post("/api/workflows/instantiate", json=start), 403)
    planning.instance = ok(planning.manager.post("/api/workflows/instantiate", json=start))["id"]
    todo = {node_id for node_id, state in planning.states().items() if state == "TODO"}
    assert todo == {"church", "menu", "band", "dj"}


def test_the_customer_sees_nothing_that_is_still_to_do(planning: Planning):
    assert set(planning.states(planning.customer)) == {"photos", "cake", "music", "day"}
    listed = ok(planning.customer.get("/api/tasks", params={"eventId": planning.event}))
    assert {task["state"] for task in listed["items"]} == {"BLOCKED"}
    assert planning.customer.get(f"/api/tasks/{planning.task('menu')}").status_code == 404


async def test_of_those_who_want_the_menu_one_gets_it(planning: Planning):
    task = planning.task("menu")
    tokens = [dict(who.headers) for who in (planning.vendor, planning.manager)] * 10
    async with httpx.AsyncClient(base_url=planning.system.url, timeout=30) as client:
        answers = await asyncio.gather(
            *(
                client.post(
                    f"/api/tasks/{task}/pick", headers={"Authorization": each["authorization"]}
                )
                for each in tokens
            )
        )
    winners = {a.json()["assigneeId"] for a in answers if a.status_code == 200}
    assert len(winners) == 1
    assert {a.json()["details"]["broken"][0]["assignee_id"] for a in answers if a.is_error} == (
        winners
    )
    give = {"assigneeId": id_of(planning.vendor)}
    given = ok(planning.coordinator.post(f"/api/tasks/{task}/assign", json=give))
    assert given["assigneeId"] == id_of(planning.vendor)


def test_what_is_done_unlocks_what_waited_for_it(planning: Planning):
    planning.move(planning.vendor, "menu", "IN_PROGRESS", "BLOCKED", "IN_PROGRESS", "DONE")
    planning.move(planning.vendor, "dj", "IN_PROGRESS", "DONE")
    states = planning.states()
    assert (states["cake"], states["music"], states["day"]) == ("TODO", "TODO", "BLOCKED")
    assert planning.states(planning.customer)["menu"] == "DONE"
    why = ok(planning.vendor.get(f"/api/tasks/{planning.task('day')}/explain"))
    refused = {each["action"]: [r["rule"] for r in each["reasons"]] for each in why["actions"]}
    assert (why["state"], refused["view"], refused["take"]) == (
        None,
        ["NotEligible"],
        ["NotEligible"],
    )


def test_the_plan_changes_while_it_runs(planning: Planning):
    path = f"/api/workflow-instances/{planning.instance}"
    catering = planning.kinds()["Catering"]
    bar = {"id": "bar", "title": "Hire a bar", "taskTypeId": catering}
    wish = {"node": bar, "parents": ["menu"], "children": ["day"], "reason": "They are thirsty."}
    assert planning.vendor.post(f"{path}/nodes", json=wish).status_code == 403
    ok(planning.manager.post(f"{path}/nodes", json=wish))
    assert planning.states()["bar"] == "TODO"
    skip = {"reason": "They have seen enough bands."}
    ok(planning.manager.post(f"{path}/nodes/band/skip", json=skip))
    before = planning.task("cake")
    other = {"title": "Bake a cake", "taskTypeId": catering, "reason": "The baker is ill."}
    ok(planning.manager.post(f"{path}/nodes/cake/replace", json=other))
    assert planning.node("cake")["title"] == "Bake a cake"
    assert ok(planning.manager.get(f"/api/tasks/{before}"))["state"] == "SKIPPED"


def test_a_newer_version_is_tried_and_then_taken(planning: Planning):
    drawing = template(planning, without=("photos",), day={"kind": "at_least", "count": 1})
    drawing["nodes"].append(
        {"id": "bar", "title": "Hire a bar", "taskTypeId": planning.kinds()["Catering"]}
    )
    drawing["edges"] += [{"parent": "bar", "child": "day"}, {"parent": "church", "child": "day"}]
    assert ok(planning.manager.post("/api/workflow-templates", json=drawing))["version"] == 2
    path = f"/api/workflow-instances/{planning.instance}/migrate"
    tried = ok(planning.manager.post(f"{path}/dry-run", json={}))
    assert (tried["dropped"], tried["added"], tried["problems"]) == (["photos"], [], [])
    assert "photos" in planning.states()
    photos = planning.task("photos")
    done = ok(planning.manager.post(path, json={"reason": "No photos, please."}))
    assert done["templateVersion"] == 2
    assert "photos" not in planning.states()
    assert ok(planning.manager.get(f"/api/tasks/{photos}"))["state"] == "SKIPPED"


def test_the_day_comes(planning: Planning):
    for client, node_id in (
        (planning.manager, "church"),
        (planning.vendor, "music"),
        (planning.vendor, "cake"),
        (planning.vendor, "bar"),
        (planning.coordinator, "day"),
    ):
        planning.move(client, node_id, "IN_PROGRESS", "DONE")
    drawn = planning.graph()
    assert drawn["instance"]["progress"] == {
        "total": 8,
        "done": 7,
        "skipped": 1,
        "open": 0,
        "percent": 100,
    }
    assert (drawn["remainingMinutes"], drawn["criticalPath"]) == (0, [])
    path = f"/api/workflow-instances/{planning.instance}/graph"
    picture = planning.customer.get(path, params={"format": "svg"})
    assert picture.headers["content-type"] == "image/svg+xml"
    assert "Celebrate" in picture.text


def test_the_audit_trail_says_who_did_what(planning: Planning):
    auditor = planning.system.log_in("auditor")
    day = planning.task("day")
    planning.system.settle()
    params: dict[str, Any] = {"entity_id": day, "pageSize": 200}
    listed = auditor.get("/audit-logs", params=params).json()["items"]
    actions = [each["action"] for each in listed]
    assert {"TaskPlanned", "TaskUnlocked", "TaskMoved"} <= set(actions)
    assert actions.count("TaskUnlocked") == 1
    movers = {each["actor"] for each in listed if each["action"] == "TaskMoved"}
    assert movers == {id_of(planning.coordinator)}
