"""Shift patterns: designed, changed, ended, looked ahead at, and made drafts of."""

import asyncio
from uuid import UUID, uuid4

import pytest

from tests.interfaces.http.answers import broken, invalid, page, refused
from tests.support.api import a_pattern, a_person, a_unit, new_pattern, position

MARCH = {"from": "2027-03-26", "to": "2027-03-29"}


async def designed(api, unit=None, **changes):
    """The whole pattern, as it was answered."""
    body = new_pattern(unit or await a_unit(api), **changes)
    response = await api.coordinator.post("/shift-patterns", json=body)
    assert response.status_code == 201, response.text
    return response.json()


async def test_a_pattern_is_designed_and_read_at_once(api):
    unit, ana = await a_unit(api), await a_person(api)
    body = {
        "unit_id": unit,
        "role": "nurse",
        "start": "22:00",
        "end": "06:00",
        "rrule": "FREQ=WEEKLY;BYDAY=FR,SA",
        "first_day": "2027-03-01",
        "last_day": "2027-12-31",
        "headcount": 2,
        "notes": {"bring": ["lamp", {"spare": 1.5}]},
        "people": [ana],
        "weeks_ahead": 4,
    }
    response = await api.coordinator.post("/shift-patterns", json=body)
    made = response.json()
    assert (response.status_code, made) == (201, {"id": made["id"], **body, "active": True})
    assert UUID(made["id"])
    assert int(response.headers["opstream-position"]) > 0
    assert (await api.coordinator.get(f"/shift-patterns/{made['id']}")).json() == made
    listed = await api.coordinator.get("/shift-patterns", params={"unit_id": unit})
    assert listed.json() == page(made)


async def test_what_is_not_said_of_a_pattern_is_little(api):
    made = await designed(api)
    nothing = {"last_day": None, "headcount": 1, "notes": {}, "people": [], "weeks_ahead": 0}
    assert {name: made[name] for name in nothing} == nothing


async def test_a_rule_is_kept_in_capitals_and_by_day(api):
    made = await designed(api, rrule="RRULE:freq=weekly;until=20270402T200000Z")
    assert made["rrule"] == "FREQ=WEEKLY;UNTIL=20270402"


async def test_a_pattern_is_changed_where_it_is_asked_for(api):
    made = await designed(api)
    path = f"/shift-patterns/{made['id']}"
    for body in (
        {"role": "cook", "headcount": 3},
        {"start": "06:00", "end": "14:00"},
        {"rrule": "FREQ=DAILY", "first_day": "2027-04-01", "last_day": "2027-04-30"},
        {"notes": {"dog": True}, "people": [await a_person(api)], "weeks_ahead": 52},
        {"last_day": None, "notes": {}, "people": [], "weeks_ahead": 0},
    ):
        response = await api.coordinator.patch(path, json=body)
        made = made | body
        assert (response.status_code, response.json()) == (200, made)
        assert (await api.coordinator.get(path)).json() == made
    before = await position(api)
    assert (await api.coordinator.patch(path, json={})).json() == made
    assert await position(api) == before


async def test_a_pattern_is_ended_and_kept(api):
    made = await designed(api)
    path, query = f"/shift-patterns/{made['id']}", {"unit_id": made["unit_id"]}
    ended = await api.coordinator.delete(path)
    assert (ended.status_code, ended.json()) == (200, {**made, "active": False})
    assert (await api.coordinator.delete(path)).json() == ended.json()
    assert (await api.coordinator.get(path)).json() == ended.json()
    for active, shown in [(None, []), ("true", []), ("false", [ended.json()])]:
        asked = query if active is None else query | {"active": active}
        listed = await api.coordinator.get("/shift-patterns", params=asked)
        assert listed.json() == page(*shown)
    expected = [
        {
            "rule": "PatternHasEnded",
            "message": "The pattern has ended: it makes no more drafts.",
            "pattern_id": made["id"],
        }
    ]
    for response in (
        await api.coordinator.patch(path, json={"headcount": 2}),
        await api.coordinator.post(f"{path}/drafts", json=MARCH),
    ):
        assert broken(response, "PatternHasEnded") == expected


