"""The EventFlow document, line by line: each list of it, each line a test of its name.

What a line asks in depth is tested where it lives; here is shown that it is so at all.
"""

import asyncio
from uuid import uuid4

import pytest

from tests.architecture.test_routes import EVENTFLOW_DOCUMENT
from tests.support.eventflow import (
    Workflow,
    a_template,
    a_workflow,
    broken,
    drawing,
    moved,
    ok,
    refused,
)
from tests.support.statements import counted

PASSWORD = "a password of this file"
TASK = {"toState": "IN_PROGRESS", "reason": "So."}


class Endpoints:
    """Each line of "API Endpoints", asked by somebody who may."""

    def __init__(self, wedding, workflow: Workflow, task: str) -> None:
        event = {"eventId": wedding.event}
        give = {"assigneeId": wedding.id_of("vendor")}
        start = {"templateId": workflow.template["id"], **event}
        plan = {"name": f"Plan {uuid4()}", **drawing(wedding, "a>b")}
        who = wedding.manager
        self.asked = {
            ("GET", "/api/tasks"): lambda: who.get("/api/tasks", params=event),
            ("GET", "/api/tasks/{id}"): lambda: who.get(f"/api/tasks/{task}"),
            ("POST", "/api/tasks/{id}/pick"): lambda: who.post(f"/api/tasks/{task}/pick"),
            ("POST", "/api/tasks/{id}/assign"): lambda: who.post(
                f"/api/tasks/{task}/assign", json=give
            ),
            ("POST", "/api/tasks/{id}/transition"): lambda: who.post(
                f"/api/tasks/{task}/transition", json=TASK
            ),
            ("GET", "/api/events"): lambda: who.get("/api/events"),
            ("GET", "/api/events/{id}/members"): lambda: who.get(
                f"/api/events/{wedding.event}/members"
            ),
            ("GET", "/api/users"): lambda: who.get("/api/users"),
            ("GET", "/api/user-types"): lambda: who.get("/api/user-types"),
            ("GET", "/api/task-types"): lambda: who.get("/api/task-types"),
            ("GET", "/api/eligibility-mappings"): lambda: who.get("/api/eligibility-mappings"),
            ("GET", "/api/workflow-templates"): lambda: who.get("/api/workflow-templates"),
            ("POST", "/api/workflow-templates"): lambda: who.post(
                "/api/workflow-templates", json=plan
            ),
            ("GET", "/api/workflow-instances"): lambda: who.get("/api/workflow-instances"),
            ("POST", "/api/workflows/instantiate"): lambda: who.post(
                "/api/workflows/instantiate", json=start
            ),
        }


LINES = sorted(" ".join(line) for line in EVENTFLOW_DOCUMENT)


def test_there_are_fifteen_endpoints():
    assert len(LINES) == 15


@pytest.mark.parametrize("line", LINES)
async def test_an_endpoint_answers_200_and_nobody_without_a_token(wedding, line):
    workflow, task = await a_workflow(wedding, "a>b"), await wedding.task()
    asked = Endpoints(wedding, workflow, task).asked
    method, path = line.split()
    assert (await asked[method, path]()).status_code == 200
    refused(await wedding.api.nobody.request(method, path.format(id=task)), 401)


