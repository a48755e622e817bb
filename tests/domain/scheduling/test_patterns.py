"""What comes back again and again is designed, changed, and ended."""

from dataclasses import replace
from datetime import date, time
from uuid import UUID

import pytest

from domain.scheduling.pattern import (
    MOST_WEEKS_AHEAD,
    PatternHasEnded,
    ShiftPattern,
    Template,
    TemplateChange,
    shift_of_pattern,
)
from domain.shared.errors import Invalid
from domain.shared.ids import PatternId
from domain.shared.moment import happening_at
from tests.support.given import given, happened, then, then_failed, then_nothing, then_refused, when
from tests.support.scheduling import ANA, BEN, LAST_WEEK, NIGHTS, PATTERN, WARD, pattern

EVERYTHING = TemplateChange(
    role="cook",
    start=time(6),
    end=time(14),
    rrule="FREQ=DAILY",
    first_day=date(2026, 12, 1),
    last_day=date(2026, 12, 31),
    headcount=3,
    notes={"dog": True},
    people=(ANA, BEN),
    weeks_ahead=4,
)


def changing(**changes):
    return lambda nights: nights.change(replace(NIGHTS, **changes))


def test_a_new_pattern_goes_on():
    nights = pattern()
    assert (nights.id, nights.unit_id, nights.template) == (PATTERN, WARD, NIGHTS)
    assert nights.active


def test_unless_it_is_said_nothing_is_planned_or_drafted_ahead():
    said = (NIGHTS.last_day, NIGHTS.headcount, NIGHTS.notes, NIGHTS.people, NIGHTS.weeks_ahead)
    assert said == (None, 1, {}, (), 0)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("last_day", {"last_day": date(2026, 11, 1)}),
        ("weeks_ahead", {"weeks_ahead": -1}),
        ("weeks_ahead", {"weeks_ahead": MOST_WEEKS_AHEAD + 1}),
        ("people", {"people": (ANA, BEN, ANA)}),
    ],
    ids=str,
)
def test_what_does_not_fit_together_is_refused_by_name(field, changes):
    with happening_at(LAST_WEEK), pytest.raises(Invalid) as told:
        ShiftPattern.design(PATTERN, WARD, replace(NIGHTS, **changes))
    assert set(told.value.data["fields"]) == {field}
    given(pattern())
    when(changing(**changes))
    assert set(then_failed(Invalid).data["fields"]) == {field}


@pytest.mark.parametrize(
    "changes",
    [{"last_day": NIGHTS.first_day}, {"weeks_ahead": MOST_WEEKS_AHEAD}, {"end": NIGHTS.start}],
    ids=str,
)
def test_what_just_fits_is_designed(changes):
    template = replace(NIGHTS, **changes)
    with happening_at(LAST_WEEK):
        assert ShiftPattern.design(PATTERN, WARD, template).template == template


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, v in vars(EVERYTHING).items()], ids=str)
def test_only_what_is_given_changes(name, value):
    assert TemplateChange(**{name: value}).of(NIGHTS) == replace(NIGHTS, **{name: value})


def test_everything_can_be_changed_and_the_last_day_taken_off():
    all_of_it = EVERYTHING.of(NIGHTS)
    assert all_of_it == Template(**vars(EVERYTHING))
    assert TemplateChange(last_day=None).of(all_of_it).last_day is None
    assert TemplateChange().of(all_of_it) == all_of_it


def test_a_pattern_is_changed():
    given(pattern())
    when(changing(headcount=2))
    then(happened(ShiftPattern.Changed, template=replace(NIGHTS, headcount=2)))


def test_a_change_to_what_is_so_already_is_none():
    given(pattern(replace(NIGHTS, notes={"dogs": True})))
    when(changing(notes={"dogs": True}))
    then_nothing()


def test_notes_are_compared_as_json():
    given(pattern(replace(NIGHTS, notes={"dogs": True})))
    when(changing(notes={"dogs": 1}))
    then(happened(ShiftPattern.Changed, template=replace(NIGHTS, notes={"dogs": 1})))


def test_a_pattern_ends_once():
    given(pattern())
    when(lambda nights: nights.end())
    then(happened(ShiftPattern.Ended))
    when(lambda nights: nights.end())
    then_nothing()


def test_what_has_ended_is_changed_no_more():
    given(pattern(ended=True))
    when(changing(headcount=2))
    then_refused(PatternHasEnded, pattern_id=PATTERN)


def test_the_shift_of_a_day_follows_from_the_pattern_and_the_day():
    monday, other = date(2026, 11, 2), PatternId(UUID(int=1))
    assert pattern().shift_on(monday) == shift_of_pattern(PATTERN, monday)
    days = [(PATTERN, monday), (PATTERN, date(2026, 11, 3)), (other, monday)]
    assert len({shift_of_pattern(*each) for each in days}) == 3
    # What is in the log already must be found again.
    assert str(pattern().shift_on(monday)) == "705e6e96-513c-5e27-ae78-78be8efd6ffb"
