"""Drafting, changing and publishing shifts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.scheduling.shifts import ChangeShift, DraftShift, PublishShift
from domain.scheduling.refusals import NotADraft
from domain.scheduling.shift import Shift
from domain.scheduling.staffing import PlanChange
from domain.shared.errors import Forbidden, Invalid, NotFound
from tests.support.given import given, happened, then, then_failed, then_refused, when_asked
from tests.support.scheduling import (
    ANA_HERSELF,
    EVENING,
    FOREIGN,
    MORNING,
    SHIFT,
    WARD,
    draft,
    published,
    role,
    ward,
)

DRAFT = DraftShift(WARD, "nurse", MORNING.start, MORNING.end, headcount=2, notes={"dog": True})


async def test_a_shift_is_drafted_in_its_units_zone():
    given(ward(zone="Asia/Kathmandu"), role())
    done = await when_asked(DRAFT)
    then(
        happened(
            Shift.Drafted,
            originator_id=done.result.id,
            unit_id=WARD,
            role="nurse",
            period=MORNING,
            zone="Asia/Kathmandu",
            headcount=2,
            notes={"dog": True},
            people=(),
        )
    )


async def test_no_shift_is_drafted_at_a_unit_that_is_not_there():
    await when_asked(DRAFT)
    then_failed(NotFound, what="unit", id=str(WARD))


async def test_no_shift_is_drafted_at_another_tenants_unit():
    given(ward(), tenant=FOREIGN)
    await when_asked(DRAFT)
    then_failed(NotFound, what="unit")


@pytest.mark.parametrize(
    "length", [timedelta(), timedelta(hours=-1), timedelta(days=7, seconds=1)], ids=str
)
async def test_no_shift_is_drafted_with_times_that_do_not_fit(length):
    given(ward(), role())
    await when_asked(replace(DRAFT, end=MORNING.start + length))
    then_failed(Invalid)


async def test_a_draft_is_changed_in_what_is_named():
    given(draft(), role("cook"))
    evening = {"start": EVENING.start, "end": EVENING.end}
    await when_asked(ChangeShift(SHIFT, PlanChange(role="cook", **evening)))
    then(happened(Shift.Changed, role="cook", period=EVENING, headcount=1, notes={}, people=()))
    await when_asked(ChangeShift(SHIFT, PlanChange(headcount=5, notes={"dog": True})))
    then(
        happened(
            Shift.Changed, role="cook", period=EVENING, headcount=5, notes={"dog": True}, people=()
        )
    )


async def test_what_is_published_is_not_changed():
    given(published())
    await when_asked(ChangeShift(SHIFT, PlanChange(headcount=5)))
    then_refused(NotADraft, status="published")


async def test_a_draft_is_published():
    given(draft())
    done = await when_asked(PublishShift(SHIFT))
    then(happened(Shift.Published, notify=False))
    assert done.result.is_published


@pytest.mark.parametrize(
    "command", [ChangeShift(SHIFT, PlanChange()), PublishShift(SHIFT)], ids=repr
)
async def test_a_shift_that_is_not_there_is_named(command):
    await when_asked(command)
    then_failed(NotFound, what="shift", id=str(SHIFT))


@pytest.mark.parametrize(
    "command", [DRAFT, ChangeShift(SHIFT, PlanChange()), PublishShift(SHIFT)], ids=repr
)
async def test_a_volunteer_may_not(command):
    given(ward(), draft())
    await when_asked(command, by=ANA_HERSELF)
    then_failed(Forbidden, needs="shifts:write:all")
