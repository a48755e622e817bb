"""Templates over HTTP: drawn, saved in versions, listed, retired."""

from uuid import uuid4

import pytest

from interfaces.http.eventflow.common import AN_ID
from tests.support.eventflow import a_template, broken, drawing, ok, refused

PATH = "/api/workflow-templates"


def body(wedding, *told, **changes):
    return {"name": f"Plan {uuid4()}", **drawing(wedding, *(told or ("a>b",))), **changes}


class TestSaving:
    async def test_it_is_answered_whole(self, wedding):
        sent = body(wedding, "a>b", "a>c", name="  Big   wedding ", description=" By the lake ")
        made = ok(await wedding.manager.post(PATH, json=sent))
        assert made == {
            "id": made["id"],
            "name": "Big wedding",
            "description": "By the lake",
            "version": 1,
            "nodes": 3,
            "edges": 2,
            "active": True,
        }
        assert made in ok(await wedding.vendor.get(PATH))["items"]

    async def test_every_version_is_shown_as_it_was_drawn(self, wedding):
        first = await a_template(wedding, "a>c", "b>c", joins={"c": {"kind": "any"}})
        name = first["name"]
        again = await a_template(wedding, "a>b", name=name.upper())
        assert (again["id"], again["version"], again["name"]) == (first["id"], 2, name)
        shown = ok(await wedding.vendor.get(f"{PATH}/{first['id']}", params={"version": 1}))
        catering = wedding.kinds["Catering"]
        plain = {"description": "", "taskTypeId": catering, "join": {"kind": "all", "count": None}}
        assert shown == {
            "id": first["id"],
            "name": name,
            "description": "",
            "version": 1,
            "newest": 2,
            "active": True,
            "nodes": [
                {**plain, "id": "a", "title": "Do a"},
                {**plain, "id": "c", "title": "Do c", "join": {"kind": "any", "count": None}},
                {**plain, "id": "b", "title": "Do b"},
            ],
            "edges": [{"parent": "a", "child": "c"}, {"parent": "b", "child": "c"}],
        }
        newest = ok(await wedding.vendor.get(f"{PATH}/{first['id']}"))
        assert (newest["version"], newest["newest"], len(newest["nodes"])) == (2, 2, 2)

    async def test_what_is_the_same_is_no_version(self, wedding):
        sent = body(wedding)
        for _ in range(2):
            assert ok(await wedding.manager.post(PATH, json=sent))["version"] == 1

    async def test_if_match_names_the_version_that_it_was_made_of(self, wedding):
        name = (await a_template(wedding, "a>b"))["name"]

        async def saved(tag, *told):
            sent = body(wedding, *told, name=name)
            return await wedding.manager.post(PATH, json=sent, headers={"If-Match": tag})

        assert ok(await saved('"1"', "a>c"))["version"] == 2
        assert refused(await saved('"1"', "a>d"), 412) == {"version": 2}
        assert ok(await saved("*", "a>e"))["version"] == 3
        assert list(refused(await saved("first", "a>f"), 400)["fields"]) == ["If-Match"]

    async def test_who_may_not_write_templates_may_not(self, wedding):
        for client in (wedding.vendor, wedding.customer):
            refused(await client.post(PATH, json=body(wedding)), 403)
        refused(await wedding.api.nobody.post(PATH, json=body(wedding)), 401)


