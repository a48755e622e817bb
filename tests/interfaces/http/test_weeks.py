"""A week is copied, and many drafts are published at once."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from application.scheduling.weeks import CopyWeek
from domain.shared.ids import ShiftId
from interfaces.http.scheduler.common import AN_ID
from tests.interfaces.http.answers import broken, invalid, refused
from tests.support.api import a_draft, a_person, a_shift, a_unit, position

WEEK = {"from_week": "2199-W09", "to_week": "2199-W10"}
MONDAY = datetime(2199, 2, 25, tzinfo=UTC)


def at(hour, hours=8):
    """Of the week that is copied, in UTC, which Berlin is an hour ahead of."""
    start = MONDAY + timedelta(hours=hour - 1)
    return {"start": start.isoformat(), "end": (start + timedelta(hours=hours)).isoformat()}


async def copied(api, unit, **changes):
    body = WEEK | {"unit_id": unit} | changes
    response = await api.coordinator.post("/shifts/copy-week", json=body)
    assert response.status_code == 200, response.text
    return response.json()


async def test_a_week_is_copied(api):
    unit, ana = await a_unit(api), await a_person(api)
    night = await a_shift(api, unit, ana, **at(22), headcount=2, notes={"bring": "lamp"})
    draft = await a_draft(api, unit, **at(6 * 24 + 8), role="cook", people=[ana])
    for away in (at(-1, 2), at(7 * 24)):
        await a_draft(api, unit, **away)
    gone = [await a_shift(api, unit, **at(30)), await a_draft(api, unit, **at(40))]
    await api.coordinator.post(f"/shifts/{gone[0]}/cancel", json={"reason": "Flood."})
    await api.coordinator.delete(f"/shifts/{gone[1]}")
    made = await copied(api, unit, people=True)
    first, second = made["created"]
    assert made["skipped"] == []
    assert first == {
        "id": first["id"],
        "unit_id": unit,
        "role": "nurse",
        "start": "2199-03-04T22:00:00+01:00",
        "end": "2199-03-05T06:00:00+01:00",
        "zone": "Europe/Berlin",
        "headcount": 2,
        "taken": 0,
        "status": "draft",
        "notes": {"bring": "lamp"},
        "people": [ana],
        "assignments": [],
    }
    assert (second["role"], second["people"]) == ("cook", [ana])
    assert second["start"] == "2199-03-10T08:00:00+01:00"
    assert {night, draft}.isdisjoint({first["id"], second["id"]})
    assert (await api.coordinator.get(f"/shifts/{first['id']}")).json() == first
    without = await copied(api, unit)
    assert [shift["people"] for shift in without["created"]] == [[], []]


async def test_units_are_copied_alone_or_all_together(api):
    units = [await a_unit(api), await a_unit(api, "Asia/Kathmandu")]
    week = {"from_week": "2198-W20", "to_week": "2198-W21"}
    times = {"start": "2198-05-16T08:00:00Z", "end": "2198-05-16T12:00:00Z"}
    for unit in units:
        await a_draft(api, unit, **times)
    alone = await copied(api, units[1], **week)
    assert [shift["unit_id"] for shift in alone["created"]] == [units[1]]
    both = (await api.coordinator.post("/shifts/copy-week", json=week)).json()
    assert {shift["unit_id"] for shift in both["created"]} == set(units)


async def test_the_same_key_copies_once(api):
    unit = await a_unit(api)
    await a_draft(api, unit, **at(8))
    headers = {"Idempotency-Key": str(uuid4())}
    body = WEEK | {"unit_id": unit}
    first = await api.coordinator.post("/shifts/copy-week", json=body, headers=headers)
    before = await position(api)
    again = await api.coordinator.post("/shifts/copy-week", json=body, headers=headers)
    assert again.json() == first.json()
    assert await position(api) == before


async def test_an_empty_week_has_an_empty_copy(api):
    before = await position(api)
    assert await copied(api, await a_unit(api)) == {"created": [], "skipped": []}
    assert await position(api) == before + 1, "the unit alone"


async def test_of_a_closed_unit_there_is_no_copy(api):
    unit = await a_unit(api)
    week = {"from_week": "2198-W30", "to_week": "2198-W31"}
    times = {"start": "2198-07-25T08:00:00Z", "end": "2198-07-25T12:00:00Z"}
    draft = await a_draft(api, unit, **times)
    await api.admin.delete(f"/units/{unit}")
    response = await api.coordinator.post("/shifts/copy-week", json=week)
    assert response.json() == {"created": [], "skipped": [draft]}
    body = week | {"unit_id": unit}
    broken(await api.coordinator.post("/shifts/copy-week", json=body), "UnitIsClosed")


async def test_a_week_has_an_end(api, monkeypatch):
    """Of a thousand shifts."""
    many = tuple(ShiftId(uuid4()) for _ in range(1001))
    monkeypatch.setattr("interfaces.http.scheduler.week_schemas.CopyWeek", _of(many))
    response = await api.coordinator.post("/shifts/copy-week", json=WEEK)
    wrong = "has more than 1000 shifts: name a unit_id"
    assert refused(response, 422, "ValidationError") == {"fields": {"from_week": wrong}}


def _of(many):
    return lambda **said: CopyWeek(**said | {"shift_ids": many})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"from_week": "2199-W53"}, "from_week"),
        ({"from_week": "2199-W00"}, "from_week"),
        ({"from_week": "2199-09"}, "from_week"),
        ({"from_week": "2199-W9"}, "from_week"),
        ({"from_week": "2199-W09-1"}, "from_week"),
        ({"from_week": 219909}, "from_week"),
        ({"to_week": "1999-W10"}, "to_week"),
        ({"to_week": "2200-W01"}, "to_week"),
        ({"to_week": WEEK["from_week"]}, "to_week"),
        ({"to_week": None}, "to_week"),
        ({"people": "yes please"}, "people"),
        ({"unit_id": "ward"}, "unit_id"),
    ],
    ids=str,
)
async def test_a_week_that_can_not_be_is_named(api, changes, field):
    invalid(await api.coordinator.post("/shifts/copy-week", json=WEEK | changes), field)


async def test_a_unit_that_never_was_is_not_found(api):
    body = WEEK | {"unit_id": str(uuid4())}
    response = await api.coordinator.post("/shifts/copy-week", json=body)
    assert refused(response, 404, "NotFoundError") == {"what": "unit", "id": body["unit_id"]}


async def published(api, *shifts, **changes):
    return await api.coordinator.post("/shifts/publish", json={"shift_ids": shifts} | changes)


async def test_drafts_are_published_all_at_once(api):
    unit, ana = await a_unit(api), await a_person(api)
    later = await a_draft(api, unit, **at(30))
    first = await a_draft(api, unit, **at(8), people=[ana])
    response = await published(api, later, first, notify=True)
    shifts = response.json()["shifts"]
    assert response.status_code == 200, response.text
    assert [(shift["id"], shift["status"], shift["taken"]) for shift in shifts] == [
        (first, "published", 1),
        (later, "published", 0),
    ]
    assert shifts[0]["assignments"][0]["person_id"] == ana
    for shift in shifts:
        assert (await api.coordinator.get(f"/shifts/{shift['id']}")).json() == shift


async def test_if_one_can_not_be_published_none_is(api):
    unit, ana = await a_unit(api), await a_person(api)
    good = await a_draft(api, unit, **at(8), people=[ana])
    over = await a_draft(api, unit, **at(12), people=[ana])
    open_ = await a_shift(api, unit, **at(30))
    before = await position(api)
    response = await published(api, good, over, open_)
    told = broken(response, "Overlap", "NotADraft")
    assert [(one["shift_id"], one.get("other")) for one in told] == [(over, good), (open_, None)]
    assert await position(api) == before
    again = await published(api, good)
    assert again.json()["shifts"][0]["taken"] == 1


async def test_a_shift_that_never_was_is_not_found(api):
    which = str(uuid4())
    response = await published(api, await a_draft(api), which)
    assert refused(response, 404, "NotFoundError") == {"what": "shift", "id": which}


@pytest.mark.parametrize("ids", [[], ["x"], None, "x", [AN_ID] * 201], ids=str)
async def test_one_to_two_hundred_shifts_are_named(api, ids):
    response = await api.coordinator.post("/shifts/publish", json={"shift_ids": ids})
    details = refused(response, 422, "ValidationError")
    assert {field.split(".")[0] for field in details["fields"]} == {"shift_ids"}
