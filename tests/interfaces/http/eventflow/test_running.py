"""Workflows that run, over HTTP: unlocked, and changed with reasons."""

import asyncio
from uuid import uuid4

import pytest

from interfaces.http.eventflow.common import AN_ID
from tests.support.eventflow import a_template, a_workflow, broken, moved, ok, refused

DIAMOND = ("a>b", "a>c", "b>d", "c>d")
CHANGES = {
    "nodes": {"node": {"id": "e", "title": "Bake it"}},
    "nodes/a/skip": {},
    "nodes/a/replace": {"title": "Bake it"},
    "migrate": {},
}
"""By path, each with a body that lacks a task type where it needs one."""


def change(wedding, what):
    kind = {"taskTypeId": wedding.kinds["Catering"]}
    match what:
        case "nodes":
            return {"node": CHANGES[what]["node"] | kind}
        case "nodes/a/replace":
            return CHANGES[what] | kind
        case _:
            return CHANGES[what]


def node(wedding, node_id="e", **changes):
    made = {"id": node_id, "title": f"Do {node_id}", "taskTypeId": wedding.kinds["Catering"]}
    return made | changes


@pytest.fixture
async def diamond(wedding):
    return await a_workflow(wedding, *DIAMOND)


class TestUnlocking:
    async def test_the_last_parent_that_is_done_unlocks(self, diamond):
        await diamond.done("a", "b")
        assert (await diamond.states())["d"] == "BLOCKED"
        await diamond.done("c")
        assert (await diamond.states())["d"] == "TODO"

    async def test_any_is_unlocked_by_the_first(self, wedding):
        workflow = await a_workflow(wedding, "a>c", "b>c", joins={"c": {"kind": "any"}})
        await workflow.done("b")
        assert await workflow.states() == {"a": "TODO", "c": "TODO", "b": "DONE"}

    async def test_at_least_two_by_the_second(self, wedding):
        joins = {"d": {"kind": "at_least", "count": 2}}
        workflow = await a_workflow(wedding, "a>d", "b>d", "c>d", joins=joins)
        await workflow.done("a")
        assert (await workflow.states())["d"] == "BLOCKED"
        await workflow.done("c")
        assert (await workflow.states())["d"] == "TODO"

    async def test_parents_that_are_done_at_once_unlock_once(self, wedding):
        parents = [f"p{number}" for number in range(8)]
        workflow = await a_workflow(wedding, *(f"{each}>z" for each in parents))
        nodes = await workflow.nodes()
        for each in parents:
            await workflow.moved(each, "IN_PROGRESS")
        await asyncio.gather(
            *(moved(wedding.manager, nodes[each]["taskId"], "DONE") for each in parents)
        )
        assert (await workflow.states())["z"] == "TODO"
        trail = ok(await wedding.manager.get(f"/api/tasks/{nodes['z']['taskId']}/transitions"))
        told = [(each["fromState"], each["toState"]) for each in trail["items"]]
        assert told == [(None, "BLOCKED"), ("BLOCKED", "TODO")]

    async def test_a_task_of_a_workflow_is_not_deleted(self, wedding, diamond):
        task = (await diamond.nodes())["a"]["taskId"]
        answer = await wedding.manager.post(f"/api/tasks/{task}/delete", json={"reason": "No."})
        assert broken(answer) == ["BelongsToAWorkflow"]


class TestWhoMay:
    @pytest.mark.parametrize("what", [*CHANGES, "migrate/dry-run"])
    async def test_change_it(self, wedding, diamond, what):
        body = change(wedding, what.removesuffix("/dry-run")) | {"reason": "So."}
        if what == "migrate/dry-run":
            del body["reason"]
        await a_template(wedding, *DIAMOND, "d>f", name=diamond.template["name"])
        path = f"{diamond.path}/{what}"
        assert broken(await wedding.vendor.post(path, json=body), 403) == ["LacksPermission"]
        assert "ReadsOnly" in broken(await wedding.customer.post(path, json=body), 403)
        refused(await wedding.passer_by.post(path, json=body), 404)
        refused(await wedding.api.stranger.post(path, json=body), 404)
        refused(await wedding.api.nobody.post(path, json=body), 401)
        elsewhere = f"/api/workflow-instances/{uuid4()}/{what}"
        refused(await wedding.manager.post(elsewhere, json=body), 404)
        ok(await wedding.api.admin.post(path, json=body))

    @pytest.mark.parametrize("what", list(CHANGES))
    @pytest.mark.parametrize("reason", [None, " ", "x" * 1001], ids=["none", "blank", "long"])
    async def test_say_why(self, wedding, diamond, what, reason):
        answer = await diamond.asked(what, change(wedding, what) | {"reason": reason})
        assert list(refused(answer, 400)["fields"]) == ["reason"]


