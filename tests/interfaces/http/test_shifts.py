"""Shifts: drafted, changed, published, staffed, listed."""

from uuid import UUID

import pytest

from tests.interfaces.http.answers import broken, invalid, page
from tests.support.api import a_draft, a_person, a_shift, a_unit, assignment_of, new_shift


async def read(api, shift_id):
    """The shift as a list shows it."""
    listed = (await api.coordinator.get("/shifts", params={"pageSize": 200})).json()["items"]
    return next(item for item in listed if item["id"] == shift_id)


async def test_a_shift_is_drafted_and_read_at_once(api):
    unit = await a_unit(api)
    body = new_shift(unit, headcount=3, notes={"bring": ["ID", {"card": 1.5}]})
    response = await api.coordinator.post("/shifts", json=body)
    drafted = response.json()
    assert response.status_code == 201
    assert drafted == {
        "id": str(UUID(drafted["id"])),
        **body,
        "zone": "Europe/Berlin",
        "taken": 0,
        "status": "draft",
        "people": [],
        "assignments": [],
    }
    assert int(response.headers["opstream-position"]) > 0
    assert "opstream-reads" not in response.headers
    assert await read(api, drafted["id"]) == drafted


async def test_a_shift_has_one_place_and_no_notes_unless_said_otherwise(api):
    body = new_shift(await a_unit(api))
    del body["headcount"], body["notes"]
    drafted = (await api.coordinator.post("/shifts", json=body)).json()
    assert (drafted["headcount"], drafted["notes"]) == (1, {})


@pytest.mark.parametrize(
    ("zone", "start", "end", "shown"),
    [
        # The night in which clocks go forward is an hour short, the one in which they go back long.
        ("Europe/Berlin", "2027-03-27T22:00:00Z", "2027-03-28T04:00:00Z", ("+01:00", "+02:00")),
        ("Europe/Berlin", "2027-10-30T20:00:00Z", "2027-10-31T05:00:00Z", ("+02:00", "+01:00")),
        # Both half past twos of that night.
        (
            "Europe/Berlin",
            "2027-10-31T02:30:00+02:00",
            "2027-10-31T02:30:00+01:00",
            ("02:30:00+02:00", "02:30:00+01:00"),
        ),
        ("Asia/Kathmandu", "2027-01-01T00:00:00Z", "2027-01-01T08:00:00Z", ("05:45:00+05:45",)),
        ("America/St_Johns", "2027-07-01T12:00:00Z", "2027-07-01T20:00:00Z", ("-02:30",)),
    ],
)
async def test_times_are_shown_on_the_units_wall_clock(api, zone, start, end, shown):
    body = new_shift(await a_unit(api, zone), start=start, end=end)
    drafted = (await api.coordinator.post("/shifts", json=body)).json()
    times = (drafted["start"], drafted["end"])
    assert all(time.endswith(expected) for time, expected in zip(times, shown, strict=False))
    assert await read(api, drafted["id"]) == drafted


@pytest.mark.parametrize(
    "change",
    [
        {"role": "cook"},
        {"start": "2199-03-01T07:00:00+01:00"},
        {"end": "2199-03-01T17:00:00+01:00"},
        {"start": "2199-04-01T08:00:00+02:00", "end": "2199-04-01T16:00:00+02:00"},
        {"headcount": 1000},
        {"notes": {"new": None}},
        {},
        {"role": None, "start": None, "end": None, "headcount": None, "notes": None},
    ],
)
async def test_a_draft_is_changed_where_the_change_says_so(api, change):
    shift = await a_draft(api)
    before = await read(api, shift)
    response = await api.coordinator.patch(f"/shifts/{shift}", json=change)
    said = {name: value for name, value in change.items() if value is not None}
    assert (response.status_code, response.json()) == (200, {**before, **said})
    assert await read(api, shift) == response.json()


@pytest.mark.parametrize(
    "change", [{"end": "2199-03-01T07:00:00Z"}, {"start": "2199-03-01T16:00:00+01:00"}]
)
async def test_a_change_can_not_turn_time_around(api, change):
    shift = await a_draft(api)
    invalid(await api.coordinator.patch(f"/shifts/{shift}", json=change), "end")


async def test_only_a_draft_can_be_changed_or_published(api):
    shift = await a_shift(api)
    for response in (
        await api.coordinator.patch(f"/shifts/{shift}", json={"headcount": 2}),
        await api.coordinator.post(f"/shifts/{shift}/publish"),
    ):
        assert broken(response, "NotADraft") == [
            {
                "rule": "NotADraft",
                "message": "Only a draft can be changed, published or discarded; "
                "this shift is published.",
                "status": "published",
            }
        ]


async def test_a_draft_is_published(api):
    shift = await a_draft(api)
    before = await read(api, shift)
    response = await api.coordinator.post(f"/shifts/{shift}/publish")
    assert (response.status_code, response.json()) == (200, {**before, "status": "published"})
    assert await read(api, shift) == response.json()


async def test_what_is_over_can_not_be_published(api):
    shift = await a_draft(api, start="2020-01-01T08:00:00Z", end="2020-01-01T16:00:00Z")
    broken(await api.coordinator.post(f"/shifts/{shift}/publish"), "ShiftIsOver")


