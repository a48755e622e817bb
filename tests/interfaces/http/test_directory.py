"""Units and people: opened, added, changed, taken out; listed, filtered, in pages."""

from uuid import UUID, uuid4

import pytest

from tests.interfaces.http.answers import broken, invalid, page, refused
from tests.interfaces.http.documented import documented
from tests.support.api import (
    a_draft,
    a_person,
    a_role,
    a_shift,
    a_unit,
    new_shift,
    position,
    running_api,
)

ANA = {"name": "Ana", "email": "ana@example.test", "kind": "volunteer", "roles": ["nurse"]}
BEN = {"name": "Ben", "email": "ben@example.test", "kind": "staff", "roles": ["cook", "nurse"]}
CLEO = {"name": "Cleo", "email": "cleo@else.test", "kind": "staff", "roles": []}


@pytest.fixture(scope="module")
async def api(a_database, a_folder):
    """With a directory in which everybody is known."""
    async with running_api(a_database, a_folder, documented) as running:
        for body in (CLEO, ANA, BEN):
            await running.admin.post("/people", json=body)
        for name in ("Ward 2", "Kitchen", "Ward 1"):
            await running.admin.post("/units", json={"name": name, "zone": "Europe/Lisbon"})
        yield running


async def names(client, path, **query):
    response = await client.get(path, params=query)
    assert response.status_code == 200, response.text
    return [item["name"] for item in response.json()["items"]]


async def test_a_unit_is_opened_and_read_at_once(api):
    response = await api.admin.post("/units", json={"name": " Zoo ", "zone": "Asia/Kathmandu"})
    opened = response.json()
    assert response.status_code == 201
    expected = {"name": "Zoo", "zone": "Asia/Kathmandu", "active": True}
    assert opened == {"id": str(UUID(opened["id"])), **expected}
    assert (await api.coordinator.get(f"/units/{opened['id']}")).json() == opened
    assert opened in (await api.coordinator.get("/units")).json()["items"]


async def test_units_come_by_name(api):
    listed = await names(api.coordinator, "/units")
    assert listed == sorted(listed)


async def test_a_person_is_added_and_read_at_once(api):
    account = str(api.accounts["staff"])
    body = {**BEN, "name": "Zed", "roles": ["nurse", "cook", "nurse"], "account_id": account}
    response = await api.admin.post("/people", json=body)
    added = response.json()
    roles = {"roles": ["cook", "nurse"], "active": True}
    nothing = {"phone": None, "weekly_hour_cap": None, "hourly_rate": None}
    expected = {"id": added["id"], **body, **roles, **nothing}
    assert (response.status_code, added) == (201, expected)
    found = await api.coordinator.get("/people", params={"search": "zed"})
    assert found.json() == page(added)


async def test_a_person_needs_no_roles_and_no_account(api):
    body = {"name": "Zero", "email": "zero@example.test", "kind": "staff"}
    added = (await api.admin.post("/people", json=body)).json()
    nothing = dict.fromkeys(("account_id", "phone", "weekly_hour_cap", "hourly_rate"))
    assert added == {"id": added["id"], **body, **nothing, "roles": [], "active": True}


async def changed(api, path, body, before):
    """What PATCH answers, which is what is read from then on."""
    response = await api.admin.patch(path, json=body)
    assert response.status_code == 200, response.text
    assert response.json() == (await api.coordinator.get(path)).json()
    assert response.json() == before | body
    return response.json()


async def test_a_unit_is_changed_where_it_is_asked_for(api):
    unit = (await api.admin.post("/units", json={"name": "Zoo 2", "zone": "UTC"})).json()
    path = f"/units/{unit['id']}"
    unit = await changed(api, path, {"name": "Zoo 3"}, unit)
    unit = await changed(api, path, {"zone": "Asia/Tokyo"}, unit)
    before = await position(api)
    await changed(api, path, {}, unit)
    await changed(api, path, {"name": "Zoo 3", "zone": "Asia/Tokyo"}, unit)
    assert await position(api) == before


async def test_a_person_is_changed_where_it_is_asked_for(api):
    person = (await api.admin.post("/people", json={**BEN, "name": "Zac"})).json()
    path = f"/people/{person['id']}"
    for body in (
        {"name": "Zacharias", "email": "zac@example.test"},
        {"kind": "volunteer", "roles": []},
        {"phone": "+49 30 1234", "weekly_hour_cap": 38.5},
        {"account_id": str(api.accounts["staff"])},
        {"hourly_rate": {"amount": 31.25, "currency": "CHF"}},
        {"phone": None, "weekly_hour_cap": None, "account_id": None, "hourly_rate": None},
    ):
        person = await changed(api, path, body, person)
    before = await position(api)
    await changed(api, path, {}, person)
    await changed(api, path, {"name": "Zacharias", "phone": None}, person)
    assert await position(api) == before


async def test_a_closed_unit_is_kept_and_gets_no_new_shift(api):
    unit = await a_unit(api)
    draft = await a_draft(api, unit)
    closed = await api.admin.delete(f"/units/{unit}")
    assert (closed.status_code, closed.json()["active"]) == (200, False)
    assert (await api.admin.delete(f"/units/{unit}")).json() == closed.json()
    assert unit in await listed_units(api, active="false")
    assert unit in await listed_units(api, active="all")
    assert unit not in await listed_units(api)
    assert (await api.coordinator.get(f"/units/{unit}")).json() == closed.json()
    refusal = await api.coordinator.post("/shifts", json=new_shift(unit))
    assert broken(refusal, "UnitIsClosed")[0]["unit_id"] == unit
    assert (await api.coordinator.post(f"/shifts/{draft}/publish")).status_code == 200
    opened = (await api.admin.post(f"/units/{unit}/reopen")).json()
    assert opened == {**closed.json(), "active": True}
    assert (await api.coordinator.post("/shifts", json=new_shift(unit))).status_code == 201


