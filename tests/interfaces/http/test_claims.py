"""Open shifts, and who gets a place on one."""

import asyncio
from collections import Counter
from uuid import uuid4

import pytest

from tests.interfaces.http.answers import broken, invalid, page, refused
from tests.support.api import (
    a_draft,
    a_person,
    a_shift,
    a_unit,
    an_account,
    assignment_of,
    somebody,
)


@pytest.fixture
async def unit(api):
    return await a_unit(api)


async def open_to(client, unit, **query):
    response = await client.get("/shifts/open", params={"unit_id": unit, **query})
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.parametrize("role", ["admin", "coordinator", "auditor"])
async def test_who_works_no_shifts_is_shown_no_open_ones_and_claims_none(api, role):
    needs = {"needs": "shifts:claim:own"}
    client, shift = api.clients[role], await a_shift(api)
    assert refused(await client.get("/shifts/open"), 403, "PermissionError") == needs
    assert refused(await client.post(f"/shifts/{shift}/claim"), 403, "PermissionError") == needs


@pytest.mark.parametrize("role", ["staff", "volunteer"])
async def test_an_account_that_acts_for_nobody_is_told_so(api, role):
    client, account_id = await an_account(api, role)
    shift, nobody = await a_shift(api), {"what": "person of the account", "id": str(account_id)}
    for answer in (await client.get("/shifts/open"), await client.post(f"/shifts/{shift}/claim")):
        assert refused(answer, 404, "NotFoundError") == nobody
        assert answer.json()["message"] == f"There is no person of the account {account_id}."


@pytest.mark.parametrize("role", ["staff", "volunteer"])
async def test_an_open_shift_is_shown_and_claimed(api, unit, role):
    client, person = await somebody(api, role)
    shift = await a_shift(api, unit, headcount=2, notes={"bring": "ID card"})
    assert await open_to(client, unit) == page(
        {
            "id": shift,
            "unit_id": unit,
            "unit": "Ward 1",
            "role": "nurse",
            "start": "2199-03-01T08:00:00+01:00",
            "end": "2199-03-01T16:00:00+01:00",
            "zone": "Europe/Berlin",
            "places_left": 2,
            "notes": {"bring": "ID card"},
        }
    )
    response = await client.post(f"/shifts/{shift}/claim")
    assert (response.status_code, response.json()) == (
        200,
        {
            "id": shift,
            "unit_id": unit,
            "role": "nurse",
            "start": "2199-03-01T08:00:00+01:00",
            "end": "2199-03-01T16:00:00+01:00",
            "zone": "Europe/Berlin",
            "headcount": 2,
            "taken": 1,
            "status": "published",
            "notes": {"bring": "ID card"},
            "people": [],
            "assignments": [
                {
                    "id": assignment_of(shift, person),
                    "person_id": person,
                    "status": "accepted",
                    "warnings": [],
                }
            ],
        },
    )
    assert await open_to(client, unit) == page()
    assert (await api.coordinator.get(f"/shifts/{shift}")).json() == response.json()


async def test_only_what_one_could_take_is_shown(api, unit):
    client, _ = await somebody(api)
    await a_draft(api, unit)
    await a_shift(api, unit, role="cook")
    await a_shift(api, unit, await a_person(api))
    assert await open_to(client, unit) == page()


async def test_open_shifts_are_filtered_and_come_in_pages(api, unit):
    client, _ = await somebody(api)
    times = [{"start": f"2199-03-0{day}T08:00Z", "end": f"2199-03-0{day}T16:00Z"} for day in "123"]
    one, two, three = [await a_shift(api, unit, **each) for each in times]

    async def ids(**query):
        return [item["id"] for item in (await open_to(client, unit, **query))["items"]]

    assert await ids() == [one, two, three]
    assert await ids(start_before="2199-03-03T08:00Z") == [one, two]
    assert await ids(end_after="2199-03-01T16:00Z") == [two, three]
    second = await open_to(client, unit, page=2, pageSize=2)
    assert ([item["id"] for item in second["items"]], second["total"]) == ([three], 3)


@pytest.mark.parametrize(
    "query", [{"unit_id": "x"}, {"start_before": "soon"}, {"end_after": 1}], ids=str
)
async def test_a_filter_that_can_not_be_read_is_named(api, query):
    client, _ = await somebody(api)
    invalid(await client.get("/shifts/open", params=query), *query)


async def test_every_reason_against_a_claim_is_told(api, unit):
    client, person = await somebody(api, roles=["cook"])
    shift = await a_shift(api, unit, await a_person(api))
    told = broken(await client.post(f"/shifts/{shift}/claim"), "RoleMissing", "NoPlaceLeft")
    assert told == [
        {
            "rule": "RoleMissing",
            "message": "The person does not have the role nurse.",
            "person_id": person,
            "role": "nurse",
        },
        {
            "rule": "NoPlaceLeft",
            "message": "Not enough of the shift's places (1) are left.",
            "headcount": 1,
        },
    ]


async def test_a_shift_that_is_not_there_can_not_be_claimed(api):
    client, _ = await somebody(api)
    which = str(uuid4())
    details = refused(await client.post(f"/shifts/{which}/claim"), 404, "NotFoundError")
    assert details == {"what": "shift", "id": which}
    invalid(await client.post("/shifts/open/claim"), "shift_id")


async def test_the_same_claim_again_gets_the_same_answer(api, unit):
    client, _ = await somebody(api)
    shift, headers = await a_shift(api, unit), {"Idempotency-Key": "mine"}
    first = await client.post(f"/shifts/{shift}/claim", headers=headers)
    again = await client.post(f"/shifts/{shift}/claim", headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()


async def test_of_many_who_want_the_last_places_as_many_get_one_as_there_are(api, unit):
    shift = await a_shift(api, unit, headcount=3)
    clients = [(await somebody(api))[0] for _ in range(12)]
    answers = await asyncio.gather(*(each.post(f"/shifts/{shift}/claim") for each in clients))
    assert Counter(answer.status_code for answer in answers) == {200: 3, 422: 9}
    for answer in answers:
        if answer.status_code == 422:
            broken(answer, "NoPlaceLeft")
    now = (await api.coordinator.get(f"/shifts/{shift}")).json()
    assert (now["taken"], [one["status"] for one in now["assignments"]]) == (3, ["accepted"] * 3)
