"""The EventFlow document, line by line: its endpoints, authorization, workflows, states, errors,
invariants and smoke tests.

Each line is a test of its name. What a line asks in depth is tested where it lives; its queries and
caches are in `test_the_documents_queries.py`.
"""

import asyncio
from uuid import uuid4

import pytest

from domain.work.states import FOLLOWS
from interfaces.http.eventflow import tasks as task_routes
from tests.architecture.test_routes import EVENTFLOW_DOCUMENT, nameless, walk
from tests.support.api import an_account
from tests.support.eventflow import a_wedding, broken, made, moved, ok, refused

ENDPOINTS = {
    "GET /api/tasks: list tasks (filtered by event)",
    "GET /api/tasks/{id}: get task by ID",
    "POST /api/tasks/{id}/pick: pick (assign to self)",
    "POST /api/tasks/{id}/transition: transition state",
    "POST /api/tasks/{id}/assign: assign/unassign task",
    "GET /api/events: list events",
    "GET /api/events/{id}/members: list event members",
    "GET /api/users: list users",
    "GET /api/user-types: list user types (cached)",
    "GET /api/task-types: list task types (cached)",
    "GET /api/eligibility-mappings: list eligibility mappings (cached)",
    "GET /api/workflow-templates: list templates (cached)",
    "POST /api/workflow-templates: save template",
    "GET /api/workflow-instances: list instances",
    "POST /api/workflows/instantiate: instantiate workflow",
}
STATES = ("TODO", "IN_PROGRESS", "BLOCKED", "DONE")
ARROWS = {
    ("TODO", "IN_PROGRESS"),
    ("IN_PROGRESS", "DONE"),
    ("IN_PROGRESS", "BLOCKED"),
    ("BLOCKED", "IN_PROGRESS"),
}
WAYS = {
    "TODO": (),
    "IN_PROGRESS": ("IN_PROGRESS",),
    "BLOCKED": ("IN_PROGRESS", "BLOCKED"),
    "DONE": ("IN_PROGRESS", "DONE"),
}
PASSWORD = "a password of this file"


def nodes(wedding, *names, kind="Catering"):
    return [{"id": n, "title": f"Do {n}", "taskTypeId": wedding.kinds[kind]} for n in names]


def drawing(wedding, names, *edges):
    """``drawing(wedding, "abc", "ac", "bc")``."""
    drawn = [{"parent": parent, "child": child} for parent, child in edges]
    return {"name": uuid4().hex, "nodes": nodes(wedding, *names), "edges": drawn}


async def save(wedding, body):
    return await wedding.manager.post("/api/workflow-templates", json=body)


async def instantiated(wedding, names, *edges):
    """The id of an instance, and the task of each of its nodes."""
    template = ok(await save(wedding, drawing(wedding, names, *edges)))["id"]
    body = {"templateId": template, "eventId": wedding.event}
    instance = await made(wedding.manager, "/api/workflows/instantiate", body)
    graph = ok(await wedding.manager.get(f"/api/workflow-instances/{instance}/graph"))
    return instance, {node["id"]: node["taskId"] for node in graph["nodes"]}


async def state_of(client, task):
    return ok(await client.get(f"/api/tasks/{task}"))["state"]


async def transition(client, task, state, reason="So."):
    body = {"toState": state, "reason": reason}
    return await client.post(f"/api/tasks/{task}/transition", json=body)


async def done(wedding, task):
    await wedding.moved(task, "IN_PROGRESS", "DONE")


async def a_user(wedding, *permissions, kinds=("Catering",), **told):
    """A member of the event whose user type has these permissions alone."""
    body = {"name": uuid4().hex, "permissions": permissions, **told}
    user_type = await made(wedding.api.admin, "/api/user-types", body)
    for kind in kinds:
        pair = {"userTypeId": user_type, "taskTypeId": wedding.kinds[kind]}
        ok(await wedding.api.admin.post("/api/eligibility-mappings", json=pair))
    client, account = await an_account(wedding.api, "member")
    path, body = f"/api/users/{account}/user-type", {"userTypeId": user_type}
    ok(await wedding.api.admin.put(path, json=body))
    await made(wedding.manager, f"/api/events/{wedding.event}/members", {"userId": str(account)})
    return client


