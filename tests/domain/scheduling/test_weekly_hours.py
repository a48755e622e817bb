"""Which weeks there is something to be told of."""

from datetime import date, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain.scheduling.candidate import Candidate
from domain.scheduling.shift import Shift
from domain.scheduling.warnings import Override, WeeklyHoursAboveCap
from domain.scheduling.weekly_hours import could_be_above, hours_above_cap, weeks_from
from domain.shared.ids import ShiftId, derived_id
from domain.shared.moment import happening_at
from domain.shared.period import Period
from domain.shared.wall_clock import weeks_of
from tests.support.scheduling import ANA, LAST_WEEK, MORNING, NOW, WARD, hours, person, published

TODAY = NOW.date()
THIS_WEEK = "2026-W45"
WEEKS = weeks_from(TODAY)


def on_days(*days, zone="Europe/Berlin"):
    """Shifts of Ana's, ten hours each."""
    found = []
    for day in days:
        with happening_at(LAST_WEEK):
            shift = Shift(
                id=ShiftId(derived_id("shift", day, zone)),
                unit_id=WARD,
                role="nurse",
                period=hours(8, 18, day),
                zone=zone,
                headcount=1,
                notes={},
            )
            shift.publish()
            shift.assign_all([Candidate(person(ANA))])
        found.append(shift)
    return found


def told(shifts, cap, **who):
    found = hours_above_cap(person(ANA, cap=cap, **who), shifts, WEEKS)
    return [(each.week, each.hours) for each in found]


def overridden(shift, week, hours, cap):
    with happening_at(LAST_WEEK):
        shift._warnings_raised(ANA, (WeeklyHoursAboveCap(ANA, week, hours, cap),))
        shift.override_warnings(ANA, Override("Agreed with her."))


def test_there_are_the_current_week_and_the_eight_after_it():
    assert next(iter(WEEKS)) == THIS_WEEK
    assert [*WEEKS][8] == "2026-W53", "a year with a leap week"
    assert len(WEEKS) == 9
    assert [*weeks_from(date(2026, 12, 31))][:2] == ["2026-W53", "2027-W01"]


def test_a_week_above_the_cap_is_told():
    assert told(on_days(2, 3, 4), cap=25) == [(THIS_WEEK, 30)]
    assert hours_above_cap(person(cap=25), on_days(2, 3, 4), WEEKS) == [
        WeeklyHoursAboveCap(ANA, THIS_WEEK, 30, 25)
    ]


def test_each_week_is_told_for_itself():
    assert told(on_days(2, 3, 9, 10, 11), cap=15) == [(THIS_WEEK, 20), ("2026-W46", 30)]


@pytest.mark.parametrize(
    ("cap", "who"), [(30, {}), (None, {}), (25, {"active": False})], ids=["at", "none", "left"]
)
def test_there_is_nothing_to_tell(cap, who):
    assert told(on_days(2, 3, 4), cap, **who) == []


def test_weeks_that_are_over_are_not_told():
    assert told(on_days(1), cap=5) == [], "a Sunday"


def test_what_an_admin_let_be_is_settled():
    shifts = on_days(2, 3, 4)
    overridden(shifts[2], THIS_WEEK, hours=30, cap=25)
    assert told(shifts, cap=25) == []
    assert told(shifts, cap=28) == [], "the cap has been raised since"


def test_more_hours_than_were_let_be_are_told_again():
    shifts = on_days(2, 3, 4, 5)
    overridden(shifts[2], THIS_WEEK, hours=30, cap=25)
    assert told(shifts, cap=25) == [(THIS_WEEK, 40)]


def test_who_settled_it_under_a_higher_cap_did_not_settle_this():
    shifts = on_days(2, 3, 4)
    overridden(shifts[2], THIS_WEEK, hours=30, cap=25)
    assert told(shifts, cap=20) == [(THIS_WEEK, 30)]


def test_another_week_that_was_settled_settles_nothing_here():
    shifts = on_days(2, 3, 4)
    overridden(shifts[2], "2026-W46", hours=99, cap=1)
    assert told(shifts, cap=25) == [(THIS_WEEK, 30)]


def test_a_place_that_was_given_up_takes_its_settlement_with_it():
    (shift,) = on_days(2)
    overridden(shift, THIS_WEEK, hours=10, cap=5)
    with happening_at(NOW - timedelta(days=1)):
        shift.decline(ANA, ())
    assert shift.overridden == {}


def test_a_week_is_that_of_the_units_wall_calendar():
    """Late on Sunday in London it is Monday in Auckland."""
    sunday = hours(12, 22, day=8)
    for zone, weeks in {"Europe/London": [THIS_WEEK], "Pacific/Auckland": ["2026-W46"]}.items():
        (shift,) = on_days(8, zone=zone)
        shift.period = sunday
        assert [week for week, _ in told([shift], cap=5)] == weeks


moments = st.integers(-300, 1200).map(lambda number: NOW + timedelta(hours=number))
periods = st.builds(
    lambda start, long: Period(start, start + timedelta(hours=long)), moments, st.integers(1, 40)
)


@settings(max_examples=60, deadline=None)
@for_all(
    st.lists(periods, max_size=6),
    st.sampled_from(["Pacific/Kiritimati", "Etc/GMT+12", "Europe/Berlin", "Pacific/Apia"]),
    st.integers(1, 60),
)
def test_whoever_could_not_be_above_the_cap_is_in_no_zone(bookings, zone, cap):
    if could_be_above(cap, bookings, WEEKS.values()):
        return
    for booking in bookings:
        for name, week in weeks_of(booking, zone):
            if name in WEEKS:
                assert sum(each.seconds_within(week) / 3600 for each in bookings) <= cap


def test_a_shift_is_reminded_of_once():
    shift = published(hours(8, 14), accepted=[ANA])
    with happening_at(NOW):
        shift.remind()
        version = shift.version
        shift.remind()
    assert (shift.is_reminded, shift.version) == (True, version)


def test_nobody_who_has_not_accepted_is_reminded_so_that_it_can_still_be_done():
    shift = published(MORNING, pending=[ANA])
    with happening_at(NOW):
        shift.remind()
        assert not shift.is_reminded
        shift.accept(ANA)
        shift.remind()
    assert shift.is_reminded
