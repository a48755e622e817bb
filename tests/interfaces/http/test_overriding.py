"""Warnings about weekly hours, and admins who let an assignment be in spite of them."""

import pytest

from tests.interfaces.http.answers import broken, invalid
from tests.support.api import a_person, a_shift, assignment_of


async def assign(api, who, shift, person, **more):
    body = {"person_ids": [person], **more}
    return await api.clients[who].post(f"/shifts/{shift}/assign", json=body)


def warnings_of(answer):
    assert answer.status_code == 200, answer.text
    (assignment,) = answer.json()["assignments"]
    return assignment["warnings"]


async def test_hours_above_the_weekly_cap_are_told_and_kept(api):
    person, shift = await a_person(api, weekly_hour_cap=6), await a_shift(api)
    warnings = warnings_of(await assign(api, "coordinator", shift, person))
    assert warnings == [
        {
            "rule": "WeeklyHoursAboveCap",
            "message": "The person has 8 h in week 2199-W09; the cap is 6 h.",
            "week": "2199-W09",
            "hours": 8.0,
            "cap": 6.0,
        }
    ]
    assert warnings_of(await api.coordinator.get(f"/shifts/{shift}")) == warnings


@pytest.mark.parametrize("cap", [None, 8])
async def test_there_is_no_warning_up_to_the_cap(api, cap):
    person, shift = await a_person(api, weekly_hour_cap=cap), await a_shift(api)
    assert warnings_of(await assign(api, "coordinator", shift, person)) == []


async def test_an_admin_may_force_with_a_reason(api):
    person, shift = await a_person(api, weekly_hour_cap=6), await a_shift(api)
    refused = await assign(api, "coordinator", shift, person, force=True, reason="Urgent.")
    assert refused.status_code == 403
    assert refused.json()["details"] == {"needs": "warnings:override:all"}
    forced = await assign(api, "admin", shift, person, force=True, reason="Urgent.")
    assert warnings_of(forced) == []


async def test_what_blocks_can_not_be_forced(api):
    person = await a_person(api, roles=["cook"])
    shift = await a_shift(api)
    broken(await assign(api, "admin", shift, person, force=True, reason="Do it."), "RoleMissing")


@pytest.mark.parametrize(
    "more", [{"force": True}, {"force": True, "reason": " "}, {"reason": "Why?"}], ids=str
)
async def test_force_and_its_reason_go_together(api, more):
    person, shift = await a_person(api), await a_shift(api)
    invalid(await assign(api, "admin", shift, person, **more), "reason")


async def test_an_admin_may_override_later_too(api):
    person, shift = await a_person(api, weekly_hour_cap=6), await a_shift(api)
    await assign(api, "coordinator", shift, person)
    path = f"/assignments/{assignment_of(shift, person)}/override"
    assert (await api.coordinator.post(path, json={"reason": "Fine."})).status_code == 403
    assert warnings_of(await api.admin.post(path, json={"reason": "Fine."})) == []
    assert warnings_of(await api.coordinator.get(f"/shifts/{shift}")) == []
    broken(await api.admin.post(path, json={"reason": "Fine."}), "NoWarnings")