@pytest.mark.parametrize("line", sorted(ENDPOINTS))
def test_api_endpoints(api, line):
    method, path = line.partition(":")[0].split()
    assert (method, path) in nameless({(m, p) for m, p, _ in walk(api.app)})


def test_all_api_endpoints_are_here():
    named = {tuple(line.partition(":")[0].split()) for line in ENDPOINTS}
    assert named == EVENTFLOW_DOCUMENT
    assert len(named) == 15


class TestAuthorizationModel:
    async def test_access_level_admin_has_full_access_to_all_resources(self, wedding):
        task = await wedding.task("Flowers")
        admin = wedding.api.admin
        assert (await moved(admin, task, "IN_PROGRESS"))["state"] == "IN_PROGRESS"
        assert ok(await admin.get(f"/api/events/{wedding.event}"))["id"] == wedding.event

    async def test_access_level_regular_is_limited_to_event_memberships(self, wedding):
        task = await wedding.task()
        assert ok(await wedding.vendor.get(f"/api/tasks/{task}"))["id"] == task
        refused(await wedding.passer_by.get(f"/api/tasks/{task}"), 404)
        assert ok(await wedding.passer_by.get("/api/tasks"))["items"] == []

    @pytest.mark.parametrize("permission", ["view", "take", "move_state", "assign"])
    async def test_permission_per_user_type(self, wedding, permission):
        task = await wedding.task()
        client = await a_user(wedding, "view", permission)
        lacking = await a_user(wedding, *({"view", "take", "move_state", "assign"} - {permission}))
        asked = {
            "view": lambda who: who.get(f"/api/tasks/{task}"),
            "take": lambda who: who.post(f"/api/tasks/{task}/pick"),
            "move_state": lambda who: transition(who, task, "IN_PROGRESS"),
            "assign": lambda who: who.post(
                f"/api/tasks/{task}/assign", json={"assigneeId": wedding.id_of("vendor")}
            ),
        }[permission]
        (told,) = refused(await asked(lacking), 403)["broken"]
        assert (told["rule"], told["permission"]) == ("LacksPermission", permission)
        ok(await asked(client))


class TestEligibility:
    """Each of the three is lacking alone."""

    async def test_1_scope(self, wedding):
        task = await wedding.task()
        refused(await wedding.passer_by.post(f"/api/tasks/{task}/pick"), 404)
        ok(await wedding.vendor.post(f"/api/tasks/{task}/pick"))

    async def test_2_user_type_is_mapped_to_task_type(self, wedding):
        foreign, own = await wedding.task("Flowers"), await wedding.task("Catering")
        answer = await wedding.vendor.post(f"/api/tasks/{foreign}/pick")
        assert broken(answer, 403) == ["NotEligible"]
        ok(await wedding.vendor.post(f"/api/tasks/{own}/pick"))

    async def test_3_required_permission(self, wedding):
        task = await wedding.task()
        looks = await a_user(wedding, "view")
        assert broken(await looks.post(f"/api/tasks/{task}/pick"), 403) == ["LacksPermission"]
        ok(await wedding.vendor.post(f"/api/tasks/{task}/pick"))


class TestCustomerRestrictions:
    async def test_read_only_access(self, wedding):
        task = await wedding.task()
        await wedding.moved(task, "IN_PROGRESS")
        assert await state_of(wedding.customer, task) == "IN_PROGRESS"
        assert ok(await wedding.customer.get("/api/me"))["readOnly"] is True

    async def test_cannot_see_todo_tasks(self, wedding):
        task = await wedding.task()
        refused(await wedding.customer.get(f"/api/tasks/{task}"), 404)
        page = ok(await wedding.customer.get("/api/tasks", params={"pageSize": 200}))
        assert "TODO" not in {each["state"] for each in page["items"]}
        assert task not in {each["id"] for each in page["items"]}

    @pytest.mark.parametrize("what", ["pick", "assign", "transition"])
    async def test_cannot(self, wedding, what):
        """Whatever permissions the user type has beside."""
        task = await wedding.task()
        await wedding.moved(task, "IN_PROGRESS")
        everything = ("view", "take", "move_state", "assign")
        reads = await a_user(wedding, *everything, readOnly=True)
        bodies = {"assign": {"assigneeId": None}, "transition": {"toState": "DONE", "reason": "x"}}
        answer = await reads.post(f"/api/tasks/{task}/{what}", json=bodies.get(what))
        assert broken(answer, 403) == ["ReadsOnly"]


