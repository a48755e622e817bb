"""A shift is drafted, changed, and published."""

from datetime import timedelta

import pytest

from domain.scheduling.refusals import NotADraft, ShiftIsOver
from domain.scheduling.shift import Shift
from domain.scheduling.staffing import PlanChange, ShiftStatus, shift_period
from domain.shared.errors import Invalid
from tests.support.given import (
    given,
    happened,
    then,
    then_failed,
    then_nothing,
    then_refused,
    when,
)
from tests.support.scheduling import EVENING, MORNING, OVER, SHIFT, WARD, draft, hours, published


def test_a_new_shift_is_a_draft_that_nobody_is_on():
    shift = draft(headcount=3)
    assert shift.id == SHIFT
    assert (shift.unit_id, shift.role, shift.period) == (WARD, "nurse", MORNING)
    assert (shift.zone, shift.headcount, shift.notes) == ("Europe/Berlin", 3, {})
    assert shift.status is ShiftStatus.DRAFT
    assert shift.is_draft
    assert not shift.is_published
    assert shift.assignments == {}
    assert shift.taken == 0


def test_a_draft_can_be_changed():
    given(draft())
    evening = {"start": EVENING.start, "end": EVENING.end}
    when(
        lambda shift: shift.change(
            PlanChange(role="cook", **evening, headcount=4, notes={"dog": True})
        )
    )
    then(
        happened(
            Shift.Changed, role="cook", period=EVENING, headcount=4, notes={"dog": True}, people=()
        ),
    )


@pytest.mark.parametrize(
    "change", [{"role": "cook"}, {"headcount": 4}, {"notes": {"dog": True}}], ids=str
)
def test_what_a_change_does_not_name_stays(change):
    given(draft())
    when(lambda shift: shift.change(PlanChange(**change)))
    as_it_was = {"role": "nurse", "period": MORNING, "headcount": 1, "notes": {}, "people": ()}
    then(happened(Shift.Changed, **(as_it_was | change)))


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"role": "nurse"},
        {"start": MORNING.start, "end": MORNING.end},
        {"headcount": 1, "notes": {}},
    ],
    ids=str,
)
def test_a_change_to_what_is_so_already_is_none(change):
    given(draft())
    when(lambda shift: shift.change(PlanChange(**change)))
    then_nothing()


def test_the_start_can_be_moved_alone():
    given(draft(hours(8, 14)))
    when(lambda shift: shift.change(PlanChange(start=hours(10, 11).start)))
    then(
        happened(
            Shift.Changed, role="nurse", period=hours(10, 14), headcount=1, notes={}, people=()
        )
    )


def test_the_end_can_be_moved_alone():
    given(draft(hours(8, 14)))
    when(lambda shift: shift.change(PlanChange(end=hours(8, 16).end)))
    then(
        happened(Shift.Changed, role="nurse", period=hours(8, 16), headcount=1, notes={}, people=())
    )


@pytest.mark.parametrize("last", [8, 7], ids=["ends as it begins", "ends before it begins"])
def test_a_shift_can_not_end_before_it_begins(last):
    given(draft(hours(8, 14)))
    when(lambda shift: shift.change(PlanChange(end=hours(0, last).end)))
    then_failed(Invalid, fields={"end": "must be after start"})


def test_a_shift_of_a_week_is_the_longest():
    begin, week = MORNING.start, timedelta(days=7)
    assert shift_period(begin, begin + week).hours == 7 * 24
    with pytest.raises(Invalid, match="too long"):
        shift_period(begin, begin + week + timedelta(seconds=1))


def test_the_rules_of_drafts_come_before_the_times():
    given(published())
    when(lambda shift: shift.change(PlanChange(end=MORNING.start)))
    then_refused(NotADraft)


def test_notes_can_be_emptied():
    given(draft())
    when(lambda shift: shift.change(PlanChange(notes={"dog": True})))
    when(lambda shift: shift.change(PlanChange(notes={})))
    then(happened(Shift.Changed, role="nurse", period=MORNING, headcount=1, notes={}, people=()))


def test_notes_are_compared_as_json():
    given(draft())
    when(lambda shift: shift.change(PlanChange(notes={"dogs": True})))
    when(lambda shift: shift.change(PlanChange(notes={"dogs": 1})))
    then(
        happened(
            Shift.Changed, role="nurse", period=MORNING, headcount=1, notes={"dogs": 1}, people=()
        )
    )


def test_a_published_shift_can_not_be_changed():
    given(published())
    when(lambda shift: shift.change(PlanChange(headcount=2)))
    then_refused(NotADraft, status="published")


def test_a_draft_can_be_published():
    given(draft())
    when(lambda shift: shift.publish())
    then(happened(Shift.Published, notify=False))


def test_a_shift_is_published_once():
    given(published())
    when(lambda shift: shift.publish())
    then_refused(NotADraft, status="published")


@pytest.mark.parametrize("period", [OVER, hours(-6, -1)], ids=["ends now", "ended yesterday"])
def test_a_shift_that_is_over_can_not_be_published(period):
    given(draft(period))
    when(lambda shift: shift.publish())
    then_refused(ShiftIsOver)


def test_a_shift_that_has_begun_can_still_be_published():
    given(draft(hours(5, 7)))
    when(lambda shift: shift.publish())
    then(happened(Shift.Published, notify=False))


def test_every_broken_rule_is_named():
    given(published(OVER))
    when(lambda shift: shift.publish())
    then_refused(NotADraft, ShiftIsOver)