class TestAdding:
    async def test_a_node_comes_with_its_task(self, wedding, diamond):
        body = {"node": node(wedding), "parents": ["a"], "children": ["d"]}
        changed = ok(await diamond.asked("nodes", body))
        assert changed == diamond.made | {
            "progress": diamond.made["progress"] | {"total": 5, "open": 5},
            "updatedAt": changed["updatedAt"],
        }
        drawn = await diamond.graph()
        assert drawn["instance"] == changed
        assert [each["id"] for each in drawn["nodes"]] == ["a", "b", "c", "d", "e"]
        assert drawn["edges"][-2:] == [
            {"parent": "a", "child": "e"},
            {"parent": "e", "child": "d"},
        ]
        await diamond.done("a", "b", "c")
        assert (await diamond.states())["d"] == "BLOCKED"
        await diamond.done("e")
        assert (await diamond.states())["d"] == "TODO"

    async def test_what_may_be_begun_does_not_wait_for_it(self, wedding, diamond):
        body = {"node": node(wedding), "children": ["a"]}
        (told,) = refused(await diamond.asked("nodes", body), 400)["broken"]
        assert (told["rule"], told["node_id"], told["state"]) == ("NodeIsUnlocked", "a", "ready")

    async def test_a_cycle_is_refused(self, wedding, diamond):
        body = {"node": node(wedding), "parents": ["d"], "children": ["b"]}
        assert broken(await diamond.asked("nodes", body)) == ["Cyclic"]

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"node": {"id": "a"}}, "node.id"),
            ({"node": {"title": " "}}, "node.title"),
            ({"node": {"taskTypeId": AN_ID}}, "node.taskTypeId"),
            ({"node": {"join": {"kind": "at_least", "count": 2}}}, "node.join.count"),
            ({"parents": ["b", "z"]}, "parents.1"),
            ({"parents": ["b", "b"]}, "parents.1"),
            ({"children": ["z"]}, "children.0"),
            ({"children": [""]}, "children.0"),
        ],
        ids=["id", "title", "type", "join", "no parent", "twice", "no child", "no id"],
    )
    async def test_bad_input_is_told_by_its_field(self, wedding, diamond, changes, field):
        told = node(wedding) | changes.get("node", {})
        body = {"parents": ["a"]} | changes | {"node": told}
        answer = await diamond.asked("nodes", body)
        assert list(refused(answer, 400)["fields"]) == [field]


class TestSkipping:
    async def test_its_branch_goes_with_it_and_is_told_why(self, wedding):
        workflow = await a_workflow(wedding, "a>b", "c")
        changed = ok(await workflow.asked("nodes/a/skip", {"reason": " It rains. "}))
        assert changed["progress"] == {
            "total": 3,
            "done": 0,
            "skipped": 2,
            "open": 1,
            "percent": 0,
        }
        nodes = await workflow.nodes()
        reasons = {}
        for each in ("a", "b"):
            assert nodes[each]["state"] == "SKIPPED"
            path = f"/api/tasks/{nodes[each]['taskId']}/transitions"
            reasons[each] = ok(await wedding.manager.get(path))["items"][-1]["reason"]
        assert reasons == {
            "a": "It rains.",
            "b": "Nothing that it waits for will be done any more.",
        }

    async def test_what_waited_for_it_last_is_unlocked(self, diamond):
        await diamond.done("a", "b")
        ok(await diamond.asked("nodes/c/skip"))
        assert (await diamond.states())["d"] == "TODO"

    async def test_again_changes_nothing(self, diamond):
        once = ok(await diamond.asked("nodes/a/skip"))
        assert ok(await diamond.asked("nodes/a/skip")) == once

    async def test_what_is_done_stays_done(self, diamond):
        await diamond.done("a")
        assert broken(await diamond.asked("nodes/a/skip")) == ["NodeIsOver"]

    async def test_what_is_not_there_is_not_found(self, diamond):
        refused(await diamond.asked("nodes/z/skip"), 404)

    async def test_a_node_is_named_in_a_path_however_it_is_spelled(self, wedding):
        workflow = await a_workflow(wedding, "cake 1, ü?>b")
        ok(await workflow.asked("nodes/cake%201,%20%C3%BC%3F/skip"))
        assert set((await workflow.states()).values()) == {"SKIPPED"}


