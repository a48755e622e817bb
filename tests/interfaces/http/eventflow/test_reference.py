"""Reference data over HTTP: changed by admins, remembered by API processes, told by ETag."""

import asyncio
from uuid import uuid4

import pytest

from infrastructure.postgres.projector.flush import announcement
from tests.support.eventflow import broken, ok, refused
from tests.support.statements import counted

LISTS = ("/api/user-types", "/api/task-types", "/api/eligibility-mappings")


@pytest.fixture
def statements(api):
    with counted(api) as asked:
        yield asked


@pytest.mark.parametrize("path", LISTS)
class TestEachList:
    async def test_it_is_asked_of_the_database_once(self, wedding, statements, path):
        first = await wedding.vendor.get(path)
        statements.clear()
        again = await asyncio.gather(*(wedding.vendor.get(path) for _ in range(20)))
        assert statements == []
        assert {each.content for each in again} == {first.content}

    async def test_it_says_its_version_and_is_not_sent_again(self, wedding, path):
        first = await wedding.vendor.get(path)
        tag = first.headers["ETag"]
        again = await wedding.vendor.get(path, headers={"If-None-Match": f'"other", {tag}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == tag

    async def test_another_tenant_has_its_own(self, wedding, path):
        assert ok(await wedding.api.stranger.get(path)) == {"items": []}
        assert ok(await wedding.vendor.get(path))["items"]

    async def test_while_changes_cannot_be_heard_it_is_asked_each_time(
        self, wedding, statements, path, monkeypatch
    ):
        await wedding.vendor.get(path)
        monkeypatch.setattr(wedding.api.core.watch._listener, "connected", False)
        statements.clear()
        await wedding.vendor.get(path)
        await wedding.vendor.get(path)
        assert len(statements) >= 2

    async def test_after_a_line_was_lost_it_is_asked_again(
        self, wedding, statements, path, monkeypatch
    ):
        await wedding.vendor.get(path)
        listener = wedding.api.core.watch._listener
        monkeypatch.setattr(listener, "connections", listener.connections + 1)
        statements.clear()
        await wedding.vendor.get(path)
        assert statements


class TestAChange:
    """Whoever changes something sees it at once, and so does everybody who asks afterwards."""

    async def test_of_a_user_type(self, wedding):
        before = await wedding.vendor.get("/api/user-types")
        path = f"/api/user-types/{wedding.types['Vendor']}"
        for description in ("Somebody else", "From outside"):
            body = {"description": description}
            changed = ok(await wedding.api.admin.patch(path, json=body))
            listed = await wedding.vendor.get("/api/user-types")
            assert changed in ok(listed)["items"]
            assert listed.headers["ETag"] != before.headers["ETag"]

    async def test_of_a_task_type(self, wedding):
        path = f"/api/task-types/{wedding.kinds['Music']}"
        changed = ok(await wedding.api.admin.patch(path, json={"minutes": 45}))
        assert changed["minutes"] == 45
        assert changed in ok(await wedding.vendor.get("/api/task-types"))["items"]
        retired = ok(await wedding.api.admin.post(f"{path}/retire"))
        assert retired["active"] is False
        assert retired in ok(await wedding.vendor.get("/api/task-types"))["items"]
        body = {"eventId": wedding.event, "taskTypeId": wedding.kinds["Music"], "title": "Band"}
        answer = await wedding.manager.post("/api/tasks", json=body)
        assert broken(answer) == ["TaskTypeIsRetired"]
        assert ok(await wedding.api.admin.post(f"{path}/reopen"))["active"] is True

    async def test_of_eligibility_changes_what_one_may_do_at_once(self, wedding):
        task = await wedding.task("Flowers")
        pair = {"userTypeId": wedding.types["Vendor"], "taskTypeId": wedding.kinds["Flowers"]}
        assert broken(await wedding.vendor.post(f"/api/tasks/{task}/pick"), 403)
        ok(await wedding.api.admin.post("/api/eligibility-mappings", json=pair))
        listed = ok(await wedding.vendor.get("/api/eligibility-mappings"))["items"]
        assert {**pair, "userType": "Vendor", "taskType": "Flowers"} in listed
        ok(await wedding.vendor.post(f"/api/tasks/{task}/pick"))
        path = f"/api/eligibility-mappings/{pair['userTypeId']}/{pair['taskTypeId']}"
        ok(await wedding.api.admin.delete(path))
        listed = ok(await wedding.vendor.get("/api/eligibility-mappings"))["items"]
        assert {**pair, "userType": "Vendor", "taskType": "Flowers"} not in listed

    async def test_of_what_is_not_there_is_not_found(self, wedding):
        nothing = uuid4()
        admin = wedding.api.admin
        refused(await admin.patch(f"/api/user-types/{nothing}", json={}), 404)
        refused(await admin.patch(f"/api/task-types/{nothing}", json={}), 404)
        body = {"userTypeId": str(nothing), "taskTypeId": wedding.kinds["Music"]}
        refused(await admin.post("/api/eligibility-mappings", json=body), 404)

    @pytest.mark.parametrize("path", ["/api/user-types", "/api/task-types"])
    async def test_a_name_is_there_once(self, wedding, path):
        name = f"New {path}"
        ok(await wedding.api.admin.post(path, json={"name": name}))
        answer = await wedding.api.admin.post(path, json={"name": f" {name.upper()} "})
        assert broken(answer)[0].endswith("TypeExists")

    @pytest.mark.parametrize("user", ["manager", "vendor", "customer"])
    async def test_is_an_admins(self, wedding, user):
        client = getattr(wedding, user)
        for path in ("/api/user-types", "/api/task-types"):
            refused(await client.post(path, json={"name": "New"}), 403)


class TestBadInput:
    @pytest.mark.parametrize(
        ("path", "body", "field"),
        [
            ("/api/user-types", {"name": ""}, "name"),
            ("/api/user-types", {"name": "A", "permissions": ["fly"]}, "permissions.0"),
            ("/api/user-types", {"name": "A", "readOnly": 3}, "readOnly"),
            ("/api/task-types", {"name": "A", "minutes": -1}, "minutes"),
            ("/api/task-types", {"name": "A", "minutes": "60"}, "minutes"),
            ("/api/eligibility-mappings", {"userTypeId": "x", "taskTypeId": "y"}, "userTypeId"),
        ],
        ids=str,
    )
    async def test_is_told_by_its_field(self, wedding, path, body, field):
        fields = refused(await wedding.api.admin.post(path, json=body), 400)["fields"]
        assert field in fields


def test_an_announcement_names_what_changed():
    assert announcement(7, ["work.reference"]) == "7 work.reference"
    assert announcement(7) == "7"
