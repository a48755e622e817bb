"""Tasks over HTTP: listed, picked, moved, assigned, corrected, deleted, explained."""

import asyncio
from uuid import uuid4

import pytest

from tests.support.eventflow import a_wedding, broken, moved, ok, refused


class TestOneTask:
    async def test_it_is_answered_whole(self, wedding):
        body = {
            "eventId": wedding.event,
            "taskTypeId": wedding.kinds["Catering"],
            "title": "  Order the cake ",
            "description": "Without nuts",
        }
        made = ok(await wedding.manager.post("/api/tasks", json=body))
        assert made == {
            **body,
            "title": "Order the cake",
            "id": made["id"],
            "state": "TODO",
            "blockedBy": None,
            "assigneeId": None,
            "workflowInstanceId": None,
            "nodeId": None,
            "correctsTaskId": None,
            "createdBy": wedding.id_of("manager"),
            "createdAt": made["createdAt"],
            "updatedAt": made["createdAt"],
        }
        assert ok(await wedding.vendor.get(f"/api/tasks/{made['id']}")) == made
        listed = ok(await wedding.vendor.get("/api/tasks", params={"search": "CAKE"}))
        assert made in listed["items"]

    async def test_out_of_scope_it_is_not_there(self, wedding):
        task = await wedding.task()
        for client in (wedding.passer_by, wedding.api.stranger):
            refused(await client.get(f"/api/tasks/{task}"), 404)
            refused(await client.post(f"/api/tasks/{task}/pick"), 404)
            refused(await client.get(f"/api/tasks/{task}/transitions"), 404)
            refused(await client.get(f"/api/tasks/{task}/explain"), 404)

    async def test_in_scope_but_of_a_type_that_is_not_ones_own_it_is_forbidden(self, wedding):
        task = await wedding.task("Flowers")
        assert broken(await wedding.vendor.get(f"/api/tasks/{task}"), 403) == ["NotEligible"]

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"title": ""}, "title"),
            ({"title": "x" * 201}, "title"),
            ({"taskTypeId": "x"}, "taskTypeId"),
            ({"more": 1}, "more"),
            ({"description": "a\x00"}, "description"),
        ],
        ids=str,
    )
    async def test_bad_input_is_told_by_its_field(self, wedding, changes, field):
        body = {"eventId": wedding.event, "taskTypeId": wedding.kinds["Music"], "title": "Band"}
        answer = await wedding.manager.post("/api/tasks", json=body | changes)
        assert list(refused(answer, 400)["fields"]) == [field]
        assert field in answer.json()["error"]

    async def test_an_unknown_type_is_refused(self, wedding):
        body = {"eventId": wedding.event, "taskTypeId": str(uuid4()), "title": "Band"}
        answer = await wedding.manager.post("/api/tasks", json=body)
        assert list(refused(answer, 400)["fields"]) == ["taskTypeId"]


class TestPicking:
    async def test_who_picks_it_has_it_and_the_next_is_told_who(self, wedding):
        task = await wedding.task()
        mine = ok(await wedding.vendor.post(f"/api/tasks/{task}/pick"))
        assert mine["assigneeId"] == wedding.id_of("vendor")
        answer = await wedding.caterer.post(f"/api/tasks/{task}/pick")
        (told,) = refused(answer, 400)["broken"]
        assert (told["rule"], told["assignee_id"]) == ("TaskIsTaken", wedding.id_of("vendor"))
        assert wedding.id_of("vendor") in answer.json()["error"]

    async def test_picking_again_changes_nothing(self, wedding):
        task = await wedding.task()
        once = ok(await wedding.vendor.post(f"/api/tasks/{task}/pick"))
        assert ok(await wedding.vendor.post(f"/api/tasks/{task}/pick")) == once

    async def test_of_many_at_once_one_wins(self, wedding):
        task = await wedding.task()
        contenders = [wedding.vendor, wedding.caterer, wedding.manager] * 10
        answers = await asyncio.gather(
            *(each.post(f"/api/tasks/{task}/pick") for each in contenders)
        )
        won = [answer.json()["assigneeId"] for answer in answers if answer.status_code == 200]
        assert len(won) == 10  # the winner asked ten times
        assert len(set(won)) == 1
        for answer in answers:
            if answer.status_code != 200:
                assert refused(answer, 400)["broken"][0]["assignee_id"] == won[0]