class TestAuthorizationModel:
    async def test_admin_has_full_access_to_all_resources(self, wedding):
        task = await wedding.task()
        ok(await wedding.api.admin.get("/api/tasks", params={"eventId": wedding.event}))
        ok(await wedding.api.admin.post(f"/api/tasks/{task}/pick"))
        await moved(wedding.api.admin, task, "IN_PROGRESS")

    async def test_regular_access_is_limited_to_event_memberships(self, wedding):
        task = await wedding.task()
        refused(await wedding.passer_by.get(f"/api/tasks/{task}"), 404)
        refused(await wedding.passer_by.get("/api/tasks", params={"eventId": wedding.event}), 403)
        assert ok(await wedding.passer_by.get("/api/events"))["items"] == []

    @pytest.mark.parametrize(
        ("permission", "asked", "body"),
        [
            ("view", "", None),
            ("take", "/pick", {}),
            ("move_state", "/transition", TASK),
            ("assign", "/assign", {"assigneeId": None}),
        ],
    )
    async def test_a_permission_is_what_its_user_type_has(self, wedding, permission, asked, body):
        task, path = await wedding.task(), f"/api/user-types/{wedding.types['Vendor']}"
        every = ["view", "take", "move_state", "assign"]
        others = [each for each in every if each != permission]
        method = "GET" if body is None else "POST"
        sent = {"json": body or None} if body is not None else {}

        async def ask():
            return await wedding.vendor.request(method, f"/api/tasks/{task}{asked}", **sent)

        try:
            ok(await wedding.api.admin.patch(path, json={"permissions": others}))
            assert "LacksPermission" in broken(await ask(), 403)
            ok(await wedding.api.admin.patch(path, json={"permissions": every}))
            ok(await ask())
        finally:
            before = {"permissions": ["view", "take", "move_state"]}
            ok(await wedding.api.admin.patch(path, json=before))

    async def test_eligibility_1_they_have_scope(self, wedding):
        task = await wedding.task()
        refused(await wedding.passer_by.post(f"/api/tasks/{task}/pick"), 404)

    async def test_eligibility_2_their_user_type_is_mapped_to_the_task_type(self, wedding):
        task = await wedding.task("Flowers")
        assert broken(await wedding.vendor.post(f"/api/tasks/{task}/pick"), 403) == ["NotEligible"]

    async def test_eligibility_3_they_have_the_required_permission(self, wedding):
        task = await wedding.task()
        body = {"assigneeId": wedding.id_of("caterer")}
        answer = await wedding.vendor.post(f"/api/tasks/{task}/assign", json=body)
        assert broken(answer, 403) == ["LacksPermission"]


class TestCustomerRestrictions:
    async def test_read_only_access(self, wedding):
        task = await wedding.task()
        await wedding.moved(task, "IN_PROGRESS")
        ok(await wedding.customer.get(f"/api/tasks/{task}"))
        answer = await wedding.customer.post(f"/api/tasks/{task}/pick")
        assert "ReadsOnly" in broken(answer, 403)

    async def test_cannot_see_todo_tasks(self, wedding):
        task = await wedding.task()
        refused(await wedding.customer.get(f"/api/tasks/{task}"), 404)
        page = ok(await wedding.customer.get("/api/tasks", params={"pageSize": 200}))
        assert "TODO" not in {each["state"] for each in page["items"]}

    @pytest.mark.parametrize(
        ("what", "body"),
        [("pick", None), ("assign", {"assigneeId": None}), ("transition", TASK)],
    )
    async def test_cannot_pick_assign_or_transition_tasks(self, wedding, what, body):
        task = await wedding.task()
        await wedding.moved(task, "IN_PROGRESS")
        refused(await wedding.customer.post(f"/api/tasks/{task}/{what}", json=body), 403)


class TestTemplateValidation:
    async def saved(self, wedding, **changes):
        body = {"name": f"Plan {uuid4()}", **drawing(wedding, "a>b", "b>c"), **changes}
        return await wedding.manager.post("/api/workflow-templates", json=body)

    async def test_checks_for_cycles(self, wedding):
        edges = drawing(wedding, "a>b", "b>c", "c>a")["edges"]
        answer = await self.saved(wedding, edges=edges)
        assert broken(answer) == ["Cyclic"]
        assert "a → b → c → a" in answer.json()["error"]

    async def test_validates_all_node_ids_are_unique(self, wedding):
        nodes = drawing(wedding, "a>b", "b>c")["nodes"]
        answer = await self.saved(wedding, nodes=[*nodes, nodes[0]])
        assert set(refused(answer, 400)["fields"]) == {"nodes.0.id", "nodes.3.id"}

    async def test_ensures_all_task_type_references_exist(self, wedding):
        nodes = drawing(wedding, "a>b", "b>c")["nodes"]
        nodes[1]["taskTypeId"] = str(uuid4())
        answer = await self.saved(wedding, nodes=nodes)
        assert list(refused(answer, 400)["fields"]) == ["nodes.1.taskTypeId"]

    async def test_validates_edge_references(self, wedding):
        answer = await self.saved(wedding, edges=[{"parent": "a", "child": "z"}])
        assert list(refused(answer, 400)["fields"]) == ["edges.0.child"]


