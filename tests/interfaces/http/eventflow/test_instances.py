"""Instances over HTTP: started, listed, drawn for whoever asks."""

from collections import Counter
from uuid import uuid4

import pytest
from defusedxml import ElementTree

from tests.support.eventflow import (
    a_template,
    a_wedding,
    a_workflow,
    broken,
    drawing,
    ok,
    refused,
)

DIAMOND = ("a>b", "a>c", "b>d", "c>d")
KINDS = {"a": "Catering", "b": "Flowers", "c": "Music", "d": "Catering"}
"""240, 60, 30 and 240 minutes."""
START, LIST = "/api/workflows/instantiate", "/api/workflow-instances"
SVG = "{http://www.w3.org/2000/svg}"


def progress(done=0, skipped=0, total=4):
    left = total - skipped
    return {
        "total": total,
        "done": done,
        "skipped": skipped,
        "open": left - done,
        "percent": 100 * done // left if left else 100,
    }


@pytest.fixture
async def diamond(wedding):
    return await a_workflow(wedding, *DIAMOND, kinds=KINDS)


@pytest.fixture
async def alone(api):
    """A wedding that nothing else is told about."""
    made = await a_wedding(api)
    yield made
    await made.close()


class TestStarting:
    async def test_it_is_answered_whole(self, wedding):
        template = await a_template(wedding, *DIAMOND)
        body = {"templateId": template["id"], "eventId": wedding.event, "name": "  Ours "}
        made = ok(await wedding.manager.post(START, json=body))
        assert made == {
            "id": made["id"],
            "templateId": template["id"],
            "templateVersion": 1,
            "eventId": wedding.event,
            "name": "Ours",
            "progress": progress(),
            "startedAt": made["startedAt"],
            "updatedAt": made["startedAt"],
        }
        assert ok(await wedding.vendor.get(f"{LIST}/{made['id']}")) == made

    async def test_its_tasks_are_there_at_once(self, wedding, diamond):
        params = {"workflowInstanceId": diamond.made["id"]}
        page = ok(await wedding.manager.get("/api/tasks", params=params))
        assert [(each["nodeId"], each["state"], each["blockedBy"]) for each in page["items"]] == [
            ("a", "TODO", None),
            ("b", "BLOCKED", "waiting"),
            ("c", "BLOCKED", "waiting"),
            ("d", "BLOCKED", "waiting"),
        ]

    async def test_of_the_version_that_is_asked_for(self, wedding):
        template = await a_template(wedding, "a>b")
        await a_template(wedding, "a>b", "b>c", name=template["name"])
        body = {"templateId": template["id"], "eventId": wedding.event}
        for version, total in ((None, 3), (1, 2), (2, 3)):
            made = ok(await wedding.manager.post(START, json=body | {"version": version}))
            assert (made["templateVersion"], made["progress"]["total"]) == (version or 2, total)
            assert made["name"] == template["name"]
        refused(await wedding.manager.post(START, json=body | {"version": 3}), 404)

    async def test_who_may_not_may_not(self, wedding):
        template = await a_template(wedding, "a>b")
        body = {"templateId": template["id"], "eventId": wedding.event}
        assert broken(await wedding.vendor.post(START, json=body), 403) == ["LacksPermission"]
        assert "ReadsOnly" in broken(await wedding.customer.post(START, json=body), 403)
        assert "OutOfScope" in broken(await wedding.passer_by.post(START, json=body), 403)
        refused(await wedding.api.stranger.post(START, json=body), 404)
        refused(await wedding.api.nobody.post(START, json=body), 401)
        ok(await wedding.api.admin.post(START, json=body))

    async def test_of_what_is_not_there_nothing_is_started(self, wedding):
        template = await a_template(wedding, "a>b")
        good = {"templateId": template["id"], "eventId": wedding.event}
        for field in good:
            answer = await wedding.manager.post(START, json=good | {field: str(uuid4())})
            refused(answer, 404)

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"templateId": "x"}, "templateId"),
            ({"eventId": None}, "eventId"),
            ({"version": 0}, "version"),
            ({"version": "1"}, "version"),
            ({"name": "x" * 201}, "name"),
            ({"more": 1}, "more"),
        ],
        ids=str,
    )
    async def test_bad_input_is_told_by_its_field(self, wedding, changes, field):
        body = {"templateId": str(uuid4()), "eventId": wedding.event} | changes
        answer = await wedding.manager.post(START, json=body)
        assert list(refused(answer, 400)["fields"]) == [field]


