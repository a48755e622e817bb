"""Who may do what about EventFlow: each operation, each role.

What a user type lets somebody do is tested in test_tasks.py; here the manager and the member have
one that may everything, so that their roles alone tell them apart.
"""

from uuid import uuid4

import pytest

from tests.architecture.test_routes import EVENTFLOW_ADDITIONS, EVENTFLOW_DOCUMENT
from tests.support.api import ROLES, an_account, position
from tests.support.eventflow import made, moved, ok, refused

ALL = {"admin", "manager", "member"}
PLANNING = {"admin", "manager"}
LISTS = {
    "GET /api/tasks",
    "GET /api/events",
    "GET /api/user-types",
    "GET /api/task-types",
    "GET /api/eligibility-mappings",
    "GET /api/workflow-templates",
    "GET /api/workflow-instances",
}
"""Of which another tenant's admin has nothing."""
OF_ANOTHER = {
    "POST /api/tasks",
    "POST /api/eligibility-mappings",
    "POST /api/workflows/instantiate",
}
"""Their bodies name what belongs to a tenant."""
MINE = {
    "GET /api/me",
    "GET /api/users",
    "GET /api/tasks/counts",
    "POST /api/events",
    "POST /api/user-types",
    "POST /api/task-types",
}
"""What anybody has, counts or makes in his or her own tenant."""


class Own:
    """An event of which the manager and the member are members, and what belongs to it."""

    def __init__(self, api):
        self.api = api

    async def settle(self):
        permissions = ["view", "take", "move_state", "assign"]
        body = {"name": "Everything", "permissions": permissions}
        self.type = await made(self.api.admin, "/api/user-types", body)
        self.kind = await made(self.api.admin, "/api/task-types", {"name": "Catering"})
        await self.mapped(self.type, self.kind)
        self.event = await made(self.api.admin, "/api/events", A_DAY)
        for role in ("manager", "member"):
            await self.joined(str(self.api.accounts[role]))
        nodes = [self.node("menu"), self.node("serve")]
        edges = [{"parent": "menu", "child": "serve"}]
        self.drawing = {"name": "Wedding", "nodes": nodes, "edges": edges}
        self.template = await made(self.api.admin, "/api/workflow-templates", self.drawing)
        return self

    def node(self, name):
        return {"id": name, "title": name, "taskTypeId": self.kind}

    async def joined(self, account):
        path = f"/api/users/{account}/user-type"
        ok(await self.api.admin.put(path, json={"userTypeId": self.type}))
        await made(self.api.admin, f"/api/events/{self.event}/members", {"userId": account})

    async def mapped(self, user_type, kind):
        pair = {"userTypeId": user_type, "taskTypeId": kind}
        ok(await self.api.admin.post("/api/eligibility-mappings", json=pair))

    async def somebody(self):
        client, account = await an_account(self.api, "member")
        await client.aclose()
        await self.joined(str(account))
        return str(account)

    async def task(self, *states):
        task = await made(self.api.admin, "/api/tasks", self.planned)
        for state in states:
            await moved(self.api.admin, task, state)
        return task

    @property
    def planned(self):
        return {"eventId": self.event, "taskTypeId": self.kind, "title": "Order the cake"}

    async def instance(self):
        body = {"templateId": self.template, "eventId": self.event}
        return await made(self.api.admin, "/api/workflows/instantiate", body)

    async def older_instance(self):
        """Of which the template has a newer version."""
        nodes = [self.node("menu"), self.node(uuid4().hex)]
        name = {"name": uuid4().hex}
        first = await made(
            self.api.admin, "/api/workflow-templates", self.drawing | name | {"edges": []}
        )
        body = {"templateId": first, "eventId": self.event}
        started = await made(self.api.admin, "/api/workflows/instantiate", body)
        newer = {**name, "nodes": nodes, "edges": []}
        await made(self.api.admin, "/api/workflow-templates", newer)
        return started

    async def user_type(self):
        return await made(self.api.admin, "/api/user-types", {"name": uuid4().hex})

    async def task_type(self):
        return await made(self.api.admin, "/api/task-types", {"name": uuid4().hex})

    async def other_template(self):
        return await made(
            self.api.admin, "/api/workflow-templates", self.drawing | {"name": uuid4().hex}
        )