async def test_people_are_assigned_all_at_once(api):
    people = [await a_person(api), await a_person(api)]
    shift = await a_shift(api, headcount=2)
    before = await read(api, shift)
    body = {"person_ids": people}
    response = await api.coordinator.post(f"/shifts/{shift}/assign", json=body)
    pending = [
        {
            "id": assignment_of(shift, person),
            "person_id": person,
            "status": "pending",
            "warnings": [],
        }
        for person in sorted(people)
    ]
    expected = {**before, "taken": 2, "assignments": pending}
    assert (response.status_code, response.json()) == (200, expected)
    assert await read(api, shift) == expected


async def test_people_are_assigned_to_what_is_published_only(api):
    shift, person = await a_draft(api), await a_person(api)
    response = await api.coordinator.post(f"/shifts/{shift}/assign", json={"person_ids": [person]})
    broken(response, "NotOpen")


async def test_there_are_as_many_places_as_were_said(api):
    shift = await a_shift(api, None, await a_person(api))
    body = {"person_ids": [await a_person(api)]}
    told = broken(await api.coordinator.post(f"/shifts/{shift}/assign", json=body), "NoPlaceLeft")
    assert told[0]["headcount"] == 1


async def test_every_broken_rule_is_told_and_nobody_is_assigned(api):
    elsewhere = await a_person(api, roles=["cook"])
    busy = await a_shift(api, None, elsewhere, role="cook")
    good = await a_person(api)
    shift = await a_shift(api, headcount=2)
    body = {"person_ids": [good, elsewhere]}
    response = await api.coordinator.post(f"/shifts/{shift}/assign", json=body)
    assert broken(response, "RoleMissing", "Overlap") == [
        {
            "rule": "RoleMissing",
            "message": "The person does not have the role nurse.",
            "person_id": elsewhere,
            "role": "nurse",
        },
        {
            "rule": "Overlap",
            "message": "The person is on another shift at that time.",
            "person_id": elsewhere,
            "other": busy,
        },
    ]
    assert (await read(api, shift))["assignments"] == []


async def test_nobody_is_assigned_twice(api):
    person, shift = await a_person(api), await a_shift(api, headcount=2)
    body = {"person_ids": [person, person]}
    response = await api.coordinator.post(f"/shifts/{shift}/assign", json=body)
    broken(response, "AlreadyAssigned")


async def test_shifts_that_touch_do_not_overlap(api):
    await api.admin.patch("/policy", json={"minimum_rest_hours": 0})
    person = await a_person(api)
    await a_shift(api, None, person)
    following = await a_shift(api, start="2199-03-01T15:00:00Z", end="2199-03-01T20:00:00Z")
    body = {"person_ids": [person]}
    response = await api.coordinator.post(f"/shifts/{following}/assign", json=body)
    assert response.json()["taken"] == 1


async def test_shifts_are_filtered(api):
    unit, person = await a_unit(api), await a_person(api)
    march = await a_shift(api, unit, person)
    april = await a_draft(
        api, unit, role="cook", start="2199-04-01T08:00:00Z", end="2199-04-01T16:00:00Z"
    )
    for query, expected in [
        ({}, [march, april]),
        ({"status": "draft"}, [april]),
        ({"status": "published"}, [march]),
        ({"role": "cook"}, [april]),
        ({"person_id": person}, [march]),
        ({"start_before": "2199-03-01T07:00:00Z"}, []),
        ({"start_before": "2199-03-01T07:00:01Z"}, [march]),
        ({"end_after": "2199-03-01T14:59:59Z"}, [march, april]),
        ({"end_after": "2199-03-01T15:00:00Z"}, [april]),
        ({"end_after": "2199-03-01T15:00:00Z", "role": "nurse"}, []),
    ]:
        listed = await api.coordinator.get("/shifts", params={"unit_id": unit, **query})
        shown = [item["id"] for item in listed.json()["items"]]
        assert shown == expected, query


async def test_shifts_come_in_order_of_their_start_and_in_pages(api):
    unit = await a_unit(api)
    days = [3, 1, 2]
    ids = [
        await a_draft(api, unit, start=f"2199-05-0{d}T08:00:00Z", end=f"2199-05-0{d}T09:00:00Z")
        for d in days
    ]
    in_order = [ids[1], ids[2], ids[0]]
    for number, expected in enumerate(in_order, start=1):
        query = {"unit_id": unit, "page": number, "pageSize": 1}
        listed = (await api.coordinator.get("/shifts", params=query)).json()
        assert listed == page(*listed["items"], number=number, size=1, total=3)
        assert [item["id"] for item in listed["items"]] == [expected]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("unit_id", "x"),
        ("unit_id", ""),
        ("status", "open"),
        ("role", ""),
        ("role", "r" * 201),
        ("role", "a\x00b"),
        ("person_id", "\x00"),
        ("start_before", "2199-03-01T07:00:00"),
        ("start_before", "4102444800"),
        ("end_after", "1999-12-31T23:59:59Z"),
        ("end_after", "tomorrow"),
        ("end_after", "2199-13-01T00:00:00Z"),
    ],
)
async def test_a_filter_that_can_not_be_read_is_named(api, name, value):
    invalid(await api.coordinator.get("/shifts", params={name: value}), name)