async def test_patterns_are_filtered_and_paged(api):
    unit = await a_unit(api)
    nights = await designed(api, unit)
    cooks = await designed(api, unit, role="cook", first_day="2027-02-01")
    await api.coordinator.delete(f"/shift-patterns/{nights['id']}")
    nights["active"] = False
    for query, shown in [
        ({"active": "all"}, [cooks, nights]),
        ({}, [cooks]),
        ({"role": "cook"}, [cooks]),
        ({"role": "nurse"}, []),
        ({"role": "nurse", "active": "false"}, [nights]),
    ]:
        listed = await api.coordinator.get("/shift-patterns", params={"unit_id": unit, **query})
        assert listed.json() == page(*shown), query
    query = {"unit_id": unit, "active": "all", "page": 2, "pageSize": 1}
    listed = await api.coordinator.get("/shift-patterns", params=query)
    assert listed.json() == page(nights, number=2, size=1, total=2)


async def test_the_days_ahead_are_shown_on_the_units_wall_clock(api):
    """The night in which clocks go forward is an hour short."""
    made = await designed(api, rrule="FREQ=DAILY;BYDAY=SA,SU")
    path = f"/shift-patterns/{made['id']}"
    response = await api.coordinator.get(f"{path}/occurrences", params=MARCH)
    drafts = (await api.coordinator.post(f"{path}/drafts", json=MARCH)).json()["created"]
    ids = [draft["id"] for draft in drafts]
    assert response.json() == {
        "zone": "Europe/Berlin",
        "occurrences": [
            {
                "day": "2027-03-27",
                "shift_id": ids[0],
                "start": "2027-03-27T22:00:00+01:00",
                "end": "2027-03-28T06:00:00+02:00",
                "hours": 7,
            },
            {
                "day": "2027-03-28",
                "shift_id": ids[1],
                "start": "2027-03-28T22:00:00+02:00",
                "end": "2027-03-29T06:00:00+02:00",
                "hours": 8,
            },
        ],
    }


async def test_days_are_drafted_once(api):
    ana = await a_person(api)
    made = await designed(api, rrule="FREQ=DAILY;BYDAY=FR,SA", headcount=2, people=[ana])
    path = f"/shift-patterns/{made['id']}/drafts"
    response = await api.coordinator.post(path, json=MARCH)
    (friday, saturday) = response.json()["created"]
    assert (response.status_code, response.json()["skipped"]) == (200, [])
    assert friday == {
        "id": friday["id"],
        "unit_id": made["unit_id"],
        "role": "nurse",
        "start": "2027-03-26T22:00:00+01:00",
        "end": "2027-03-27T06:00:00+01:00",
        "zone": "Europe/Berlin",
        "headcount": 2,
        "taken": 0,
        "status": "draft",
        "notes": {},
        "people": [ana],
        "assignments": [],
    }
    assert (await api.coordinator.get(f"/shifts/{saturday['id']}")).json() == saturday
    await api.coordinator.delete(f"/shifts/{friday['id']}")
    again = await api.coordinator.post(path, json=MARCH | {"to": "2027-04-02"})
    assert [draft["start"] for draft in again.json()["created"]] == ["2027-04-02T22:00:00+02:00"]
    assert again.json()["skipped"] == [
        {"day": "2027-03-26", "shift_id": friday["id"]},
        {"day": "2027-03-27", "shift_id": saturday["id"]},
    ]


async def test_those_who_draft_the_same_days_at_once_draft_each_once(api):
    path = f"/shift-patterns/{await a_pattern(api, rrule='FREQ=DAILY')}/drafts"
    april = {"from": "2027-04-01", "to": "2027-04-30"}
    asking = [api.coordinator.post(path, json=april) for _ in range(4)]
    answers = [response.json() for response in await asyncio.gather(*asking)]
    created = [shift["id"] for answer in answers for shift in answer["created"]]
    assert len(created) == len(set(created)) == 30
    assert [len(a["created"]) + len(a["skipped"]) for a in answers] == [30] * 4


