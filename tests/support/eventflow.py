"""A wedding in the API: users of each type of the document, an event of theirs, and tasks."""

from dataclasses import dataclass
from typing import Any

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