async def listed_units(api, **query):
    response = await api.coordinator.get("/units", params={"pageSize": 200, **query})
    return [item["id"] for item in response.json()["items"]]


async def test_units_are_searched(api):
    assert await names(api.coordinator, "/units", search="ITCH") == ["Kitchen"]
    assert await names(api.coordinator, "/units", search="%") == []
    invalid(await api.coordinator.get("/units", params={"active": "maybe"}), "active")


async def test_a_person_out_of_service_is_kept_and_gets_no_new_shift(api):
    person = await a_person(api, name="Zora")
    shift = await a_shift(api)
    away = await api.admin.delete(f"/people/{person}")
    assert (away.status_code, away.json()["active"]) == (200, False)
    assert (await api.admin.delete(f"/people/{person}")).json() == away.json()
    assert await names(api.coordinator, "/people", search="Zora", active="false") == ["Zora"]
    path, body = f"/shifts/{shift}/assign", {"person_ids": [person]}
    broken(await api.coordinator.post(path, json=body), "PersonInactive")
    back = (await api.admin.post(f"/people/{person}/reactivate")).json()
    assert back == {**away.json(), "active": True}
    assert (await api.coordinator.post(path, json=body)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", "/units/{}"), ("PATCH", "/units/{}"), ("DELETE", "/units/{}")),
        *(("GET", "/people/{}"), ("PATCH", "/people/{}"), ("DELETE", "/people/{}")),
        *(("GET", "/roles/{}"), ("PATCH", "/roles/{}"), ("DELETE", "/roles/{}")),
        *(("POST", "/units/{}/reopen"), ("POST", "/roles/{}/reopen")),
        ("POST", "/people/{}/reactivate"),
    ],
)
async def test_who_or_what_never_was_is_not_found(api, method, path):
    which = str(uuid4())
    body = {} if method == "PATCH" else None
    response = await api.admin.request(method, path.format(which), json=body)
    what = {"units": "unit", "roles": "role", "people": "person"}[path.split("/")[1]]
    assert refused(response, 404, "NotFoundError") == {"what": what, "id": which}


@pytest.mark.parametrize("account", [uuid4(), "stranger"])
async def test_only_an_account_of_this_tenant_acts_for_a_person(api, account):
    account_id = str(api.accounts.get(account, account))
    response = await api.admin.post("/people", json={**ANA, "account_id": account_id})
    invalid(response, "account_id")
    path, body = f"/people/{await a_person(api, name='Zelda')}", {"account_id": account_id}
    invalid(await api.admin.patch(path, json=body), "account_id")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"role": "nurse"}, ["Ana", "Ben"]),
        ({"role": "cook"}, ["Ben"]),
        ({"role": "pilot"}, []),
        ({"kind": "staff"}, ["Ben", "Cleo"]),
        ({"kind": "staff", "role": "nurse"}, ["Ben"]),
        ({"active": "false", "role": "nurse", "search": "example"}, []),
        ({"active": "true", "kind": "volunteer"}, ["Ana"]),
        ({"search": "AN"}, ["Ana"]),
        ({"search": "else.test"}, ["Cleo"]),
        ({"search": "%"}, []),
        ({"search": "_"}, []),
        ({"search": "\\"}, []),
        ({"search": "' OR 1=1 --"}, []),
    ],
)
async def test_people_are_filtered(api, query, expected):
    listed = await names(api.coordinator, "/people", **query)
    assert [name for name in listed if not name.startswith("Z")] == expected


async def test_pages_do_not_overlap_and_end(api):
    whole = (await api.coordinator.get("/people", params={"pageSize": 200})).json()
    total = whole["total"]
    seen = []
    for number in range(1, total + 1):
        one = (await api.coordinator.get("/people", params={"page": number, "pageSize": 1})).json()
        assert one == page(one["items"][0], number=number, size=1, total=total)
        seen += one["items"]
    assert seen == whole["items"]
    beyond = await api.coordinator.get("/people", params={"page": total + 1, "pageSize": 1})
    assert beyond.json() == page(number=total + 1, size=1, total=total)


@pytest.mark.parametrize("path", ["/units", "/roles", "/people", "/shifts"])
@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", "", "99999999999999999999", "\x00"])
async def test_a_page_is_a_number_from_one(api, path, value):
    invalid(await api.coordinator.get(path, params={"page": value}), "page")
    invalid(await api.coordinator.get(path, params={"pageSize": value}), "pageSize")


async def test_a_page_is_not_the_whole_world(api):
    invalid(await api.coordinator.get("/people", params={"pageSize": 201}), "pageSize")


async def test_a_role_is_found_whoever_has_it(api):
    for role in "abc":
        await a_role(api, role)
    person = await a_person(api, name="Zack", roles=["a", "b", "c"])
    found = (await api.coordinator.get("/people", params={"role": "b"})).json()
    assert [item["id"] for item in found["items"]] == [person]