class TestInstanceCreation:
    async def test_creates_tasks_for_each_node(self, wedding):
        workflow = await a_workflow(wedding, "a>b", "b>c")
        params = {"workflowInstanceId": workflow.made["id"]}
        page = ok(await wedding.manager.get("/api/tasks", params=params))
        assert {each["nodeId"] for each in page["items"]} == {"a", "b", "c"}

    async def test_sets_up_dependencies_based_on_edges(self, wedding):
        workflow = await a_workflow(wedding, "a>b", "a>c")
        graph = await workflow.graph()
        assert graph["edges"] == [{"parent": "a", "child": each} for each in "bc"]

    async def test_orphan_tasks_start_as_todo(self, wedding):
        workflow = await a_workflow(wedding, "a>b", "z")
        states = await workflow.states()
        assert (states["a"], states["z"]) == ("TODO", "TODO")

    async def test_tasks_with_parents_start_as_blocked(self, wedding):
        workflow = await a_workflow(wedding, "a>b", "b>c")
        states = await workflow.states()
        assert (states["b"], states["c"]) == ("BLOCKED", "BLOCKED")


class TestDependencyUnlocking:
    async def test_when_a_task_transitions_to_done_children_are_evaluated(self, wedding):
        workflow = await a_workflow(wedding, "a>b")
        await workflow.moved("a", "IN_PROGRESS")
        assert (await workflow.states())["b"] == "BLOCKED"
        await workflow.moved("a", "DONE")
        assert (await workflow.states())["b"] == "TODO"

    async def test_if_all_parents_done_the_child_unlocks(self, wedding):
        workflow = await a_workflow(wedding, "a>c", "b>c")
        await workflow.done("a")
        assert (await workflow.states())["c"] == "BLOCKED"
        await workflow.done("b")
        assert (await workflow.states())["c"] == "TODO"

    async def test_evaluation_is_synchronous_and_idempotent(self, wedding):
        """Who is answered sees it; the same request again changes nothing."""
        workflow = await a_workflow(wedding, "a>b")
        await workflow.moved("a", "IN_PROGRESS")
        task = (await workflow.nodes())["a"]["taskId"]
        body, headers = {"toState": "DONE", "reason": "So."}, {"Idempotency-Key": str(uuid4())}
        path = f"/api/tasks/{task}/transition"
        once = ok(await wedding.vendor.post(path, json=body, headers=headers))
        child = (await workflow.nodes("vendor"))["b"]
        assert child["state"] == "TODO"
        assert ok(await wedding.vendor.post(path, json=body, headers=headers)) == once
        trail = ok(await wedding.vendor.get(f"/api/tasks/{child['taskId']}/transitions"))
        assert [each["what"] for each in trail["items"]] == ["planned", "unlocked"]


class TestStateMachine:
    async def test_it_is_the_one_that_is_drawn(self, wedding):
        """From each state, each other one is tried."""
        ways = {
            "TODO": [],
            "IN_PROGRESS": ["IN_PROGRESS"],
            "BLOCKED": ["IN_PROGRESS", "BLOCKED"],
            "DONE": ["IN_PROGRESS", "DONE"],
        }
        allowed = set()
        for state, way in ways.items():
            for to in (*ways, "SKIPPED"):
                task = await wedding.task()
                await wedding.moved(task, *way)
                body = {"toState": to, "reason": "So."}
                answer = await wedding.vendor.post(f"/api/tasks/{task}/transition", json=body)
                if answer.status_code == 200:
                    allowed.add((state, to))
                else:
                    assert broken(answer)[0] in {"CannotBecome", "TaskIsOver"}
        assert allowed == {
            ("TODO", "IN_PROGRESS"),
            ("IN_PROGRESS", "DONE"),
            ("IN_PROGRESS", "BLOCKED"),
            ("BLOCKED", "IN_PROGRESS"),
        }

    async def test_all_transitions_require_a_reason(self, wedding):
        task = await wedding.task()
        for body in ({"toState": "IN_PROGRESS"}, {"toState": "IN_PROGRESS", "reason": " "}):
            answer = await wedding.vendor.post(f"/api/tasks/{task}/transition", json=body)
            assert list(refused(answer, 400)["fields"]) == ["reason"]