class TestTemplateValidation:
    async def test_checks_for_cycles(self, wedding):
        answer = await save(wedding, drawing(wedding, "abc", "ab", "bc", "ca"))
        (told,) = refused(answer, 400)["broken"]
        assert told["rule"] == "Cyclic"
        assert set(told["path"]) == {"a", "b", "c"}

    async def test_validates_all_node_ids_are_unique(self, wedding):
        answer = await save(wedding, drawing(wedding, "aba"))
        assert list(refused(answer, 400)["fields"]) == ["nodes.0.id", "nodes.2.id"]

    async def test_ensures_all_task_type_references_exist(self, wedding):
        body = drawing(wedding, "ab")
        body["nodes"][1]["taskTypeId"] = str(uuid4())
        fields = refused(await save(wedding, body), 400)["fields"]
        assert list(fields) == ["nodes.1.taskTypeId"]

    async def test_validates_edge_references(self, wedding):
        answer = await save(wedding, drawing(wedding, "ab", "ab", "ax"))
        assert list(refused(answer, 400)["fields"]) == ["edges.1.child"]


class TestInstanceCreation:
    async def test_creates_tasks_for_each_node(self, wedding):
        instance, tasks = await instantiated(wedding, "abc", "ab")
        params = {"workflowInstanceId": instance}
        page = ok(await wedding.vendor.get("/api/tasks", params=params))
        assert {each["id"]: each["nodeId"] for each in page["items"]} == {
            task: node for node, task in tasks.items()
        }
        assert len(tasks) == 3

    async def test_sets_up_dependencies_based_on_edges(self, wedding):
        instance, _ = await instantiated(wedding, "abc", "ab", "bc")
        graph = ok(await wedding.manager.get(f"/api/workflow-instances/{instance}/graph"))
        assert [(each["parent"], each["child"]) for each in graph["edges"]] == [
            ("a", "b"),
            ("b", "c"),
        ]

    async def test_orphan_tasks_start_as_todo(self, wedding):
        _, tasks = await instantiated(wedding, "abc", "ac")
        assert [await state_of(wedding.vendor, tasks[n]) for n in "ab"] == ["TODO", "TODO"]

    async def test_tasks_with_parents_start_as_blocked(self, wedding):
        _, tasks = await instantiated(wedding, "abc", "ac")
        assert await state_of(wedding.vendor, tasks["c"]) == "BLOCKED"


class TestDependencyUnlocking:
    async def test_when_a_task_is_done_its_children_are_evaluated(self, wedding):
        _, tasks = await instantiated(wedding, "abc", "ab", "bc")
        await done(wedding, tasks["a"])
        assert await state_of(wedding.vendor, tasks["b"]) == "TODO"
        assert await state_of(wedding.vendor, tasks["c"]) == "BLOCKED"

    async def test_if_all_parents_are_done_the_child_unlocks(self, wedding):
        _, tasks = await instantiated(wedding, "abc", "ac", "bc")
        await done(wedding, tasks["a"])
        assert await state_of(wedding.vendor, tasks["c"]) == "BLOCKED"
        await done(wedding, tasks["b"])
        assert await state_of(wedding.vendor, tasks["c"]) == "TODO"

    async def test_evaluation_is_synchronous(self, wedding):
        """Once DONE is answered the child is to do, in the log and for all who read."""
        _, tasks = await instantiated(wedding, "ab", "ab")
        await done(wedding, tasks["a"])
        for user in ("vendor", "caterer", "manager"):
            client = getattr(wedding, user)
            page = ok(await client.get("/api/tasks", params={"state": "TODO", "pageSize": 200}))
            assert tasks["b"] in {each["id"] for each in page["items"]}
            assert await state_of(client, tasks["b"]) == "TODO"

    async def test_evaluation_is_idempotent(self, wedding):
        _, tasks = await instantiated(wedding, "ab", "ab")
        await done(wedding, tasks["a"])
        assert broken(await transition(wedding.vendor, tasks["a"], "DONE")) == ["TaskIsOver"]
        trail = ok(await wedding.vendor.get(f"/api/tasks/{tasks['b']}/transitions"))["items"]
        assert [each["what"] for each in trail] == ["planned", "unlocked"]