class TestReplacing:
    async def test_another_task_takes_its_place(self, wedding, diamond):
        before = (await diamond.nodes())["a"]
        body = {"title": "Hire somebody", "taskTypeId": wedding.kinds["Music"]}
        changed = ok(await diamond.asked("nodes/a/replace", body))
        assert changed["progress"] == diamond.made["progress"]
        after = (await diamond.nodes())["a"]
        assert after == before | {
            "title": "Hire somebody",
            "taskTypeId": wedding.kinds["Music"],
            "taskId": after["taskId"],
            "minutes": 30,
        }
        old = ok(await wedding.manager.get(f"/api/tasks/{before['taskId']}"))
        assert (old["state"], after["taskId"] != before["taskId"]) == ("SKIPPED", True)
        await diamond.done("a")
        assert (await diamond.states())["b"] == "TODO"

    async def test_what_is_over_stays_as_it_is(self, wedding, diamond):
        await diamond.done("a")
        body = change(wedding, "nodes/a/replace")
        assert broken(await diamond.asked("nodes/a/replace", body)) == ["NodeIsOver"]

    async def test_what_is_not_there_is_not_found(self, wedding, diamond):
        body = change(wedding, "nodes/a/replace")
        refused(await diamond.asked("nodes/z/replace", body), 404)

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"title": ""}, "title"),
            ({"taskTypeId": AN_ID}, "taskTypeId"),
            ({"join": {"kind": "at_least", "count": 3}}, "join.count"),
            ({"join": {"kind": "all", "count": 1}}, "join.count"),
            ({"id": "e"}, "id"),
        ],
        ids=["title", "type", "more than there are", "a count of all", "unknown"],
    )
    async def test_bad_input_is_told_by_its_field(self, wedding, diamond, changes, field):
        body = change(wedding, "nodes/a/replace") | changes
        answer = await diamond.asked("nodes/d/replace", body)
        assert list(refused(answer, 400)["fields"]) == [field]


class TestMigrating:
    async def planned(self, workflow, **body):
        path = f"{workflow.path}/migrate/dry-run"
        return ok(await workflow.wedding.manager.post(path, json=body))

    async def test_a_dry_run_tells_all_and_changes_nothing(self, wedding, diamond):
        await diamond.done("a", "b")
        name = diamond.template["name"]
        await a_template(wedding, "a>b", "b>d", "e>f", "x", "c", "e>c", name=name)
        before = await diamond.graph()
        told = await self.planned(diamond, mapping={"c": "x"})
        assert told == {
            "version": 2,
            "kept": {"a": "a", "b": "b", "c": "x", "d": "d"},
            "added": ["e", "f", "c"],
            "dropped": [],
            "unlocked": ["d"],
            "locked": [],
            "skipped": [],
            "problems": [],
        }
        assert await diamond.graph() == before

    async def test_it_goes_on_by_the_newer_version(self, wedding, diamond):
        await diamond.done("a")
        await diamond.moved("b", "IN_PROGRESS")
        before = await diamond.nodes()
        await a_template(wedding, "a>e", "e>d", name=diamond.template["name"])
        changed = ok(await diamond.asked("migrate", {"mapping": {}}))
        assert (changed["templateVersion"], changed["progress"]["total"]) == (2, 3)
        after = await diamond.nodes()
        assert {each: told["state"] for each, told in after.items()} == {
            "a": "DONE",
            "e": "TODO",
            "d": "BLOCKED",
        }
        assert [after[each]["taskId"] for each in "ad"] == [before[e]["taskId"] for e in "ad"]
        for dropped in "bc":
            task = ok(await wedding.manager.get(f"/api/tasks/{before[dropped]['taskId']}"))
            assert task["state"] == "SKIPPED"

    async def test_what_nobody_has_begun_waits_again(self, wedding):
        workflow = await a_workflow(wedding, "a", "b")
        await a_template(wedding, "b>a", name=workflow.template["name"])
        assert (await self.planned(workflow))["locked"] == ["a"]
        ok(await workflow.asked("migrate"))
        assert await workflow.states() == {"b": "TODO", "a": "BLOCKED"}

    async def test_what_is_in_the_way_is_all_told_and_nothing_is_changed(self, wedding):
        workflow = await a_workflow(wedding, "a", "b")
        await workflow.moved("a", "IN_PROGRESS")
        name = workflow.template["name"]
        await a_template(wedding, "b>a", name=name, kinds={"b": "Music"})
        mapping = {"x": "y"}
        problems = (await self.planned(workflow, mapping=mapping))["problems"]
        rules = ["NodeIsUnknown", "NodeIsUnknown", "TaskTypeDiffers", "NodeIsAhead"]
        assert [each["rule"] for each in problems] == rules
        answer = await workflow.asked("migrate", {"mapping": mapping})
        assert refused(answer, 400)["broken"] == problems
        assert ok(await wedding.manager.get(workflow.path))["templateVersion"] == 1

    async def test_to_a_version_that_is_not_newer_or_not_there_it_does_not_go(self, diamond):
        answer = await diamond.asked("migrate", {"version": 1})
        assert broken(answer) == ["VersionIsNotNewer"]
        refused(await diamond.asked("migrate", {"version": 2}), 404)
        answer = await diamond.asked("migrate", {"version": 0})
        assert list(refused(answer, 400)["fields"]) == ["version"]