class TestCachedResources:
    @pytest.mark.parametrize(
        "path",
        [
            "/api/task-types",
            "/api/user-types",
            "/api/eligibility-mappings",
            "/api/workflow-templates",
        ],
    )
    async def test_it_is_asked_of_the_database_once_and_right_after_a_change(self, wedding, path):
        await a_template(wedding, "a")
        before = await wedding.vendor.get(path)
        with counted(wedding.api) as asked:
            again = await wedding.vendor.get(path)
        assert (asked, again.content) == ([], before.content)
        await self.change_everything(wedding)
        after = await wedding.vendor.get(path)
        assert after.content != before.content
        assert after.headers["ETag"] != before.headers["ETag"]

    async def change_everything(self, wedding):
        admin = wedding.api.admin
        kind = ok(await admin.post("/api/task-types", json={"name": f"Kind {uuid4()}"}))["id"]
        ok(await admin.post("/api/user-types", json={"name": f"Type {uuid4()}"}))
        pair = {"userTypeId": wedding.types["Vendor"], "taskTypeId": kind}
        ok(await admin.post("/api/eligibility-mappings", json=pair))
        await a_template(wedding, "a")


class TestStatusCodes:
    async def test_200_success(self, wedding):
        ok(await wedding.vendor.get("/api/tasks"))

    async def test_400_business_rule_violation(self, wedding):
        task = await wedding.task()
        ok(await wedding.vendor.post(f"/api/tasks/{task}/pick"))
        refused(await wedding.caterer.post(f"/api/tasks/{task}/pick"), 400)

    async def test_401_invalid_or_missing_jwt(self, wedding):
        refused(await wedding.api.nobody.get("/api/tasks"), 401)
        async with wedding.api.client("no.token.ofours") as client:
            refused(await client.get("/api/tasks"), 401)

    async def test_403_permission_or_scope_violation(self, wedding):
        refused(await wedding.vendor.post("/api/user-types", json={"name": "Mine"}), 403)
        refused(await wedding.passer_by.get("/api/tasks", params={"eventId": wedding.event}), 403)

    async def test_404_not_there_or_out_of_scope(self, wedding):
        refused(await wedding.vendor.get(f"/api/tasks/{uuid4()}"), 404)
        refused(await wedding.passer_by.get(f"/api/tasks/{await wedding.task()}"), 404)
        refused(await wedding.vendor.get("/api/nothing"), 404)

    async def test_500_unexpected_failures(self, wedding, monkeypatch):
        async def fails(*_arguments):
            raise ZeroDivisionError

        monkeypatch.setattr("interfaces.http.eventflow.tasks.list_tasks", fails)
        refused(await wedding.vendor.get("/api/tasks"), 500)