A_DAY = {
    "name": "Wedding of Ana and Ben",
    "startsAt": "2199-06-05T12:00:00+02:00",
    "endsAt": "2199-06-06T02:00:00+02:00",
}
WHY = {"reason": "So."}
TASK = "/api/tasks/{id}"
EVENT = "/api/events/{id}"
KIND = "/api/task-types/{id}"
TEMPLATE = "/api/workflow-templates/{id}"
INSTANCE = "/api/workflow-instances/{id}"


async def nothing(_):
    return (), None


async def a_task(own):
    return (await own.task(),), None


async def an_event(own):
    return (own.event,), None


async def a_kind(own):
    return (await own.task_type(),), None


async def a_template(own):
    return (await own.other_template(),), None


async def an_instance(own):
    return (await own.instance(),), None


def to_a_task(body, *states):
    async def good(own):
        return (await own.task(*states),), body

    return good


def to_make(body):
    async def good(_):
        return (), {"name": uuid4().hex, **body}

    return good


async def a_task_to_plan(own):
    return (), own.planned


async def a_task_to_give(own):
    return (await own.task(),), {"assigneeId": await own.somebody()}


async def an_event_to_change(own):
    return (own.event,), {"description": "By the lake"}


async def a_member_to_add(own):
    return (own.event,), {"userId": await own.somebody()}


async def a_member_to_remove(own):
    return (own.event, await own.somebody()), None


async def somebody_to_sort(own):
    return (await own.somebody(),), {"userTypeId": own.type}


async def a_user_type_to_change(own):
    return (await own.user_type(),), {"description": "From outside"}


async def a_kind_to_change(own):
    return (await own.task_type(),), {"minutes": 45}


async def a_pair(own):
    pair = await own.user_type(), await own.task_type()
    return (), dict(zip(("userTypeId", "taskTypeId"), pair, strict=True))


async def a_pair_that_is_mapped(own):
    pair = await own.user_type(), await own.task_type()
    await own.mapped(*pair)
    return pair, None


async def a_drawing(own):
    return (), own.drawing | {"name": uuid4().hex}


async def a_start(own):
    return (), {"templateId": own.template, "eventId": own.event}


async def a_node_to_add(own):
    return (await own.instance(),), {"node": own.node("cake"), "parents": ["menu"], **WHY}


async def a_node_to_skip(own):
    return (await own.instance(), "menu"), WHY


async def a_node_to_replace(own):
    return (await own.instance(), "menu"), {"title": "Bake", "taskTypeId": own.kind, **WHY}


async def an_older_instance(own):
    return (await own.older_instance(),), {"mapping": {}, **WHY}


async def an_older_instance_to_plan(own):
    return (await own.older_instance(),), {"mapping": {}}