async def test_the_same_key_gets_the_same_answer(api):
    path = f"/shift-patterns/{await a_pattern(api, rrule='FREQ=DAILY')}/drafts"
    headers = {"Idempotency-Key": str(uuid4())}
    first = await api.coordinator.post(path, json=MARCH, headers=headers)
    again = await api.coordinator.post(path, json=MARCH, headers=headers)
    assert (first.status_code, len(first.json()["created"])) == (200, 4)
    assert again.json() == first.json()


async def test_a_year_of_drafts_is_one_request(api):
    path = f"/shift-patterns/{await a_pattern(api, rrule='FREQ=DAILY')}/drafts"
    year = {"from": "2027-03-01", "to": "2028-02-29"}
    made = (await api.coordinator.post(path, json=year)).json()
    assert (len(made["created"]), made["skipped"]) == (366, [])
    again = (await api.coordinator.post(path, json=year)).json()
    assert (again["created"], len(again["skipped"])) == ([], 366)
    invalid(await api.coordinator.post(path, json=year | {"to": "2028-03-01"}), "to")


@pytest.mark.parametrize("operation", ["occurrences", "drafts"])
@pytest.mark.parametrize(
    ("days", "field"),
    [
        ({"from": "2027-03-02", "to": "2027-03-01"}, "to"),
        ({"from": "2027-03-01", "to": "2028-03-01"}, "to"),
        ({"from": "2027-02-30", "to": "2027-03-01"}, "from"),
        ({"from": "2027-03-01", "to": "tomorrow"}, "to"),
        ({"from": "2027-03-01", "to": "20270302"}, "to"),
        ({"from": "2027-03-01", "to": "2027-03-01T00:00:00"}, "to"),
        ({"from": "1999-12-31", "to": "2027-03-01"}, "from"),
        ({"from": "2027-03-01", "to": "2200-01-01"}, "to"),
        ({"from": "2027-03-01"}, "to"),
        ({"to": "2027-03-01"}, "from"),
    ],
    ids=str,
)
async def test_days_that_can_not_be_are_named(api, operation, days, field):
    path = f"/shift-patterns/{await a_pattern(api)}/{operation}"
    if operation == "drafts":
        invalid(await api.coordinator.post(path, json=days), field)
    else:
        invalid(await api.coordinator.get(path, params=days), field)


async def test_a_closed_unit_gets_no_pattern_and_no_drafts(api):
    unit = await a_unit(api)
    which = await a_pattern(api, unit)
    await api.admin.delete(f"/units/{unit}")
    body = new_pattern(unit)
    broken(await api.coordinator.post("/shift-patterns", json=body), "UnitIsClosed")
    response = await api.coordinator.post(f"/shift-patterns/{which}/drafts", json=MARCH)
    broken(response, "UnitIsClosed")


async def test_a_rule_that_can_not_be_is_told_in_words(api):
    which = await a_pattern(api)
    for response in (
        await api.coordinator.post(
            "/shift-patterns", json=new_pattern(await a_unit(api), rrule="FREQ=HOURLY")
        ),
        await api.coordinator.patch(f"/shift-patterns/{which}", json={"rrule": "FREQ=HOURLY"}),
    ):
        wrong = "FREQ must be one of DAILY, WEEKLY, MONTHLY, YEARLY"
        assert refused(response, 422, "ValidationError") == {"fields": {"rrule": wrong}}


@pytest.mark.parametrize("operation", ["", "/occurrences"])
async def test_a_pattern_that_never_was_is_not_found(api, operation):
    which = str(uuid4())
    query = MARCH if operation else {}
    response = await api.coordinator.get(f"/shift-patterns/{which}{operation}", params=query)
    assert refused(response, 404, "NotFoundError") == {"what": "shift pattern", "id": which}
    command = await api.coordinator.delete(f"/shift-patterns/{which}")
    assert refused(command, 404, "NotFoundError") == {"what": "shift pattern", "id": which}
