"""The catalogue of roles over HTTP; who may do what is in test_permissions.py."""

import pytest

from tests.interfaces.http.answers import broken, invalid, page
from tests.support.api import a_draft, a_person, a_role, a_unit, new_shift, position

EUROS = {"amount": 24.5, "currency": "EUR"}


async def names(client, **query):
    response = await client.get("/roles", params=query)
    assert response.status_code == 200, response.text
    return [item["name"] for item in response.json()["items"]]


async def test_a_role_is_added_and_read_at_once(api):
    body = {"name": "  Night  nurse", "description": " On call ", "hourly_rate": EUROS}
    response = await api.admin.post("/roles", json=body)
    added = response.json()
    expected = {"name": "Night nurse", "description": "On call", "hourly_rate": EUROS}
    assert (response.status_code, added) == (201, {"id": added["id"], **expected, "active": True})
    assert (await api.coordinator.get(f"/roles/{added['id']}")).json() == added
    found = await api.coordinator.get("/roles", params={"search": "NIGHT"})
    assert found.json() == page(added)


async def test_a_role_needs_nothing_but_a_name(api):
    added = (await api.admin.post("/roles", json={"name": "porter"})).json()
    nothing = {"description": "", "hourly_rate": None}
    assert added == {"id": added["id"], "name": "porter", **nothing, "active": True}


@pytest.mark.parametrize("amount", [0, 0.1, 1e2, 12.3, 99999999.99])
async def test_a_rate_comes_back_as_it_was_written(api, amount):
    rate = {"amount": amount, "currency": "JPY"}
    role = await a_role(api, f"paid {amount}", hourly_rate=rate)
    assert (await api.coordinator.get(f"/roles/{role}")).json()["hourly_rate"] == rate


async def test_a_role_is_there_once(api):
    first = await a_role(api, "Cleaner")
    refusal = await api.admin.post("/roles", json={"name": "cleaner "})
    told = broken(refusal, "RoleExists")[0]
    assert (told["role_id"], told["active"]) == (first, True)
    theirs = (await api.stranger.post("/roles", json={"name": "Cleaner"})).json()
    assert theirs["id"] != first


async def test_a_role_is_changed_where_it_is_asked_for(api):
    path = f"/roles/{await a_role(api, 'driver')}"
    role = (await api.admin.get(path)).json()
    for body in ({"description": "Of the van"}, {"hourly_rate": EUROS}, {"hourly_rate": None}):
        response = await api.admin.patch(path, json=body)
        assert response.status_code == 200, response.text
        role = role | body
        assert response.json() == role == (await api.coordinator.get(path)).json()
    before = await position(api)
    same = await api.admin.patch(path, json={"name": "driver", "hourly_rate": None})
    assert same.json() == role
    broken(await api.admin.patch(path, json={"name": "Driver"}), "RoleNameIsFixed")
    assert await position(api) == before


async def test_a_closed_role_is_kept_and_given_to_nothing_new(api):
    role = await a_role(api, "diver")
    person, unit = await a_person(api, roles=["diver"]), await a_unit(api)
    draft = await a_draft(api, unit, role="diver")
    closed = await api.admin.delete(f"/roles/{role}")
    assert (closed.status_code, closed.json()["active"]) == (200, False)
    assert (await api.admin.delete(f"/roles/{role}")).json() == closed.json()
    assert await names(api.coordinator, search="diver") == []
    assert await names(api.coordinator, search="diver", active="false") == ["diver"]
    assert await names(api.coordinator, search="diver", active="all") == ["diver"]
    shift = new_shift(unit, role="diver")
    assert broken(await api.coordinator.post("/shifts", json=shift), "RoleIsClosed") == [
        {
            "rule": "RoleIsClosed",
            "message": "The role diver is closed: nothing new is given it.",
            "role": "diver",
        }
    ]
    again = {"role": "diver", "headcount": 2}
    assert (await api.coordinator.patch(f"/shifts/{draft}", json=again)).status_code == 200
    both = {"roles": ["diver", "nurse"]}
    assert (await api.admin.patch(f"/people/{person}", json=both)).json()["roles"] == both["roles"]
    broken(await api.admin.patch(f"/people/{await a_person(api)}", json=both), "RoleIsClosed")
    opened = await api.admin.post(f"/roles/{role}/reopen")
    assert opened.json() == {**closed.json(), "active": True}
    assert (await api.coordinator.post("/shifts", json=shift)).status_code == 201


async def test_only_what_is_in_the_catalogue_is_named(api):
    unit, draft = await a_unit(api), await a_draft(api)
    before = await position(api)
    invalid(await api.coordinator.post("/shifts", json=new_shift(unit, role="pilot")), "role")
    invalid(await api.coordinator.patch(f"/shifts/{draft}", json={"role": "pilot"}), "role")
    body = {"name": "Ana", "email": "ana@example.test", "kind": "staff", "roles": ["pilot"]}
    response = await api.admin.post("/people", json=body)
    invalid(response, "roles")
    told = {"fields": {"roles": "not in the catalogue of roles: pilot"}}
    assert response.json()["details"] == told
    assert await position(api) == before


async def test_roles_are_listed_by_name(api):
    listed = await names(api.coordinator, active="all")
    assert listed == sorted(listed)
    assert {"cook", "nurse"} <= set(listed)
    invalid(await api.coordinator.get("/roles", params={"active": "maybe"}), "active")