class TestStateMachine:
    @pytest.mark.parametrize("to", STATES)
    @pytest.mark.parametrize("start", STATES)
    async def test_has_these_arrows_and_no_other(self, wedding, start, to):
        task = await wedding.task()
        await wedding.moved(task, *WAYS[start])
        answer = await transition(wedding.vendor, task, to)
        if (start, to) in ARROWS:
            assert ok(answer)["state"] == to
        else:
            refused(answer, 400)
            assert await state_of(wedding.vendor, task) == start

    def test_has_no_arrow_that_is_not_tried_here(self):
        known = {(a.upper(), b.upper()) for a, follows in FOLLOWS.items() for b in follows}
        assert known == ARROWS

    async def test_all_transitions_require_a_reason(self, wedding):
        task = await wedding.task()
        for body in ({"toState": "IN_PROGRESS"}, {"toState": "IN_PROGRESS", "reason": " "}):
            answer = await wedding.vendor.post(f"/api/tasks/{task}/transition", json=body)
            assert list(refused(answer, 400)["fields"]) == ["reason"]

    async def test_an_audit_trail_is_maintained(self, wedding):
        task = await wedding.task()
        ok(await transition(wedding.vendor, task, "IN_PROGRESS", "The oven is hot."))
        page = ok(await wedding.manager.get(f"/api/tasks/{task}/transitions"))
        last = page["items"][-1]
        assert (last["fromState"], last["toState"]) == ("TODO", "IN_PROGRESS")
        assert (last["reason"], last["by"]) == ("The oven is hot.", wedding.id_of("vendor"))


class TestErrorHandling:
    """Each with a body of the document's format, which `refused` looks at."""

    async def test_200_success(self, wedding):
        ok(await wedding.vendor.get("/api/tasks"))

    async def test_400_business_rule_violation(self, wedding):
        refused(await transition(wedding.vendor, await wedding.task(), "DONE"), 400)

    async def test_401_invalid_or_missing_jwt(self, wedding):
        refused(await wedding.api.nobody.get("/api/tasks"), 401)
        async with wedding.api.client("not.a.token") as invalid:
            refused(await invalid.get("/api/tasks"), 401)

    async def test_403_permission_or_scope_violation(self, wedding):
        refused(await wedding.passer_by.get(f"/api/events/{wedding.event}"), 403)
        refused(await wedding.api.coordinator.get("/api/tasks"), 403)

    async def test_404_does_not_exist_or_is_out_of_scope(self, wedding):
        refused(await wedding.vendor.get(f"/api/tasks/{uuid4()}"), 404)
        refused(await wedding.passer_by.get(f"/api/tasks/{await wedding.task()}"), 404)
        refused(await wedding.vendor.get("/api/nothing/of/the/kind"), 404)

    async def test_500_unexpected_failures(self, wedding, monkeypatch):
        async def fails(*_):
            raise ZeroDivisionError("a secret of the inside")

        monkeypatch.setattr(task_routes, "list_tasks", fails)
        answer = await wedding.vendor.get("/api/tasks")
        refused(answer, 500)
        assert "secret" not in answer.text


