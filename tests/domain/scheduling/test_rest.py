"""Between two shifts of a person lies a rest, as long as the policy wants it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain.scheduling.candidate import Candidate
from domain.scheduling.refusals import Overlap, TooLittleRest
from domain.scheduling.rules import person_has_rested, person_is_free
from domain.scheduling.shift import Shift
from domain.shared.ids import ShiftId
from domain.shared.period import Month, Period
from tests.support.given import given, then_refused, told_of, when
from tests.support.scheduling import (
    ANA,
    EVENING,
    MORNING,
    NOON,
    OTHER,
    SHIFT,
    agenda,
    draft,
    hours,
    person,
    published,
)

ELEVEN = timedelta(hours=11)
BERLIN = ZoneInfo("Europe/Berlin")


def resting(*agendas, rest=ELEVEN, giving_up=()):
    return Candidate(
        person(ANA), agendas, minimum_rest=rest, giving_up=frozenset(map(ShiftId, giving_up))
    )


def assigned(shift, *agendas):
    shift.assign_all([resting(*agendas)])


@pytest.mark.parametrize(
    ("other", "rest"),
    [(hours(24, 30), 10), (hours(24.5, 30), 10.5), (hours(-6, -2), 10), (hours(14, 22), 0)],
    ids=["after it", "half an hour short", "before it", "at once"],
)
def test_too_little_rest_is_refused_on_either_side(other, rest):
    given(published(), agenda(ANA, {OTHER: other}))
    when(assigned)
    then_refused(
        TooLittleRest, person_id=ANA, other=OTHER, rest_hours=rest, minimum_rest_hours=11.0
    )


@pytest.mark.parametrize("other", [hours(25, 30), hours(-9, -3)], ids=["after it", "before it"])
def test_rest_that_is_exactly_as_long_as_it_must_be_is_enough(other):
    given(published(), agenda(ANA, {OTHER: other}))
    when(assigned)
    assert told_of(Shift) == ["Shift.PersonAssigned"]


def test_a_second_short_is_too_little():
    short = Period(MORNING.end + ELEVEN - timedelta(seconds=1), MORNING.end + 2 * ELEVEN)
    given(published(), agenda(ANA, {OTHER: short}))
    when(assigned)
    then_refused(TooLittleRest)


def test_a_rest_of_nothing_asks_for_none():
    candidate = resting(agenda(ANA, {OTHER: EVENING}), rest=timedelta(0))
    assert person_has_rested(published(), candidate) is None


@pytest.mark.parametrize("other", [NOON, MORNING, hours(8, 9), hours(0, 24)], ids=str)
def test_an_overlap_is_no_question_of_rest(other):
    given(published(), agenda(ANA, {OTHER: other}))
    when(assigned)
    then_refused(Overlap, other=OTHER)


def test_beside_an_overlap_the_rest_to_a_third_shift_is_named():
    third = ShiftId(OTHER.__class__(int=3))
    given(published(), agenda(ANA, {OTHER: NOON, third: hours(18, 20)}))
    when(assigned)
    then_refused(Overlap, TooLittleRest, other=OTHER)


def test_rest_is_asked_across_the_months():
    last_night = hours(14, 22, day=30)
    given(published(hours(6, 14, day=1, month=12)), agenda(), agenda(month=Month(2026, 12)))
    december = resting(agenda(ANA, {OTHER: last_night}), agenda(month=Month(2026, 12)))
    when(lambda shift, *_: shift.assign_all([december]))
    then_refused(TooLittleRest, rest_hours=8.0)


def test_the_rest_around_what_is_given_up_does_not_count():
    candidate = resting(agenda(ANA, {OTHER: EVENING}), giving_up=[OTHER])
    assert person_has_rested(published(), candidate) is None


def test_the_rest_to_the_shift_itself_does_not_count():
    assert person_has_rested(published(), resting(agenda(ANA, {SHIFT: MORNING}))) is None


@pytest.mark.parametrize(
    ("night", "rest"),
    [((2026, 3, 28), 10), ((2026, 10, 24), 12), ((2026, 11, 7), 11)],
    ids=["clocks go forward", "clocks go back", "any other"],
)
def test_a_night_in_which_clocks_change_gives_less_rest_or_more(night, rest):
    """From 21:00 to 08:00 by the wall."""
    evening = datetime(*night, 21, tzinfo=BERLIN)
    before = Period(evening - timedelta(hours=6), evening)
    morning = datetime(*night, 8, tzinfo=BERLIN) + timedelta(days=1)
    shift = draft(Period(morning, morning + timedelta(hours=6)))
    refusal = person_has_rested(shift, resting(agenda(ANA, {OTHER: before})))
    if rest < 11:
        assert refusal == TooLittleRest(ANA, OTHER, float(rest), 11.0)
    else:
        assert refusal is None


some_hours = st.builds(
    lambda first, length: hours(first, first + length), st.integers(-48, 72), st.integers(1, 24)
)


@settings(max_examples=100, deadline=None)
@for_all(some_hours, some_hours, st.integers(0, 24))
def test_either_there_is_enough_between_two_shifts_or_one_rule_says_no(one, other, rest):
    shift = draft(one)
    candidate = resting(agenda(ANA, {OTHER: other}), rest=timedelta(hours=rest))
    refusals = [person_is_free(shift, candidate), person_has_rested(shift, candidate)]
    apart = max(other.start - one.end, one.start - other.end)
    expected = [apart < timedelta(0), timedelta(0) <= apart < timedelta(hours=rest)]
    assert [refusal is not None for refusal in refusals] == expected