class TestMoving:
    async def test_it_goes_the_documents_way_and_leaves_a_trail(self, wedding):
        task = await wedding.task()
        for state in ("IN_PROGRESS", "BLOCKED", "IN_PROGRESS", "DONE"):
            assert (await moved(wedding.vendor, task, state))["state"] == state
        trail = ok(await wedding.vendor.get(f"/api/tasks/{task}/transitions"))["items"]
        assert [(each["fromState"], each["toState"]) for each in trail] == [
            (None, "TODO"),
            ("TODO", "IN_PROGRESS"),
            ("IN_PROGRESS", "BLOCKED"),
            ("BLOCKED", "IN_PROGRESS"),
            ("IN_PROGRESS", "DONE"),
        ]
        assert {each["by"] for each in trail[1:]} == {wedding.id_of("vendor")}
        assert {each["reason"] for each in trail[1:]} == {"As planned."}

    async def test_done_is_immutable(self, wedding):
        task = await wedding.task()
        await wedding.moved(task, "IN_PROGRESS", "DONE")
        for state in ("TODO", "IN_PROGRESS", "BLOCKED", "DONE", "SKIPPED"):
            body = {"toState": state, "reason": "Again."}
            answer = await wedding.api.admin.post(f"/api/tasks/{task}/transition", json=body)
            assert broken(answer) == ["TaskIsOver"]
        assert broken(await wedding.vendor.post(f"/api/tasks/{task}/pick")) == ["TaskIsOver"]
        body = {"assigneeId": wedding.id_of("vendor")}
        answer = await wedding.manager.post(f"/api/tasks/{task}/assign", json=body)
        assert broken(answer) == ["TaskIsOver"]

    async def test_what_the_state_machine_does_not_have_is_refused(self, wedding):
        task = await wedding.task()
        body = {"toState": "DONE", "reason": "At once."}
        answer = await wedding.vendor.post(f"/api/tasks/{task}/transition", json=body)
        (told,) = refused(answer, 400)["broken"]
        assert (told["rule"], told["allowed"]) == ("CannotBecome", ["in_progress"])

    @pytest.mark.parametrize("body", [{"toState": "DONE"}, {"toState": "DONE", "reason": " "}])
    async def test_without_a_reason_nothing_moves(self, wedding, body):
        task = await wedding.task()
        answer = await wedding.vendor.post(f"/api/tasks/{task}/transition", json=body)
        assert list(refused(answer, 400)["fields"]) == ["reason"]


class TestAssigning:
    async def test_a_manager_gives_it_takes_it_and_gives_it_to_another(self, wedding):
        task = await wedding.task()
        for user in ("vendor", None, "caterer", "vendor"):
            to = user and wedding.id_of(user)
            body = {"assigneeId": to}
            given = ok(await wedding.manager.post(f"/api/tasks/{task}/assign", json=body))
            assert given["assigneeId"] == to

    async def test_a_vendor_may_not_but_may_give_his_own_back(self, wedding):
        task = await wedding.task()
        body = {"assigneeId": wedding.id_of("caterer")}
        answer = await wedding.vendor.post(f"/api/tasks/{task}/assign", json=body)
        assert broken(answer, 403) == ["LacksPermission"]
        ok(await wedding.vendor.post(f"/api/tasks/{task}/pick"))
        back = await wedding.vendor.post(f"/api/tasks/{task}/assign", json={"assigneeId": None})
        assert ok(back)["assigneeId"] is None

    @pytest.mark.parametrize(
        ("kind", "user", "rule"),
        [
            ("Catering", "passer_by", "AssigneeOutOfScope"),
            ("Catering", "customer", "AssigneeReadsOnly"),
            ("Flowers", "vendor", "AssigneeNotEligible"),
        ],
    )
    async def test_only_to_who_may_have_it(self, wedding, kind, user, rule):
        task = await wedding.task(kind)
        body = {"assigneeId": wedding.id_of(user)}
        answer = await wedding.manager.post(f"/api/tasks/{task}/assign", json=body)
        assert broken(answer) == [rule]


class TestListing:
    async def test_by_event_type_state_and_assignee(self, api):
        wedding = await a_wedding(api)
        cake, band = await wedding.task(), await wedding.task("Music", title="Band")
        await wedding.moved(band, "IN_PROGRESS")
        ok(await wedding.vendor.post(f"/api/tasks/{cake}/pick"))

        async def found(**params):
            page = ok(await wedding.vendor.get("/api/tasks", params=params))
            assert page["total"] == len(page["items"])
            return [each["id"] for each in page["items"]]

        event = {"eventId": wedding.event}
        assert await found(**event) == [cake, band]
        assert await found(**event, state="TODO") == [cake]
        assert await found(**event, state=["TODO", "IN_PROGRESS"]) == [cake, band]
        assert await found(**event, taskTypeId=wedding.kinds["Music"]) == [band]
        assert await found(**event, assigneeId=wedding.id_of("vendor")) == [cake]
        assert await found(**event, assigned=False) == [band]
        assert await found(**event, search="BAN") == [band]
        assert await found() == [cake, band]
        await wedding.close()

    async def test_a_foreign_event_is_forbidden_and_one_that_is_not_there_not_found(self, wedding):
        params = {"eventId": wedding.event}
        answer = await wedding.passer_by.get("/api/tasks", params=params)
        assert broken(answer, 403) == ["OutOfScope"]
        for path in ("/api/tasks/counts", "/api/tasks"):
            refused(await wedding.passer_by.get(path, params=params), 403)
            refused(await wedding.vendor.get(path, params={"eventId": str(uuid4())}), 404)
            refused(await wedding.api.stranger.get(path, params=params), 404)

    async def test_pages_are_counted(self, api):
        wedding = await a_wedding(api)
        tasks = [await wedding.task() for _ in range(5)]
        params = {"eventId": wedding.event, "page": 2, "pageSize": 2}
        page = ok(await wedding.vendor.get("/api/tasks", params=params))
        assert [each["id"] for each in page["items"]] == tasks[2:4]
        assert (page["page"], page["pageSize"], page["total"]) == (2, 2, 5)
        await wedding.close()

    async def test_one_without_a_user_type_is_shown_none(self, api):
        assert broken(await api.manager.get("/api/tasks"), 403) == ["HasNoUserType"]

    async def test_an_admin_is_shown_all(self, wedding):
        task = await wedding.task()
        params = {"eventId": wedding.event, "pageSize": 200}
        page = ok(await wedding.api.admin.get("/api/tasks", params=params))
        assert task in [each["id"] for each in page["items"]]