class TestListing:
    async def test_the_newest_first_by_event_template_and_whether_it_is_over(self, alone):
        first, second = await a_workflow(alone, "a"), await a_workflow(alone, "a>b")
        await first.done("a")

        async def found(**params):
            page = ok(await alone.vendor.get(LIST, params=params))
            assert page["total"] == len(page["items"])
            return [each["id"] for each in page["items"]]

        one, two = first.made["id"], second.made["id"]
        assert await found() == [two, one]
        assert await found(eventId=alone.event) == [two, one]
        assert await found(templateId=first.template["id"]) == [one]
        assert await found(templateId=str(uuid4())) == []
        assert await found(over=True) == [one]
        assert await found(over=False) == [two]

    async def test_pages_are_counted(self, alone):
        ids = [(await a_workflow(alone, "a")).made["id"] for _ in range(3)]
        params = {"eventId": alone.event, "page": 2, "pageSize": 2}
        page = ok(await alone.vendor.get(LIST, params=params))
        assert [each["id"] for each in page["items"]] == ids[:1]
        assert (page["page"], page["pageSize"], page["total"]) == (2, 2, 3)

    async def test_only_those_of_ones_own_events_but_to_admins_all(self, alone):
        made = (await a_workflow(alone, "a")).made
        assert ok(await alone.passer_by.get(LIST))["items"] == []
        assert made in ok(await alone.api.admin.get(LIST))["items"]
        assert ok(await alone.api.stranger.get(LIST))["items"] == []
        params = {"eventId": alone.event}
        assert broken(await alone.passer_by.get(LIST, params=params), 403) == ["OutOfScope"]
        refused(await alone.api.stranger.get(LIST, params=params), 404)
        refused(await alone.vendor.get(LIST, params={"eventId": str(uuid4())}), 404)

    async def test_one_that_is_out_of_scope_is_not_there(self, wedding, diamond):
        for client in (wedding.passer_by, wedding.api.stranger):
            for path in ("", "/graph", "/graph?format=svg"):
                refused(await client.get(f"{diamond.path}{path}"), 404)
        refused(await wedding.vendor.get(f"{LIST}/{uuid4()}"), 404)
        refused(await wedding.vendor.get(f"{LIST}/{uuid4()}/graph"), 404)

    async def test_how_far_it_is_is_told(self, wedding, diamond):
        await diamond.done("a", "b")
        told = ok(await wedding.vendor.get(diamond.path))
        assert told["progress"] == progress(done=2)
        assert told["updatedAt"] > told["startedAt"]


