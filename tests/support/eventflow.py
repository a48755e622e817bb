"""A wedding in the API: users of each type of the document, an event of theirs, and tasks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from domain.shared.ids import AccountId
from tests.support.api import Api, an_account

TYPES: dict[str, dict[str, Any]] = {
    "EventManager": {"permissions": ["view", "take", "move_state", "assign"]},
    "Vendor": {"permissions": ["view", "take", "move_state"]},
    "Customer": {"permissions": ["view"], "readOnly": True},
}
KINDS = {"Catering": 240, "Flowers": 60, "Music": 30}
"""Of tasks, and the minutes that one takes."""
ELIGIBLE = {
    "EventManager": ("Catering", "Flowers", "Music"),
    "Vendor": ("Catering", "Music"),
    "Customer": ("Catering", "Flowers", "Music"),
}
USERS = {
    "manager": ("manager", "EventManager"),
    "vendor": ("member", "Vendor"),
    "caterer": ("member", "Vendor"),
    "customer": ("member", "Customer"),
    "passer_by": ("member", "Vendor"),
}
"""Each with its role and its type; the last is no member of the event."""


@dataclass
class Wedding:
    api: Api
    event: str
    types: dict[str, str]
    kinds: dict[str, str]
    users: dict[str, tuple[httpx.AsyncClient, AccountId]]

    def __getattr__(self, user: str) -> httpx.AsyncClient:
        users = self.__dict__.get("users", {})
        if user in users:
            client: httpx.AsyncClient = users[user][0]
            return client
        raise AttributeError(user)

    def id_of(self, user: str) -> str:
        return str(self.users[user][1])

    async def task(self, kind: str = "Catering", **changes: Any) -> str:
        """The id of a new one that is to do."""
        body = {"eventId": self.event, "taskTypeId": self.kinds[kind], "title": "Order the cake"}
        return str(ok(await self.manager.post("/api/tasks", json=body | changes))["id"])

    async def moved(self, task: str, *states: str) -> None:
        for state in states:
            await moved(self.manager, task, state)

    async def close(self) -> None:
        for client, _ in self.users.values():
            await client.aclose()


async def a_wedding(api: Api) -> Wedding:
    """Another each time, with the same reference data."""
    types = {
        name: await _known(api, "/api/user-types", {"name": name, **told})
        for name, told in TYPES.items()
    }
    kinds = {
        name: await _known(api, "/api/task-types", {"name": name, "minutes": minutes})
        for name, minutes in KINDS.items()
    }
    for name, eligible in ELIGIBLE.items():
        for kind in eligible:
            body = {"userTypeId": types[name], "taskTypeId": kinds[kind]}
            ok(await api.admin.post("/api/eligibility-mappings", json=body))
    users = {}
    for user, (role, kind) in USERS.items():
        client, account_id = await an_account(api, role)
        users[user] = (client, account_id)
        path = f"/api/users/{account_id}/user-type"
        ok(await api.admin.put(path, json={"userTypeId": types[kind]}))
    event = await _event(users)
    return Wedding(api, event, types, kinds, users)


async def made(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> str:
    """The id of what was posted."""
    return str(ok(await client.post(path, json=body))["id"])


async def moved(client: httpx.AsyncClient, task: str, state: str) -> dict[str, Any]:
    body = {"toState": state, "reason": "As planned."}
    return ok(await client.post(f"/api/tasks/{task}/transition", json=body))


def ok(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def refused(response: httpx.Response, status: int) -> dict[str, Any]:
    """It is an error in the EventFlow contract's words; answers with its details."""
    body = response.json()
    assert response.status_code == status, response.text
    assert set(body) == {"ok", "error", "details"}
    assert body["ok"] is False
    assert body["error"]
    details: dict[str, Any] = body["details"]
    return details


def broken(response: httpx.Response, status: int = 400) -> list[str]:
    """The rules that were broken, by name."""
    return [each["rule"] for each in refused(response, status)["broken"]]