class TestDatabaseInvariants:
    async def test_1_at_most_one_assignee(self, wedding):
        task = await wedding.task()
        who = [wedding.vendor, wedding.caterer] * 5
        await asyncio.gather(*(each.post(f"/api/tasks/{task}/pick") for each in who))
        trail = ok(await wedding.vendor.get(f"/api/tasks/{task}/transitions"))["items"]
        assert [each["what"] for each in trail] == ["planned", "picked"]

    async def test_2_soft_delete(self, wedding):
        task = await wedding.task()
        ok(await wedding.manager.post(f"/api/tasks/{task}/delete", json={"reason": "Twice."}))
        refused(await wedding.api.admin.get(f"/api/tasks/{task}"), 404)
        async with wedding.api.core.pool.connection() as connection:
            query = "SELECT topic FROM stored_events WHERE originator_id = %s ORDER BY 1"
            kept = await (await connection.execute(query, [task])).fetchall()
        assert kept == [("work.TaskDeleted",), ("work.TaskPlanned",)]

    async def test_3_dag_directed_edges(self, wedding):
        instance, _ = await instantiated(wedding, "ab", "ab")
        answer = await save(wedding, drawing(wedding, "ab", "ab", "ba"))
        assert broken(answer) == ["Cyclic"]
        node = {"node": nodes(wedding, "c")[0], "parents": ["b"], "children": ["b"]}
        path = f"/api/workflow-instances/{instance}/nodes"
        added = await wedding.manager.post(path, json={**node, "reason": "A ring."})
        assert broken(added) == ["Cyclic"]

    async def test_4_concurrency_safe_unlock(self, wedding):
        _, tasks = await instantiated(wedding, "abcdx", "ax", "bx", "cx", "dx")
        for parent in "abcd":
            await wedding.moved(tasks[parent], "IN_PROGRESS")
        ends = (transition(wedding.vendor, tasks[parent], "DONE") for parent in "abcd")
        for answer in await asyncio.gather(*ends):
            ok(answer)
        trail = ok(await wedding.vendor.get(f"/api/tasks/{tasks['x']}/transitions"))["items"]
        assert [each["what"] for each in trail] == ["planned", "unlocked"]

    async def test_5_all_state_transitions_are_logged(self, wedding):
        task = await wedding.task()
        await wedding.moved(task, "IN_PROGRESS", "BLOCKED", "IN_PROGRESS", "DONE")
        trail = ok(await wedding.vendor.get(f"/api/tasks/{task}/transitions"))["items"]
        steps = [(each["fromState"], each["toState"]) for each in trail[1:]]
        assert set(steps) == ARROWS
        assert len(steps) == 4

    async def test_6_done_immutability(self, wedding):
        task = await wedding.task()
        await done(wedding, task)
        before = ok(await wedding.vendor.get(f"/api/tasks/{task}"))
        for client in (wedding.vendor, wedding.manager, wedding.api.admin):
            for state in STATES:
                assert broken(await transition(client, task, state)) == ["TaskIsOver"]
        assert ok(await wedding.vendor.get(f"/api/tasks/{task}")) == before

    async def test_7_customer_restrictions(self, wedding):
        task = await wedding.task()
        await wedding.moved(task, "IN_PROGRESS")
        before = ok(await wedding.vendor.get(f"/api/tasks/{task}"))
        assert "ReadsOnly" in broken(await transition(wedding.customer, task, "DONE"), 403)
        assert ok(await wedding.vendor.get(f"/api/tasks/{task}")) == before


class TestSmoke:
    async def test_auth_login_me_cycle(self, api):
        await api.core.passwords.set(api.accounts["member"], PASSWORD)
        body = {"email": "member@example.test", "password": PASSWORD}
        login = ok(await api.nobody.post("/auth/login", json=body))
        async with api.client(login["access_token"]) as client:
            me = ok(await client.get("/api/me"))
        assert (me["id"], me["email"]) == (str(api.accounts["member"]), body["email"])

    async def test_scope_regular_user_denied_for_non_member_event(self, api):
        wedding = await a_wedding(api)
        for path in ("/api/tasks", "/api/tasks/counts", "/api/workflow-instances"):
            answer = await wedding.passer_by.get(path, params={"eventId": wedding.event})
            assert broken(answer, 403) == ["OutOfScope"], path
        await wedding.close()