class TestTheGraph:
    async def test_it_is_answered_whole(self, wedding, diamond):
        drawn = await diamond.graph()
        tasks = {node["id"]: node["taskId"] for node in drawn["nodes"]}
        assert len(set(tasks.values())) == 4

        def shown(node_id, start, minutes, slack=0, state="BLOCKED"):
            return {
                "id": node_id,
                "title": f"Do {node_id}",
                "taskTypeId": wedding.kinds[KINDS[node_id]],
                "join": {"kind": "all", "count": None},
                "taskId": tasks[node_id],
                "state": state,
                "assigneeId": None,
                "minutes": minutes,
                "earliestStart": start,
                "latestStart": start + slack,
                "slack": slack,
                "critical": slack == 0,
            }

        assert drawn == {
            "instance": diamond.made,
            "nodes": [
                shown("a", 0, 240, state="TODO"),
                shown("b", 240, 60),
                shown("c", 240, 30, slack=30),
                shown("d", 300, 240),
            ],
            "edges": [
                {"parent": "a", "child": "b"},
                {"parent": "a", "child": "c"},
                {"parent": "b", "child": "d"},
                {"parent": "c", "child": "d"},
            ],
            "remainingMinutes": 540,
            "totalMinutes": 540,
            "criticalPath": ["a", "b", "d"],
        }

    async def test_what_is_done_takes_no_time_any_more(self, diamond):
        await diamond.done("a", "b")
        drawn = await diamond.graph()
        assert await diamond.states() == {"a": "DONE", "b": "DONE", "c": "TODO", "d": "BLOCKED"}
        assert (drawn["remainingMinutes"], drawn["totalMinutes"]) == (270, 540)
        assert drawn["criticalPath"] == ["c", "d"]

    async def test_who_has_a_task_is_told(self, wedding, diamond):
        task = (await diamond.nodes())["a"]["taskId"]
        ok(await wedding.vendor.post(f"/api/tasks/{task}/pick"))
        assert (await diamond.nodes())["a"]["assigneeId"] == wedding.id_of("vendor")

    async def test_a_vendor_sees_the_types_that_are_its_own_and_the_plan_of_the_whole(
        self, diamond
    ):
        drawn = await diamond.graph("vendor")
        assert [node["id"] for node in drawn["nodes"]] == ["a", "c", "d"]
        assert drawn["edges"] == [{"parent": "a", "child": "c"}, {"parent": "c", "child": "d"}]
        assert drawn["criticalPath"] == ["a", "d"]
        assert drawn["remainingMinutes"] == 540

    async def test_one_without_a_user_type_sees_none(self, wedding, diamond):
        for path in ("", "/graph"):
            answer = await wedding.api.manager.get(f"{diamond.path}{path}")
            assert broken(answer, 403) == ["HasNoUserType"]

    async def test_another_format_is_refused(self, wedding, diamond):
        answer = await wedding.vendor.get(f"{diamond.path}/graph", params={"format": "png"})
        assert list(refused(answer, 400)["fields"]) == ["format"]


class TestACustomer:
    """Never sees that something is to do: not in the graph, nor the picture, nor the counts."""

    async def test_sees_no_node_that_is_to_do(self, diamond):
        assert await diamond.states("customer") == {"b": "BLOCKED", "c": "BLOCKED", "d": "BLOCKED"}
        drawn = await diamond.graph("customer")
        assert "TODO" not in str(drawn)
        assert drawn["criticalPath"] == ["b", "d"]
        assert {end for edge in drawn["edges"] for end in edge.values()} == {"b", "c", "d"}

    async def test_sees_it_once_it_is_begun(self, diamond):
        await diamond.moved("a", "IN_PROGRESS")
        assert (await diamond.states("customer"))["a"] == "IN_PROGRESS"

    async def test_sees_none_in_the_picture(self, wedding, diamond):
        answer = await wedding.customer.get(f"{diamond.path}/graph", params={"format": "svg"})
        boxes = ElementTree.fromstring(answer.content).findall(f"{SVG}g")
        assert [box.get("id") for box in boxes] == ["node-b", "node-c", "node-d"]
        assert "Do a" not in answer.text

    async def test_does_not_count_it(self, wedding, diamond):
        params = {"templateId": diamond.template["id"]}
        for done, hidden in (("", 1), ("a", 2), ("b", 1)):
            await diamond.done(*done)
            counts = ok(await wedding.vendor.get(diamond.path))["progress"]
            told = ok(await wedding.customer.get(diamond.path))["progress"]
            assert told == progress(done=counts["done"], total=4 - hidden)
            (listed,) = ok(await wedding.customer.get(LIST, params=params))["items"]
            assert listed["progress"] == told
            assert (await diamond.graph("customer"))["instance"]["progress"] == told


