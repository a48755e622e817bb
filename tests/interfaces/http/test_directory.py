"""Units and people: opened, added, listed, filtered, in pages."""

from uuid import UUID, uuid4

import pytest

from tests.interfaces.http.answers import invalid, page
from tests.interfaces.http.documented import documented
from tests.support.api import a_person, running_api

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
    assert opened == {"id": str(UUID(opened["id"])), "name": "Zoo", "zone": "Asia/Kathmandu"}
    assert opened in (await api.coordinator.get("/units")).json()["items"]


async def test_units_come_by_name(api):
    listed = await names(api.coordinator, "/units")
    assert listed == sorted(listed)


async def test_a_person_is_added_and_read_at_once(api):
    account = str(api.accounts["staff"])
    body = {**BEN, "name": "Zed", "roles": ["nurse", "cook", "nurse"], "account_id": account}
    response = await api.admin.post("/people", json=body)
    added = response.json()
    expected = {"id": added["id"], **body, "roles": ["cook", "nurse"], "active": True}
    assert (response.status_code, added) == (201, expected)
    found = await api.coordinator.get("/people", params={"search": "zed"})
    assert found.json() == page(added)


async def test_a_person_needs_no_roles_and_no_account(api):
    body = {"name": "Zero", "email": "zero@example.test", "kind": "staff"}
    added = (await api.admin.post("/people", json=body)).json()
    assert added == {"id": added["id"], **body, "roles": [], "active": True, "account_id": None}


@pytest.mark.parametrize("account", [uuid4(), "stranger"])
async def test_only_an_account_of_this_tenant_acts_for_a_person(api, account):
    account_id = str(api.accounts.get(account, account))
    response = await api.admin.post("/people", json={**ANA, "account_id": account_id})
    invalid(response, "account_id")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"role": "nurse"}, ["Ana", "Ben"]),
        ({"role": "cook"}, ["Ben"]),
        ({"role": "pilot"}, []),
        ({"kind": "staff"}, ["Ben", "Cleo"]),
        ({"kind": "staff", "role": "nurse"}, ["Ben"]),
        ({"active": "false"}, []),
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


@pytest.mark.parametrize("path", ["/units", "/people", "/shifts"])
@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", "", "99999999999999999999", "\x00"])
async def test_a_page_is_a_number_from_one(api, path, value):
    invalid(await api.coordinator.get(path, params={"page": value}), "page")
    invalid(await api.coordinator.get(path, params={"pageSize": value}), "pageSize")


async def test_a_page_is_not_the_whole_world(api):
    invalid(await api.coordinator.get("/people", params={"pageSize": 201}), "pageSize")


async def test_a_role_is_found_whoever_has_it(api):
    person = await a_person(api, name="Zack", roles=["a", "b", "c"])
    found = (await api.coordinator.get("/people", params={"role": "b"})).json()
    assert [item["id"] for item in found["items"]] == [person]