class TestInvariants:
    async def test_1_one_assignee_per_task_at_the_most(self, wedding):
        task = await wedding.task()
        many = [wedding.vendor, wedding.caterer, wedding.manager] * 4
        answers = await asyncio.gather(*(each.post(f"/api/tasks/{task}/pick") for each in many))
        assert len({a.json()["assigneeId"] for a in answers if a.status_code == 200}) == 1

    async def test_2_soft_delete(self, wedding):
        task = await wedding.task()
        ok(await wedding.manager.post(f"/api/tasks/{task}/delete", json={"reason": "Twice."}))
        refused(await wedding.manager.get(f"/api/tasks/{task}"), 404)
        async with wedding.api.core.pool.connection() as connection:
            query = "SELECT deleted FROM work_tasks_v1.tasks WHERE task_id = %s"
            row = await (await connection.execute(query, (task,))).fetchone()
        assert row == (True,)

    async def test_3_dag_directed_edges(self, wedding):
        workflow = await a_workflow(wedding, "a>b", "b>c")
        loop = {"node": drawing(wedding, "d")["nodes"][0], "parents": ["c"], "children": ["b"]}
        assert broken(await workflow.asked("nodes", loop)) == ["Cyclic"]

    async def test_4_concurrency_safe_unlock(self, wedding):
        parents = [f"p{number}" for number in range(6)]
        workflow = await a_workflow(wedding, *(f"{each}>child" for each in parents))
        tasks = {node_id: node["taskId"] for node_id, node in (await workflow.nodes()).items()}
        for each in parents:
            await workflow.moved(each, "IN_PROGRESS")
        await asyncio.gather(*(moved(wedding.vendor, tasks[each], "DONE") for each in parents))
        trail = ok(await wedding.vendor.get(f"/api/tasks/{tasks['child']}/transitions"))
        assert [each["what"] for each in trail["items"]] == ["planned", "unlocked"]

    async def test_5_all_transitions_are_logged(self, wedding):
        task = await wedding.task()
        await wedding.moved(task, "IN_PROGRESS", "BLOCKED", "IN_PROGRESS", "DONE")
        trail = ok(await wedding.vendor.get(f"/api/tasks/{task}/transitions"))["items"]
        told = [each["toState"] for each in trail if each["what"] == "moved"]
        assert told == ["IN_PROGRESS", "BLOCKED", "IN_PROGRESS", "DONE"]

    async def test_6_no_state_changes_after_done(self, wedding):
        task = await wedding.task()
        await wedding.moved(task, "IN_PROGRESS", "DONE")
        answer = await wedding.api.admin.post(f"/api/tasks/{task}/transition", json=TASK)
        assert broken(answer) == ["TaskIsOver"]

    async def test_7_customers_read_only(self, wedding):
        refused(await wedding.customer.post("/api/events", json={}), 403)
        body = {"eventId": wedding.event, "taskTypeId": wedding.kinds["Music"], "title": "A band"}
        assert "ReadsOnly" in broken(await wedding.customer.post("/api/tasks", json=body), 403)


class TestSmoke:
    async def test_auth_login_then_me(self, wedding):
        account_id = wedding.users["vendor"][1]
        await wedding.api.core.passwords.set(account_id, PASSWORD)
        email = ok(await wedding.vendor.get("/api/me"))["email"]
        body = {"email": email, "password": PASSWORD}
        token = ok(await wedding.api.nobody.post("/auth/login", json=body))["access_token"]
        async with wedding.api.client(token) as client:
            assert ok(await client.get("/api/me"))["id"] == str(account_id)

    async def test_scope_a_regular_user_is_denied_for_a_non_member_event(self, wedding):
        refused(await wedding.passer_by.get("/api/tasks", params={"eventId": wedding.event}), 403)

    @pytest.mark.parametrize(
        "path",
        [
            "/api/tasks",
            "/api/events",
            "/api/events/{event}/members",
            "/api/users",
            "/api/workflow-instances",
        ],
    )
    @pytest.mark.parametrize("user", ["manager", "customer"])
    async def test_n_plus_1_list_endpoints_use_bounded_queries(self, wedding, path, user):
        """As many for a page of many as for a page of one."""
        client = getattr(wedding, user)
        for _ in range(3):
            workflow = await a_workflow(wedding, "a>b")
            await workflow.done("a")
        path, asked = path.format(event=wedding.event), {}
        if path == "/api/events":
            for number in range(3):
                body = {
                    "name": f"Another {number}",
                    "startsAt": "2199-01-01T00:00Z",
                    "endsAt": "2199-01-02T00:00Z",
                }
                made = ok(await wedding.manager.post(path, json=body))["id"]
                member = {"userId": wedding.id_of(user)}
                ok(await wedding.manager.post(f"{path}/{made}/members", json=member))
        for size in (1, 200):
            with counted(wedding.api) as statements:
                page = ok(await client.get(path, params={"pageSize": size}))
            asked[size] = len(statements)
            assert len(page["items"]) == min(size, page["total"])
        assert page["total"] > 1
        assert asked[1] == asked[200] <= 5

    async def test_cache_ttl_and_correctness(self, wedding):
        """There is no time after which it is asked again: it is asked when something changed."""
        await TestCachedResources().test_it_is_asked_of_the_database_once_and_right_after_a_change(
            wedding, "/api/user-types"
        )