OPERATIONS = {
    "GET /api/me": (ALL, nothing),
    "GET /api/tasks": (ALL, nothing),
    "POST /api/tasks": (ALL, a_task_to_plan),
    "GET /api/tasks/counts": (ALL, nothing),
    f"GET {TASK}": (ALL, a_task),
    f"GET {TASK}/transitions": (ALL, a_task),
    f"GET {TASK}/explain": (ALL, a_task),
    f"POST {TASK}/pick": (ALL, a_task),
    f"POST {TASK}/transition": (ALL, to_a_task({"toState": "IN_PROGRESS", **WHY})),
    f"POST {TASK}/assign": (ALL, a_task_to_give),
    f"POST {TASK}/delete": (ALL, to_a_task(WHY)),
    f"POST {TASK}/correct": (ALL, to_a_task({"title": "Again", **WHY}, "IN_PROGRESS", "DONE")),
    "GET /api/events": (ALL, nothing),
    "POST /api/events": (PLANNING, to_make(A_DAY)),
    f"GET {EVENT}": (ALL, an_event),
    f"PATCH {EVENT}": (PLANNING, an_event_to_change),
    f"GET {EVENT}/members": (ALL, an_event),
    f"POST {EVENT}/members": (PLANNING, a_member_to_add),
    f"DELETE {EVENT}/members/{{id}}": (PLANNING, a_member_to_remove),
    "GET /api/users": (ALL, nothing),
    "PUT /api/users/{id}/user-type": ({"admin"}, somebody_to_sort),
    "GET /api/user-types": (ALL, nothing),
    "POST /api/user-types": ({"admin"}, to_make({})),
    "PATCH /api/user-types/{id}": ({"admin"}, a_user_type_to_change),
    "GET /api/task-types": (ALL, nothing),
    "POST /api/task-types": ({"admin"}, to_make({})),
    f"PATCH {KIND}": ({"admin"}, a_kind_to_change),
    f"POST {KIND}/retire": ({"admin"}, a_kind),
    f"POST {KIND}/reopen": ({"admin"}, a_kind),
    "GET /api/eligibility-mappings": (ALL, nothing),
    "POST /api/eligibility-mappings": ({"admin"}, a_pair),
    "DELETE /api/eligibility-mappings/{id}/{id}": ({"admin"}, a_pair_that_is_mapped),
    "GET /api/workflow-templates": (ALL, nothing),
    "POST /api/workflow-templates": (PLANNING, a_drawing),
    f"GET {TEMPLATE}": (ALL, a_template),
    f"POST {TEMPLATE}/retire": (PLANNING, a_template),
    f"POST {TEMPLATE}/reopen": (PLANNING, a_template),
    "POST /api/workflows/instantiate": (ALL, a_start),
    "GET /api/workflow-instances": (ALL, nothing),
    f"GET {INSTANCE}": (ALL, an_instance),
    f"GET {INSTANCE}/graph": (ALL, an_instance),
    f"POST {INSTANCE}/nodes": (ALL, a_node_to_add),
    f"POST {INSTANCE}/nodes/{{id}}/skip": (ALL, a_node_to_skip),
    f"POST {INSTANCE}/nodes/{{id}}/replace": (ALL, a_node_to_replace),
    f"POST {INSTANCE}/migrate": (ALL, an_older_instance),
    f"POST {INSTANCE}/migrate/dry-run": (ALL, an_older_instance_to_plan),
}
"""Source: the document's access levels and customer restrictions, and issue 5: admins change
reference data, managers plan events and draw templates."""


@pytest.fixture(scope="module")
async def own(api):
    return await Own(api).settle()


@pytest.fixture(params=OPERATIONS)
async def asking(request, own):
    """A request that anybody who may make it would have answered well."""
    method, path = request.param.split()
    which, body = await OPERATIONS[request.param][1](own)
    for each in which:
        path = path.replace("{id}", each, 1)
    return request.param, lambda client: client.request(method, path, json=body)


def test_these_are_all_operations_of_the_contract():
    table = EVENTFLOW_DOCUMENT | EVENTFLOW_ADDITIONS
    assert set(OPERATIONS) == {f"{method} {path}" for method, path in table}
    assert len(OPERATIONS) == 46


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_may_do_what_the_document_says_and_no_more(api, asking, role):
    operation, ask = asking
    before = await position(api)
    response = await ask(api.clients[role])
    if role in OPERATIONS[operation][0]:
        ok(response)
    else:
        assert set(refused(response, 403)) == {"needs"}
        assert await position(api) == before


async def test_without_a_token_nothing_is_answered(api, asking):
    before = await position(api)
    response = await asking[1](api.nobody)
    refused(response, 401)
    assert response.headers["www-authenticate"] == "Bearer"
    assert await position(api) == before


async def test_the_admin_of_another_tenant_finds_nothing_here(api, asking):
    operation, ask = asking
    before = await position(api)
    response = await ask(api.stranger)
    if "{id}" in operation or operation in OF_ANOTHER:
        refused(response, 404)
    elif operation == "POST /api/workflow-templates":
        assert set(refused(response, 400)["fields"]) >= {"nodes.0.taskTypeId"}
    elif operation in LISTS:
        assert ok(response)["items"] == []
    else:
        assert operation in MINE
        ok(response)
        return
    assert await position(api) == before
