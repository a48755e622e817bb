"""Copying a week."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from application.scheduling.weeks import MOST_SHIFTS, CopyWeek
from domain.scheduling.shift import Shift
from domain.scheduling.staffing import PlanChange
from domain.scheduling.unit import Unit, UnitIsClosed
from domain.shared.errors import Forbidden, Invalid, NotFound
from domain.shared.ids import ShiftId
from domain.shared.moment import happening_at
from domain.shared.period import Period
from tests.support.given import (
    given,
    happened,
    then,
    then_failed,
    then_nothing,
    then_refused,
    when_asked,
)
from tests.support.scheduling import (
    ANA,
    ANA_HERSELF,
    BEN,
    CLEO,
    FOREIGN,
    KITCHEN,
    LAST_WEEK,
    MORNING,
    NOW,
    OTHER,
    SHIFT,
    WARD,
    draft,
    hours,
    published,
    role,
    ward,
)

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY, NEXT = date(2026, 11, 2), date(2026, 11, 9)
COPY = CopyWeek((SHIFT,), MONDAY, NEXT, unit_id=None, with_people=False)


def wall(day, first, last, zone=BERLIN):
    """From one hour to another on the clock of that day; past 24 on the next."""
    midnight = datetime(2026, 1, 1, tzinfo=zone).replace(month=day.month, day=day.day)
    return Period(midnight + timedelta(hours=first), midnight + timedelta(hours=last))


def copy_of(period, **changes):
    fields = {"role": "nurse", "zone": "Europe/Berlin", "headcount": 1, "notes": {}, "people": ()}
    return happened(Shift.Drafted, unit_id=WARD, period=period, **fields | changes)


def closed(unit):
    with happening_at(LAST_WEEK):
        unit.close()
    return unit


async def test_a_published_shift_becomes_a_draft_of_the_next_week():
    given(ward(), role(), published(wall(MONDAY, 8, 14), headcount=2, accepted=[ANA]))
    done = await when_asked(COPY)
    then(copy_of(wall(NEXT, 8, 14), headcount=2))
    (made,) = done.result
    assert made.is_draft
    assert made.id != SHIFT


async def test_a_draft_is_copied_with_all_that_it_says():
    original = draft(wall(MONDAY, 22, 30))
    with happening_at(LAST_WEEK):
        original.change(PlanChange(role="cook", notes={"dog": True}, people=[BEN, ANA]))
    given(ward(), role("cook"), original)
    said = {"role": "cook", "notes": {"dog": True}}
    await when_asked(COPY)
    then(copy_of(wall(NEXT, 22, 30), **said))
    await when_asked(replace(COPY, with_people=True))
    then(copy_of(wall(NEXT, 22, 30), **said, people=(BEN, ANA)))


async def test_who_holds_a_place_is_planned_again_if_it_is_asked_for():
    given(ward(), role(), published(headcount=3, accepted=[BEN], pending=[ANA], declined=[CLEO]))
    done = await when_asked(replace(COPY, with_people=True))
    assert set(done.result[0].people) == {ANA, BEN}


async def test_what_is_completed_is_copied():
    given(ward(), role(), _after(lambda shift: shift.complete()))
    done = await when_asked(replace(COPY, with_people=True))
    assert [shift.people for shift in done.result] == [(ANA,)]


def _after(end):
    shift = published(hours(0, 5), accepted=[ANA])
    with happening_at(NOW):
        end(shift)
    return shift


def _after_publication(end):
    shift = published()
    with happening_at(LAST_WEEK):
        end(shift)
    return shift


def _discarded():
    shift = draft()
    with happening_at(LAST_WEEK):
        shift.discard()
    return shift


@pytest.mark.parametrize(
    "gone",
    [
        pytest.param(lambda: _after_publication(lambda s: s.cancel("Flood.", ())), id="cancelled"),
        pytest.param(_discarded, id="discarded"),
        pytest.param(lambda: draft(wall(date(2026, 11, 9), 8, 14)), id="moved to another week"),
        pytest.param(lambda: draft(wall(date(2026, 11, 1), 23.5, 30)), id="of the day before"),
    ],
)
async def test_what_has_left_the_week_since_it_was_found_is_left_out(gone):
    given(ward(), role(), gone())
    await when_asked(COPY)
    then_nothing()


async def test_a_week_is_the_one_on_the_units_wall():
    """Half past eleven in the night of Sunday in UTC is Monday in Berlin already."""
    early = Period(hours(-0.5, 0).start, hours(7, 8).start)
    given(ward(), role(), draft(early))
    await when_asked(COPY)
    then(copy_of(Period(early.start + timedelta(days=7), early.end + timedelta(days=7))))


@pytest.mark.parametrize(
    ("monday", "night", "hours"),
    [(date(2027, 3, 22), date(2027, 3, 27), 7), (date(2027, 10, 25), date(2027, 10, 30), 9)],
    ids=["forward", "back"],
)
async def test_a_night_keeps_its_wall_times_when_clocks_are_moved(monday, night, hours):
    saturday = date(2026, 11, 7)
    given(ward(), role(), draft(wall(saturday, 22, 30)))
    done = await when_asked(replace(COPY, to_monday=monday))
    (made,) = done.result
    start, end = made.period.start.astimezone(BERLIN), made.period.end.astimezone(BERLIN)
    assert (start.date(), start.hour, end.hour) == (night, 22, 6)
    assert made.period.hours == hours


async def test_a_unit_that_moved_has_its_shifts_by_its_new_clock():
    given(ward("Asia/Kathmandu"), role(), draft(wall(MONDAY, 8, 14)))
    await when_asked(COPY)
    kathmandu = ZoneInfo("Asia/Kathmandu")
    then(copy_of(wall(NEXT, 8, 14, kathmandu), zone="Asia/Kathmandu"))


async def test_what_can_have_no_copy_is_told():
    skipped_night = draft(Period(*_half_past_two_to_three(date(2026, 11, 8))), id=OTHER)
    given(ward(), role(), draft(wall(MONDAY, 8, 14)), skipped_night)
    spring = replace(COPY, shift_ids=(SHIFT, OTHER), to_monday=date(2027, 3, 22))
    done = await when_asked(spring, view=lambda made: [shift.id for shift in made])
    assert done.result[0] == OTHER
    assert len(done.result) == 2


def _half_past_two_to_three(day):
    wall_clock = datetime(day.year, day.month, day.day, 2, 30, tzinfo=BERLIN)
    return wall_clock, wall_clock + timedelta(minutes=30)


async def test_of_a_closed_unit_nothing_is_copied():
    given(closed(ward()), role(), draft())
    done = await when_asked(COPY, view=lambda made: [shift.id for shift in made])
    assert done.result == [SHIFT]
    then_nothing()
    await when_asked(replace(COPY, unit_id=WARD))
    then_refused(UnitIsClosed, unit_id=WARD)


async def test_of_a_closed_role_nothing_is_copied():
    given(ward(), role(active=False), draft())
    done = await when_asked(COPY, view=lambda made: [shift.id for shift in made])
    assert done.result == [SHIFT]
    then_nothing()


async def test_a_unit_that_is_not_here_is_named():
    with happening_at(LAST_WEEK):
        theirs = Unit(id=KITCHEN, name="Kitchen", zone="UTC")
    given(theirs, tenant=FOREIGN)
    await when_asked(replace(COPY, shift_ids=(), unit_id=KITCHEN))
    then_failed(NotFound, what="unit", id=str(KITCHEN))


async def test_a_week_is_not_copied_into_itself():
    given(ward(), role(), draft())
    await when_asked(replace(COPY, to_monday=MONDAY))
    then_failed(Invalid, fields={"to_week": "must not be from_week"})


async def test_a_week_may_be_copied_into_the_past_too():
    given(ward(), role(), draft(wall(NEXT, 8, 14)))
    await when_asked(replace(COPY, from_monday=NEXT, to_monday=MONDAY))
    then(copy_of(wall(MONDAY, 8, 14)))


async def test_shifts_are_copied_in_one_append_and_not_more_than_a_thousand(story):
    ids = [ShiftId(UUID(int=number)) for number in range(1, MOST_SHIFTS + 1)]
    given(ward(), role(), *(draft(MORNING, id=each) for each in ids[:20]))
    await when_asked(replace(COPY, shift_ids=tuple(ids[:20])))
    (append,) = story.log.appends
    assert len(append.events) == 20
    await when_asked(replace(COPY, shift_ids=(*ids, SHIFT)))
    then_failed(Invalid, fields={"from_week": "has more than 1000 shifts: name a unit_id"})


async def test_a_volunteer_may_not():
    given(ward(), role(), draft())
    await when_asked(COPY, by=ANA_HERSELF)
    then_failed(Forbidden, needs="shifts:write:all")
