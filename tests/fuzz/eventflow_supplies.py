"""EventFlow's things made beforehand: an event of whoever asks, its tasks, people, workflows."""

from itertools import pairwise
from typing import Any
from uuid import uuid4

from tests.support.api import Api, an_account
from tests.support.eventflow import made

ASKING = ("admin", "manager", "member")
"""All others are kept out at the door, whatever they ask for."""
FEW = 3
"""Of each kind: what is done, retired or gone can't be so again."""
TIMES = {"startsAt": "2199-06-05T12:00:00+02:00", "endsAt": "2199-06-06T02:00:00+02:00"}

Supplies = dict[str, dict[str, list[str]]]
Json = dict[str, Any]


async def eventflow_supplies(api: Api, role: str) -> Supplies:
    """For an account that may do everything about the tasks of its own event."""
    if role not in ASKING:
        return {}
    types = [await made(api.admin, "/api/user-types", _user_type(role, n)) for n in range(FEW)]
    kinds = [await made(api.admin, "/api/task-types", _task_type(role, n)) for n in range(FEW)]
    for kind in kinds:
        await api.admin.post(
            "/api/eligibility-mappings", json={"userTypeId": types[0], "taskTypeId": kind}
        )
    users = [await _user(api, types[0]) for _ in range(2 * FEW)]
    event = await _event(api, role, types[0], users)
    return {
        **_reference(role, types, kinds),
        **_events(role, event, users, types),
        **await _tasks(api, event, kinds[0], users),
        **await _workflows(api, role, event, kinds[0]),
    }


def _user_type(role: str, number: int) -> Json:
    permissions = ["view", "take", "move_state", "assign"]
    return {"name": f"{role} type {number}", "permissions": permissions}


def _task_type(role: str, number: int) -> Json:
    return {"name": f"{role} kind {number}"}


async def _user(api: Api, user_type: str) -> str:
    client, account_id = await an_account(api, "member")
    await client.aclose()
    await _become(api, str(account_id), user_type)
    return str(account_id)


async def _become(api: Api, account: str, user_type: str) -> None:
    path = f"/api/users/{account}/user-type"
    given = await api.admin.put(path, json={"userTypeId": user_type})
    assert given.status_code == 200, given.text


async def _event(api: Api, role: str, user_type: str, users: list[str]) -> str:
    """With whoever asks, unless that is the admin, who needs neither."""
    event = await made(api.admin, "/api/events", {"name": f"Wedding of {role}", **TIMES})
    if role != "admin":
        own = str(api.accounts[role])
        await _become(api, own, user_type)
        users = [own, *users]
    for user in users:
        await made(api.admin, f"/api/events/{event}/members", {"userId": user})
    return event


def _reference(role: str, types: list[str], kinds: list[str]) -> Supplies:
    """The first of each is needed by others, and the last is there to be changed."""
    pair = {"userTypeId": types[-1:], "taskTypeId": kinds}
    retiring = {"path.taskTypeId": kinds[-1:]}
    return {
        "POST /api/user-types": {"body.name": [f"{role} type {uuid4()}" for _ in range(FEW)]},
        "PATCH /api/user-types/{userTypeId}": {"path.userTypeId": types[-1:]},
        "POST /api/task-types": {"body.name": [f"{role} kind {uuid4()}" for _ in range(FEW)]},
        "PATCH /api/task-types/{taskTypeId}": {"path.taskTypeId": kinds},
        "POST /api/task-types/{taskTypeId}/retire": retiring,
        "POST /api/task-types/{taskTypeId}/reopen": retiring,
        "POST /api/eligibility-mappings": {f"body.{name}": ids for name, ids in pair.items()},
        "DELETE /api/eligibility-mappings/{userTypeId}/{taskTypeId}": {
            f"path.{name}": ids for name, ids in pair.items()
        },
    }


def _events(role: str, event: str, users: list[str], types: list[str]) -> Supplies:
    which = {"path.eventId": [event]}
    times = {f"body.{name}": [value] for name, value in TIMES.items()}
    return {
        "GET /api/events": {"query.search": [role]},
        "POST /api/events": times,
        "GET /api/events/{eventId}": which,
        "PATCH /api/events/{eventId}": which | times,
        "GET /api/events/{eventId}/members": which,
        "POST /api/events/{eventId}/members": {**which, "body.userId": users},
        "DELETE /api/events/{eventId}/members/{userId}": {**which, "path.userId": users[FEW:]},
        "GET /api/users": {"query.search": ["Somebody"]},
        "PUT /api/users/{userId}/user-type": {
            "path.userId": users[FEW:],
            "body.userTypeId": types,
        },
    }