async def _event(users: dict[str, tuple[httpx.AsyncClient, AccountId]]) -> str:
    manager = users["manager"][0]
    body = {
        "name": "Wedding of Ana and Ben",
        "startsAt": "2199-06-05T12:00:00+02:00",
        "endsAt": "2199-06-06T02:00:00+02:00",
    }
    event = str(ok(await manager.post("/api/events", json=body))["id"])
    for user in ("vendor", "caterer", "customer"):
        member = {"userId": str(users[user][1])}
        ok(await manager.post(f"/api/events/{event}/members", json=member))
    return event


async def _known(api: Api, path: str, body: dict[str, Any]) -> str:
    """The id of what has this name, made if it is new."""
    known = ok(await api.admin.get(path))["items"]
    for each in known:
        if each["name"] == body["name"]:
            return str(each["id"])
    return str(ok(await api.admin.post(path, json=body))["id"])


def drawing(
    wedding: Wedding,
    *told: str,
    kinds: Mapping[str, str] | None = None,
    joins: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A body's nodes and edges, of ``"a>b"``, or ``"a"`` for a node alone; Catering by default."""
    pairs = [each.split(">") for each in told]
    ids = dict.fromkeys(node_id for pair in pairs for node_id in pair)
    nodes: list[dict[str, Any]] = [
        {
            "id": node_id,
            "title": f"Do {node_id}",
            "taskTypeId": wedding.kinds[(kinds or {}).get(node_id, "Catering")],
            **({"join": joins[node_id]} if joins and node_id in joins else {}),
        }
        for node_id in ids
    ]
    arrows = [{"parent": pair[0], "child": pair[1]} for pair in pairs if len(pair) > 1]
    return {"nodes": nodes, "edges": arrows}


async def a_template(
    wedding: Wedding, *told: str, name: str | None = None, **drawn: Any
) -> dict[str, Any]:
    """Saved under a new name, or as the next version under this one."""
    body = {"name": name or f"Plan {uuid4()}", **drawing(wedding, *told, **drawn)}
    return ok(await wedding.manager.post("/api/workflow-templates", json=body))


async def a_workflow(wedding: Wedding, *told: str, **drawn: Any) -> "Workflow":
    """Started from a new template."""
    template = await a_template(wedding, *told, **drawn)
    body = {"templateId": template["id"], "eventId": wedding.event}
    made = ok(await wedding.manager.post("/api/workflows/instantiate", json=body))
    return Workflow(wedding, template, made, f"/api/workflow-instances/{made['id']}")


@dataclass
class Workflow:
    wedding: Wedding
    template: dict[str, Any]
    made: dict[str, Any]
    """As it was answered when it was started."""
    path: str

    async def graph(self, user: str = "manager") -> dict[str, Any]:
        client: httpx.AsyncClient = getattr(self.wedding, user)
        return ok(await client.get(f"{self.path}/graph"))

    async def nodes(self, user: str = "manager") -> dict[str, dict[str, Any]]:
        """Those that the user sees, by their ids."""
        return {each["id"]: each for each in (await self.graph(user))["nodes"]}

    async def states(self, user: str = "manager") -> dict[str, str]:
        return {node_id: node["state"] for node_id, node in (await self.nodes(user)).items()}

    async def moved(self, node_id: str, *states: str) -> None:
        await self.wedding.moved((await self.nodes())[node_id]["taskId"], *states)

    async def done(self, *node_ids: str) -> None:
        for node_id in node_ids:
            await self.moved(node_id, "IN_PROGRESS", "DONE")

    async def asked(
        self, what: str, body: dict[str, Any] | None = None, user: str = "manager"
    ) -> httpx.Response:
        """POST something about it, with a reason unless one is given."""
        client: httpx.AsyncClient = getattr(self.wedding, user)
        told = {"reason": "The weather."} | (body or {})
        return await client.post(f"{self.path}/{what}", json=told)
