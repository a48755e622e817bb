"""The document's events and users over HTTP."""

from uuid import uuid4

import pytest

from tests.support.api import an_account
from tests.support.eventflow import a_wedding, ok, refused

FAIR = {
    "name": "Spring fair",
    "description": "On the green",
    "startsAt": "2199-04-01T10:00:00Z",
    "endsAt": "2199-04-01T18:00:00Z",
}


class TestEvents:
    async def test_who_plans_one_is_its_first_member(self, wedding):
        made = ok(await wedding.manager.post("/api/events", json=FAIR))
        assert made == {**FAIR, "id": made["id"], "members": 1}
        assert ok(await wedding.manager.get(f"/api/events/{made['id']}")) == made
        assert made in ok(await wedding.manager.get("/api/events"))["items"]

    async def test_members_see_theirs_and_admins_all(self, wedding):
        def ids(answer):
            return [each["id"] for each in ok(answer)["items"]]

        assert ids(await wedding.vendor.get("/api/events")) == [wedding.event]
        assert ids(await wedding.passer_by.get("/api/events")) == []
        everything = await wedding.api.admin.get("/api/events", params={"pageSize": 200})
        assert wedding.event in ids(everything)
        assert ids(await wedding.api.stranger.get("/api/events")) == []

    async def test_they_are_found_by_name_and_time(self, wedding):
        async def found(**params):
            answer = await wedding.vendor.get("/api/events", params=params)
            return [each["id"] for each in ok(answer)["items"]]

        assert await found(search="ANA AND") == [wedding.event]
        assert await found(search="fair") == []
        assert await found(endsAfter="2199-06-06T00:00:00Z") == []
        assert await found(startsBefore="2199-06-05T10:00:01Z") == [wedding.event]
        assert await found(startsBefore="2199-06-05T10:00:00Z") == []

    async def test_a_foreign_one_is_forbidden(self, wedding):
        for path in ("", "/members"):
            refused(await wedding.passer_by.get(f"/api/events/{wedding.event}{path}"), 403)
            refused(await wedding.api.stranger.get(f"/api/events/{wedding.event}{path}"), 404)
            refused(await wedding.vendor.get(f"/api/events/{uuid4()}{path}"), 404)

    async def test_it_is_changed_by_its_members_who_may(self, wedding):
        path = f"/api/events/{wedding.event}"
        changed = ok(await wedding.manager.patch(path, json={"description": "By the lake"}))
        assert changed["description"] == "By the lake"
        refused(await wedding.vendor.patch(path, json={"name": "Mine"}), 403)
        other = await a_wedding(wedding.api)
        refused(await other.manager.patch(path, json={"name": "Mine"}), 403)
        await other.close()

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"endsAt": FAIR["startsAt"]}, "endsAt"),
            ({"startsAt": "2199-04-01T10:00:00"}, "startsAt"),
            ({"name": " "}, "name"),
        ],
        ids=str,
    )
    async def test_bad_input_is_told_by_its_field(self, wedding, changes, field):
        answer = await wedding.manager.post("/api/events", json=FAIR | changes)
        assert list(refused(answer, 400)["fields"]) == [field]


class TestMembers:
    async def test_they_are_listed_with_their_names(self, wedding):
        page = ok(await wedding.vendor.get(f"/api/events/{wedding.event}/members"))
        users = ("manager", "vendor", "caterer", "customer")
        assert [each["userId"] for each in page["items"]] == [wedding.id_of(u) for u in users]
        assert {each["name"] for each in page["items"]} == {"Somebody"}

    async def test_they_come_and_go(self, api):
        wedding = await a_wedding(api)
        path = f"/api/events/{wedding.event}/members"
        task = await wedding.task()
        body = {"userId": wedding.id_of("passer_by")}
        for _ in range(2):
            assert ok(await wedding.manager.post(path, json=body))["members"] == 5
        ok(await wedding.passer_by.get(f"/api/tasks/{task}"))
        ok(await wedding.manager.delete(f"{path}/{wedding.id_of('passer_by')}"))
        refused(await wedding.passer_by.get(f"/api/tasks/{task}"), 404)
        refused(await wedding.manager.delete(f"{path}/{wedding.id_of('passer_by')}"), 404)
        await wedding.close()

    async def test_who_has_no_user_type_is_none(self, wedding):
        body = {"userId": str(wedding.api.accounts["staff"])}
        path = f"/api/events/{wedding.event}/members"
        answer = await wedding.manager.post(path, json=body)
        assert refused(answer, 400)["fields"] == {"userId": "has no user type"}


class TestUsers:
    async def test_one_is_told_who_one_is(self, wedding):
        me = ok(await wedding.vendor.get("/api/me"))
        assert me == {
            "id": wedding.id_of("vendor"),
            "email": me["email"],
            "name": "Somebody",
            "userTypeId": wedding.types["Vendor"],
            "userType": "Vendor",
            "isAdmin": False,
            "permissions": ["move_state", "take", "view"],
            "readOnly": False,
        }
        boss = ok(await wedding.api.admin.get("/api/me"))
        assert (boss["isAdmin"], boss["userType"], boss["permissions"]) == (True, None, [])

    async def test_members_see_with_whom_they_share_an_event_and_admins_all(self, wedding):
        async def ids(client):
            page = ok(await client.get("/api/users", params={"pageSize": 200}))
            return {each["id"] for each in page["items"]}

        together = {wedding.id_of(u) for u in ("manager", "vendor", "caterer", "customer")}
        assert await ids(wedding.vendor) == together
        assert await ids(wedding.passer_by) == {wedding.id_of("passer_by")}
        assert await ids(wedding.api.admin) >= together | {wedding.id_of("passer_by")}

    async def test_a_member_of_the_tenant_gets_a_user_type(self, wedding):
        client, account_id = await an_account(wedding.api, "member")
        path = f"/api/users/{account_id}/user-type"
        for kind in ("Vendor", "Customer"):
            body = {"userTypeId": wedding.types[kind]}
            ok(await wedding.api.admin.put(path, json=body))
            assert ok(await client.get("/api/me"))["userType"] == kind
        await client.aclose()

    async def test_nobody_else_does(self, wedding):
        body = {"userTypeId": wedding.types["Vendor"]}
        path = f"/api/users/{wedding.api.accounts['stranger']}/user-type"
        refused(await wedding.api.admin.put(path, json=body), 404)
        path = f"/api/users/{wedding.id_of('vendor')}/user-type"
        refused(await wedding.api.admin.put(path, json={"userTypeId": str(uuid4())}), 404)
        refused(await wedding.manager.put(path, json=body), 403)