class TestThePicture:
    async def picture(self, workflow, user="manager"):
        client = getattr(workflow.wedding, user)
        answer = await client.get(f"{workflow.path}/graph", params={"format": "svg"})
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "image/svg+xml"
        return answer.content

    async def test_it_has_a_box_for_each_node_and_an_arrow_for_each_edge(self, diamond):
        drawn = ElementTree.fromstring(await self.picture(diamond))
        boxes = drawn.findall(f"{SVG}g")
        assert [box.get("id") for box in boxes] == [f"node-{each}" for each in "abcd"]
        assert len(drawn.findall(f"{SVG}path")) == 4
        assert [path.get("class") for path in drawn.findall(f"{SVG}path")] == ["c", None, "c", None]
        told = boxes[0].find(f"{SVG}title").text
        assert told == "a: Do a, TODO, 240 min, slack 0 min"

    async def test_boxes_of_a_rank_stand_side_by_side_below_their_parents(self, diamond):
        drawn = ElementTree.fromstring(await self.picture(diamond))
        rects = [box.find(f"{SVG}rect") for box in drawn.findall(f"{SVG}g")]
        places = [(float(rect.get("x")), float(rect.get("y"))) for rect in rects]
        assert len(set(places)) == 4
        (_, a), (left, b), (right, c), (_, d) = places
        assert a < b == c < d
        assert left != right

    async def test_the_same_is_drawn_in_the_same_way(self, diamond):
        assert await self.picture(diamond) == await self.picture(diamond)

    @pytest.mark.parametrize(
        "title", ["<b>&\"'", "</svg>", "]]>", "a\x01b\x1b", "Ça ira 🎂", "\ufffe"]
    )
    async def test_whatever_is_written_is_only_text(self, wedding, title):
        body = {"name": f"Plan {uuid4()} {title}", **drawing(wedding, "a>b")}
        body["nodes"][0] |= {"title": title, "id": '<a&">'}
        body["edges"] = [{"parent": '<a&">', "child": "b"}]
        template = ok(await wedding.manager.post("/api/workflow-templates", json=body))
        start = {"templateId": template["id"], "eventId": wedding.event}
        made = ok(await wedding.manager.post(START, json=start))
        answer = await wedding.manager.get(f"{LIST}/{made['id']}/graph?format=svg")
        boxes = ElementTree.fromstring(answer.content).findall(f"{SVG}g")
        assert [box.get("id") for box in boxes] == ['node-<a&">', "node-b"]
        assert not list(boxes[0].find(f"{SVG}text"))
        printable = "".join(each if each.isprintable() else " " for each in title)
        assert boxes[0].find(f"{SVG}text").text == printable

    async def test_a_long_title_is_cut_in_its_box_and_whole_in_its_tooltip(self, wedding):
        body = {"name": f"Plan {uuid4()}", **drawing(wedding, "a")}
        body["nodes"][0]["title"] = "x" * 200
        template = ok(await wedding.manager.post("/api/workflow-templates", json=body))
        start = {"templateId": template["id"], "eventId": wedding.event}
        made = ok(await wedding.manager.post(START, json=start))
        answer = await wedding.manager.get(f"{LIST}/{made['id']}/graph?format=svg")
        box = ElementTree.fromstring(answer.content).find(f"{SVG}g")
        assert box.find(f"{SVG}text").text == "x" * 23 + "…"
        assert "x" * 200 in box.find(f"{SVG}title").text

    async def test_a_customer_who_sees_nothing_yet_gets_an_empty_one(self, wedding):
        workflow = await a_workflow(wedding, "a")
        drawn = ElementTree.fromstring(await self.picture(workflow, "customer"))
        assert drawn.findall(f"{SVG}g") == []


async def test_a_thousand_nodes_are_started_and_drawn_in_one_request_each(wedding):
    told = [f"n{n}>n{n + step}" for step in range(1, 7) for n in range(1000 - step)][:5000]
    workflow = await a_workflow(wedding, *told)
    assert workflow.made["progress"] == progress(total=1000)
    drawn = await workflow.graph()
    assert Counter(node["state"] for node in drawn["nodes"]) == {"TODO": 1, "BLOCKED": 999}
    assert (len(drawn["edges"]), len(drawn["criticalPath"])) == (5000, 1000)
    answer = await wedding.manager.get(f"{workflow.path}/graph", params={"format": "svg"})
    assert len(ElementTree.fromstring(answer.content).findall(f"{SVG}g")) == 1000
    await workflow.done("n0")
    assert (await workflow.nodes())["n1"]["state"] == "TODO"