async def _tasks(api: Api, event: str, kind: str, users: list[str]) -> Supplies:
    body = {"eventId": event, "taskTypeId": kind, "title": "Order the cake"}
    tasks = [await made(api.admin, "/api/tasks", body) for _ in range(5 * FEW)]
    for task in tasks[:FEW]:
        for state in ("IN_PROGRESS", "DONE"):
            moved = {"toState": state, "reason": "As planned."}
            await made(api.admin, f"/api/tasks/{task}/transition", moved)
    in_event = {"query.eventId": [event]}
    which = {"path.taskId": tasks[: 2 * FEW]}
    return {
        "GET /api/tasks": {**in_event, "query.taskTypeId": [kind], "query.assigneeId": users},
        "POST /api/tasks": {"body.eventId": [event], "body.taskTypeId": [kind]},
        "GET /api/tasks/counts": in_event,
        "GET /api/tasks/{taskId}": which,
        "GET /api/tasks/{taskId}/transitions": which,
        "GET /api/tasks/{taskId}/explain": which,
        "POST /api/tasks/{taskId}/correct": {"path.taskId": tasks[:FEW]},
        "POST /api/tasks/{taskId}/pick": {"path.taskId": tasks[FEW : 2 * FEW]},
        "POST /api/tasks/{taskId}/transition": {"path.taskId": tasks[2 * FEW : 3 * FEW]},
        "POST /api/tasks/{taskId}/assign": {
            "path.taskId": tasks[3 * FEW : 4 * FEW],
            "body.assigneeId": users[:FEW],
        },
        "POST /api/tasks/{taskId}/delete": {"path.taskId": tasks[4 * FEW :]},
    }


async def _workflows(api: Api, role: str, event: str, kind: str) -> Supplies:
    """Everything but migrating runs by the newest version; the names of nodes are those of the
    document's examples, so that these say something.
    """
    names = [f"{role} workflow {number}" for number in range(3 * FEW)]
    first, *others, closing = [await _template(api, name, kind, "cake") for name in names]
    start = {"templateId": first, "eventId": event}
    older = [await made(api.admin, "/api/workflows/instantiate", start) for _ in range(FEW)]
    await _template(api, names[0], kind, "dessert")
    newer = [await made(api.admin, "/api/workflows/instantiate", start) for _ in range(3)]
    looked_at, skipped, replaced = ([instance] for instance in newer)
    which = {"path.instanceId": looked_at}
    closed = {"path.templateId": [closing]}
    return {
        "POST /api/workflow-templates": {
            "body.name": [names[-1], f"{role} {uuid4()}"],
            "body.nodes[*].taskTypeId": [kind],
            "header.If-Match": ["*"],
        },
        "GET /api/workflow-templates/{templateId}": {"path.templateId": [first, closing]},
        "POST /api/workflow-templates/{templateId}/retire": closed,
        "POST /api/workflow-templates/{templateId}/reopen": closed,
        "POST /api/workflows/instantiate": {
            # Some are retired by who follows their ids out of a list.
            "body.templateId": [first, *others],
            "body.eventId": [event],
        },
        "GET /api/workflow-instances": {"query.eventId": [event], "query.templateId": [first]},
        "GET /api/workflow-instances/{instanceId}": which,
        "GET /api/workflow-instances/{instanceId}/graph": which,
        "POST /api/workflow-instances/{instanceId}/nodes": {
            **which,
            "body.node.id": [str(uuid4()) for _ in range(FEW)],
            "body.node.taskTypeId": [kind],
            "body.parents[*]": ["menu"],
            "body.children[*]": ["serve"],
        },
        "POST /api/workflow-instances/{instanceId}/nodes/{nodeId}/skip": {
            "path.instanceId": skipped,
            "path.nodeId": ["menu", "dessert", "serve"],
        },
        "POST /api/workflow-instances/{instanceId}/nodes/{nodeId}/replace": {
            "path.instanceId": replaced,
            "path.nodeId": ["menu", "dessert", "serve"],
            "body.taskTypeId": [kind],
        },
        "POST /api/workflow-instances/{instanceId}/migrate": {"path.instanceId": older},
        "POST /api/workflow-instances/{instanceId}/migrate/dry-run": {"path.instanceId": older},
    }


async def _template(api: Api, name: str, kind: str, middle: str) -> str:
    """What is to be eaten is found, had and served."""
    ids = ("menu", middle, "serve")
    nodes = [{"id": each, "title": f"See to {each}", "taskTypeId": kind} for each in ids]
    edges = [{"parent": parent, "child": child} for parent, child in pairwise(ids)]
    body = {"name": name, "nodes": nodes, "edges": edges}
    return await made(api.admin, "/api/workflow-templates", body)