class TestBadInput:
    @pytest.mark.parametrize(
        ("changes", "fields"),
        [
            ({"name": " "}, ["name"]),
            ({"more": 1}, ["more"]),
            ({"nodes": []}, ["nodes"]),
            ({"edges": [{}]}, ["edges.0.child", "edges.0.parent"]),
            ({"edges": [{"parent": "a", "child": "z"}]}, ["edges.0.child"]),
            ({"edges": [{"parent": "a", "child": "b"}] * 2}, ["edges.1"]),
            ({"edges": [{"parent": "a"}]}, ["edges.0.child"]),
        ],
        ids=str,
    )
    async def test_is_told_by_its_field(self, wedding, changes, fields):
        answer = await wedding.manager.post(PATH, json=body(wedding, **changes))
        assert sorted(refused(answer, 400)["fields"]) == fields

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"id": "a"}, "id"),
            ({"id": "x" * 101}, "id"),
            ({"id": "b\x07"}, "id"),
            ({"title": "x" * 201}, "title"),
            ({"taskTypeId": AN_ID}, "taskTypeId"),
            ({"join": {"kind": "most"}}, "join.kind"),
            ({"join": {"kind": "at_least"}}, "join.count"),
            ({"join": {"kind": "at_least", "count": 2}}, "join.count"),
            ({"join": {"kind": "at_least", "count": "1"}}, "join.count"),
            ({"join": {"kind": "any", "count": 1}}, "join.count"),
        ],
        ids=str,
    )
    async def test_of_a_node_is_told_by_the_nodes_place(self, wedding, changes, field):
        sent = body(wedding, "a>b")
        sent["nodes"][1] |= changes
        answer = await wedding.manager.post(PATH, json=sent)
        assert f"nodes.1.{field}" in refused(answer, 400)["fields"]

    async def test_a_cycle_is_told_by_its_path(self, wedding):
        answer = await wedding.manager.post(PATH, json=body(wedding, "x>a", "a>b", "b>a"))
        (told,) = refused(answer, 400)["broken"]
        assert told["rule"] == "Cyclic"
        assert told["path"] in (["a", "b", "a"], ["b", "a", "b"])
        assert " → " in answer.json()["error"]

    async def test_a_type_that_is_retired_is_refused(self, wedding):
        admin = wedding.api.admin
        kind = ok(await admin.post("/api/task-types", json={"name": f"Old {uuid4()}"}))["id"]
        ok(await admin.post(f"/api/task-types/{kind}/retire"))
        sent = body(wedding)
        sent["nodes"][0]["taskTypeId"] = kind
        assert broken(await wedding.manager.post(PATH, json=sent)) == ["TaskTypeIsRetired"]


class TestListing:
    async def test_it_says_its_version_and_is_not_sent_again(self, wedding):
        first = await wedding.vendor.get(PATH)
        tag = first.headers["ETag"]
        again = await wedding.vendor.get(PATH, headers={"If-None-Match": tag})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)

    async def test_every_change_is_seen_at_once(self, wedding):
        template = await a_template(wedding, "a>b")
        tags = set()
        for change in (None, "retire", "reopen"):
            if change:
                ok(await wedding.manager.post(f"{PATH}/{template['id']}/{change}"))
            listed = await wedding.vendor.get(PATH)
            assert template | {"active": change != "retire"} in ok(listed)["items"]
            tags.add(listed.headers["ETag"])
        await a_template(wedding, "a>c", name=template["name"])
        listed = await wedding.vendor.get(PATH)
        assert template | {"version": 2} in ok(listed)["items"]
        assert listed.headers["ETag"] not in tags

    async def test_another_tenant_has_its_own(self, wedding):
        template = await a_template(wedding, "a>b")
        assert ok(await wedding.api.stranger.get(PATH)) == {"items": []}
        refused(await wedding.api.stranger.get(f"{PATH}/{template['id']}"), 404)

    async def test_what_is_not_there_is_not_found(self, wedding):
        template = await a_template(wedding, "a>b")
        refused(await wedding.vendor.get(f"{PATH}/{uuid4()}"), 404)
        refused(await wedding.vendor.get(f"{PATH}/{template['id']}", params={"version": 2}), 404)
        answer = await wedding.vendor.get(f"{PATH}/{template['id']}", params={"version": 0})
        assert list(refused(answer, 400)["fields"]) == ["version"]


class TestRetiring:
    async def test_nothing_new_is_started_until_it_is_reopened(self, wedding):
        template = await a_template(wedding, "a>b")
        start = {"templateId": template["id"], "eventId": wedding.event}
        path = f"{PATH}/{template['id']}"
        for _ in range(2):
            retired = ok(await wedding.manager.post(f"{path}/retire"))
            assert retired == template | {"active": False}
        answer = await wedding.manager.post("/api/workflows/instantiate", json=start)
        assert broken(answer) == ["TemplateIsRetired"]
        assert ok(await wedding.manager.post(f"{path}/reopen")) == template
        ok(await wedding.manager.post("/api/workflows/instantiate", json=start))

    async def test_is_for_who_may_write_templates(self, wedding):
        template = await a_template(wedding, "a>b")
        for what in ("retire", "reopen"):
            refused(await wedding.vendor.post(f"{PATH}/{template['id']}/{what}"), 403)
            refused(await wedding.manager.post(f"{PATH}/{uuid4()}/{what}"), 404)
