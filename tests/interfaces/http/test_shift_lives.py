"""How shifts are planned, published, cancelled, completed and given up."""

import pytest

from tests.interfaces.http.answers import broken, invalid
from tests.support.api import (
    a_draft,
    a_past_shift,
    a_person,
    a_shift,
    a_unit,
    assignment_of,
    new_shift,
)

DAY_BEFORE = {"start": "2199-02-28T08:00:00Z", "end": "2199-02-28T16:00:00Z"}
PAST = {"start": "2020-01-01T08:00:00Z", "end": "2020-01-01T16:00:00Z"}


async def get(api, shift):
    return (await api.coordinator.get(f"/shifts/{shift}")).json()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("DELETE", ""),
        ("GET", "/candidates"),
        ("POST", "/cancel"),
        ("POST", "/complete"),
    ],
)
async def test_they_are_the_coordinators(api, method, path):
    shift = await a_draft(api)
    body = {"json": {"reason": "No."}} if path == "/cancel" else {}
    for who, status in [("nobody", 401), ("staff", 403), ("auditor", 403), ("stranger", 404)]:
        answer = await api.clients[who].request(method, f"/shifts/{shift}{path}", **body)
        assert answer.status_code == status, who


async def test_who_is_planned_on_a_draft_gets_a_place_when_it_is_published(api):
    ana, ben = sorted([await a_person(api), await a_person(api)])
    body = new_shift(await a_unit(api), headcount=3, people=[ben, ana])
    draft = (await api.coordinator.post("/shifts", json=body)).json()
    assert (draft["people"], draft["taken"], draft["assignments"]) == ([ben, ana], 0, [])
    published = await api.coordinator.post(f"/shifts/{draft['id']}/publish")
    pending = [
        {"id": assignment_of(draft["id"], each), "person_id": each, "status": "pending"}
        for each in (ana, ben)
    ]
    assert published.json() == draft | {
        "status": "published",
        "taken": 2,
        "assignments": [each | {"warnings": []} for each in pending],
    }
    assert await get(api, draft["id"]) == published.json()


async def test_publishing_checks_everybody_who_is_planned(api):
    cook, gone = await a_person(api, roles=["cook"]), await a_person(api)
    await api.admin.delete(f"/people/{gone}")
    shift = await a_draft(api, people=[cook, gone])
    answer = await api.coordinator.post(f"/shifts/{shift}/publish")
    told = {(each["rule"], each.get("person_id")) for each in answer.json()["details"]["broken"]}
    assert answer.status_code == 422
    assert told == {("RoleMissing", cook), ("PersonInactive", gone), ("NoPlaceLeft", None)}
    assert (await get(api, shift))["status"] == "draft"


async def test_plans_are_changed_like_all_of_a_draft(api):
    ana, shift = await a_person(api), await a_draft(api)
    changed = await api.coordinator.patch(f"/shifts/{shift}", json={"people": [ana]})
    assert changed.json()["people"] == [ana]
    kept = await api.coordinator.patch(f"/shifts/{shift}", json={"headcount": 2})
    assert kept.json()["people"] == [ana]
    emptied = await api.coordinator.patch(f"/shifts/{shift}", json={"people": []})
    assert emptied.json()["people"] == []


async def test_only_people_who_are_there_are_planned_each_once(api):
    ana, shift = await a_person(api), await a_draft(api)
    twice = await api.coordinator.patch(f"/shifts/{shift}", json={"people": [ana, ana]})
    invalid(twice, "people")
    stranger = (await api.stranger.post("/people", json=_somebody())).json()["id"]
    theirs = await api.coordinator.patch(f"/shifts/{shift}", json={"people": [stranger]})
    assert theirs.status_code == 404


async def test_a_draft_is_given_up_and_stays_in_the_history(api):
    shift = await a_draft(api)
    answer = await api.coordinator.delete(f"/shifts/{shift}")
    assert (answer.status_code, answer.json()["status"]) == (200, "discarded")
    assert (await get(api, shift))["status"] == "discarded"
    listed = (await api.coordinator.get("/shifts")).json()["items"]
    assert [each["id"] for each in listed if each["id"] == shift] == []
    discarded = (await api.coordinator.get("/shifts", params={"status": "discarded"})).json()
    assert [each["id"] for each in discarded["items"]] == [shift]
    broken(await api.coordinator.delete(f"/shifts/{shift}"), "NotADraft")


async def test_who_was_on_a_cancelled_shift_is_free_at_that_time(api):
    ana = await a_person(api)
    shift, other = await a_shift(api, None, ana), await a_shift(api)
    answer = await api.coordinator.post(f"/shifts/{shift}/cancel", json={"reason": " Flooded. "})
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert await get(api, shift) == answer.json()
    taken = await api.coordinator.post(f"/shifts/{other}/assign", json={"person_ids": [ana]})
    assert taken.status_code == 200
    again = await api.coordinator.post(f"/shifts/{shift}/cancel", json={"reason": "Again."})
    broken(again, "NotOpen")


@pytest.mark.parametrize("reason", ["", "   ", None, 7, "x" * 1001])
async def test_whoever_cancels_says_why(api, reason):
    shift = await a_shift(api)
    answer = await api.coordinator.post(f"/shifts/{shift}/cancel", json={"reason": reason})
    invalid(answer, "reason")


async def test_a_shift_is_not_complete_before_it_has_ended(api):
    shift = await a_shift(api)
    broken(await api.coordinator.post(f"/shifts/{shift}/complete"), "ShiftIsNotOver")
    draft = await a_draft(api, **PAST)
    broken(await api.coordinator.post(f"/shifts/{draft}/complete"), "NotOpen")


async def test_a_shift_that_has_ended_is_completed_and_stays_as_it_was(api):
    shift = await a_past_shift(api)
    before = await get(api, shift)
    answer = await api.coordinator.post(f"/shifts/{shift}/complete")
    assert (answer.status_code, answer.json()) == (200, before | {"status": "completed"})
    broken(
        await api.coordinator.post(f"/shifts/{shift}/cancel", json={"reason": "No."}),
        "NotOpen",
        "ShiftIsOver",
    )


async def test_candidates_are_told_with_every_reason(api):
    free = await a_person(api, name="Cara")
    cook = await a_person(api, name="Cem", roles=["cook"], weekly_hour_cap=10)
    busy = await a_person(api, name="Cleo")
    await a_shift(api, None, busy)
    await a_shift(api, None, cook, role="cook", **DAY_BEFORE)
    shift = await a_shift(api)
    found = await candidates(api, shift)
    assert found["Cara"] == {
        "person_id": free,
        "name": "Cara",
        "eligible": True,
        "reasons": [],
        "warnings": [],
    }
    assert [each["rule"] for each in found["Cleo"]["reasons"]] == ["Overlap"]
    assert [each["rule"] for each in found["Cem"]["reasons"]] == ["RoleMissing"]
    assert [each["hours"] for each in found["Cem"]["warnings"]] == [16.0]
    assert [found[name]["eligible"] for name in ("Cleo", "Cem")] == [False, False]
    await api.admin.delete(f"/people/{free}")
    assert "Cara" not in await candidates(api, shift)


async def candidates(api, shift):
    answer = await api.coordinator.get(f"/shifts/{shift}/candidates", params={"pageSize": 200})
    assert answer.status_code == 200
    assert answer.json()["total"] == len(answer.json()["items"])
    return {each["name"]: each for each in answer.json()["items"]}


def _somebody():
    return {"name": "Eve", "email": "eve@example.test", "kind": "staff", "roles": []}