class TestACustomer:
    """Reads only, and never sees a task that is still to do, nowhere."""

    @pytest.fixture
    async def hers(self, api):
        wedding = await a_wedding(api)
        yield wedding
        await wedding.close()

    async def test_is_shown_none_that_is_to_do_and_it_is_not_counted(self, hers):
        await hers.task()
        begun = await hers.task()
        await hers.moved(begun, "IN_PROGRESS")
        params = {"eventId": hers.event}
        page = ok(await hers.customer.get("/api/tasks", params=params))
        assert [each["id"] for each in page["items"]] == [begun]
        assert page["total"] == 1
        counts = ok(await hers.customer.get("/api/tasks/counts", params=params))
        assert counts == {
            "total": 1,
            "byState": {"IN_PROGRESS": 1, "BLOCKED": 0, "DONE": 0, "SKIPPED": 0},
        }
        assert ok(await hers.customer.get("/api/tasks", params=params | {"state": "TODO"})) == {
            "items": [],
            "page": 1,
            "pageSize": 50,
            "total": 0,
        }

    async def test_does_not_find_one_either(self, hers):
        task = await hers.task()
        for path in ("", "/transitions", "/explain"):
            refused(await hers.customer.get(f"/api/tasks/{task}{path}"), 404)

    async def test_is_not_told_in_its_history_that_it_was_to_do(self, hers):
        task = await hers.task()
        await hers.moved(task, "IN_PROGRESS")
        trail = ok(await hers.customer.get(f"/api/tasks/{task}/transitions"))
        assert [(each["fromState"], each["toState"]) for each in trail["items"]] == [
            (None, "IN_PROGRESS")
        ]
        assert trail["total"] == 1
        assert "TODO" not in str(trail)

    async def test_changes_nothing(self, hers):
        task = await hers.task()
        await hers.moved(task, "IN_PROGRESS")
        asked = {
            "pick": None,
            "transition": {"toState": "DONE", "reason": "Fine."},
            "assign": {"assigneeId": hers.id_of("vendor")},
            "correct": {"title": "Again", "reason": "Nuts."},
            "delete": {"reason": "Nuts."},
        }
        for what, body in asked.items():
            answer = await hers.customer.post(f"/api/tasks/{task}/{what}", json=body)
            assert "ReadsOnly" in broken(answer, 403), what


class TestCorrecting:
    async def test_what_is_done_is_made_good_by_another(self, wedding):
        task = await wedding.task()
        body = {"title": "Order it again", "reason": "It came with nuts."}
        early = await wedding.vendor.post(f"/api/tasks/{task}/correct", json=body)
        assert broken(early) == ["NothingToCorrect"]
        await wedding.moved(task, "IN_PROGRESS", "DONE")
        again = ok(await wedding.vendor.post(f"/api/tasks/{task}/correct", json=body))
        assert (again["correctsTaskId"], again["state"]) == (task, "TODO")
        assert ok(await wedding.vendor.get(f"/api/tasks/{task}"))["state"] == "DONE"


class TestDeleting:
    async def test_it_is_not_shown_any_more(self, wedding):
        task = await wedding.task()
        ok(await wedding.manager.post(f"/api/tasks/{task}/delete", json={"reason": "Twice."}))
        refused(await wedding.manager.get(f"/api/tasks/{task}"), 404)
        params = {"eventId": wedding.event, "pageSize": 200}
        page = ok(await wedding.manager.get("/api/tasks", params=params))
        assert task not in [each["id"] for each in page["items"]]


class TestExplaining:
    async def test_it_says_what_one_can_do_and_why_not(self, wedding):
        task = await wedding.task()
        ok(await wedding.caterer.post(f"/api/tasks/{task}/pick"))
        told = ok(await wedding.vendor.get(f"/api/tasks/{task}/explain"))
        assert (told["taskId"], told["state"], told["nextStates"]) == (
            task,
            "TODO",
            ["IN_PROGRESS"],
        )
        found = {each["action"]: [r["rule"] for r in each["reasons"]] for each in told["actions"]}
        assert found == {
            "view": [],
            "take": ["TaskIsTaken"],
            "move": [],
            "assign": ["LacksPermission"],
        }
        assert {each["allowed"] for each in told["actions"] if not each["reasons"]} == {True}
