"""What a unit's wall clock shows, and the moments at which it does, over every change of clocks."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, settings
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.shared.period import Period
from domain.shared.wall_clock import at_wall_time, copied, monday_of, wall_day, wall_period
from domain.shared.zones import zones

DAYS = st.dates(date(2000, 1, 1), date(2199, 12, 31))
CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
ZONES = st.sampled_from(sorted(zones()))
LONGEST_DAY = timedelta(hours=36)
"""Longer than any offset and any change of one."""
modestly = settings(max_examples=100, deadline=None)


def shown(moment, zone):
    """What the clock on the wall shows, as who looks at it would write it down."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def offset(moment, zone):
    return moment.astimezone(ZoneInfo(zone)).utcoffset()


def moments_of(day, clock, zone):
    """Every moment at which the clock shows this, found by trying all offsets around it."""
    wanted = datetime.combine(day, clock, UTC)
    steps = (wanted - LONGEST_DAY + n * timedelta(minutes=15) for n in range(4 * 72 + 1))
    tried = {wanted - offset(moment, zone) for moment in steps}
    return sorted(m for m in tried if shown(m, zone) == wanted.replace(tzinfo=None))


def changes_of(zone, year):
    """The moments of a year at which the zone's clocks are moved."""
    days = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(366)]
    return [_change_between(*two, zone) for two in pairwise(days) if _differ(*two, zone)]


def _change_between(before, after, zone):
    while after - before > timedelta(minutes=1):
        middle = before + (after - before) // 2
        before, after = (middle, after) if not _differ(before, middle, zone) else (before, middle)
    return after.replace(second=0, microsecond=0)


def _differ(one, other, zone):
    return offset(one, zone) != offset(other, zone)


def moved_by(change, zone):
    return offset(change, zone) - offset(change - timedelta(minutes=1), zone)


@st.composite
def near_changes(draw):
    """A zone, a day and a clock time, within some hours of a change of clocks."""
    zone, change = draw(CHANGES)
    wall = change + offset(change, zone) + timedelta(minutes=draw(st.integers(-600, 600)))
    return zone, wall.date(), wall.time()


@st.composite
def skipped(draw):
    """A zone, a day and a clock time that is skipped in it."""
    zone, change = draw(CHANGES.filter(lambda found: moved_by(found[1], found[0]) > timedelta()))
    minutes = draw(st.integers(1, moved_by(change, zone) // timedelta(minutes=1)))
    wall = change + offset(change, zone) - timedelta(minutes=minutes)
    return zone, wall.date(), wall.time()


MOVING = (
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Asia/Gaza",
    "Pacific/Chatham",
)
CHANGES = st.sampled_from(
    [(zone, c) for zone in MOVING for year in (2005, 2015, 2026) for c in changes_of(zone, year)]
    + [("Pacific/Apia", change) for change in changes_of("Pacific/Apia", 2011)]
)
WALLS = near_changes() | st.tuples(ZONES, DAYS, CLOCKS)


@modestly
@for_all(WALLS)
def test_a_wall_time_is_the_first_moment_at_which_the_clock_shows_it(wall):
    zone, day, clock = wall
    moments = moments_of(day, clock, zone)
    assume(moments)
    moment = at_wall_time(day, clock, zone)
    assert moment == moments[0]
    assert moment.tzinfo is UTC
    assert shown(moment, zone) == datetime.combine(day, clock)
    assert wall_day(moment, zone) == day


@modestly
@for_all(skipped())
def test_a_wall_time_that_is_skipped_is_read_by_the_offset_before(wall):
    zone, day, clock = wall
    assert moments_of(day, clock, zone) == []
    moment = at_wall_time(day, clock, zone)
    later = shown(moment, zone) - datetime.combine(day, clock)
    before = moment - later
    assert later == offset(moment, zone) - offset(before, zone)
    assert later > timedelta()


@modestly
@for_all(WALLS, CLOCKS)
def test_hours_that_pass_are_those_of_the_clock_less_what_it_was_moved(wall, end):
    zone, day, start = wall
    period = wall_period(day, start, end, zone)
    assume(shown(period.start, zone) == datetime.combine(day, start))
    assume(shown(period.end, zone).time() == end)
    moved = offset(period.end, zone) - offset(period.start, zone)
    on_the_wall = shown(period.end, zone) - shown(period.start, zone)
    assert timedelta() < on_the_wall <= timedelta(days=1)
    assert timedelta(hours=period.hours) == on_the_wall - moved


@modestly
@for_all(WALLS, CLOCKS)
def test_a_shift_ends_on_its_day_or_the_day_after(wall, end):
    zone, day, start = wall
    last = day if end > start else day + timedelta(days=1)
    assume(moments_of(last, end, zone))
    period = wall_period(day, start, end, zone)
    assert period.end == moments_of(last, end, zone)[0]
    assert wall_day(period.end, zone) == last


@modestly
@for_all(WALLS, CLOCKS, st.integers(-52, 52))
def test_a_copied_week_keeps_its_wall_times(wall, end, weeks):
    zone, day, start = wall
    later = timedelta(weeks=weeks)
    last = day if end > start else day + timedelta(days=1)
    for on, clock in ((day, start), (last, end)):
        assume(moments_of(on, clock, zone))
        assume(moments_of(on + later, clock, zone))
    here, there = (wall_period(on, start, end, zone) for on in (day, day + later))
    assert shown(there.start, zone) == shown(here.start, zone) + later
    assert shown(there.end, zone) == shown(here.end, zone) + later
    assert monday_of(day + later) == monday_of(day) + later


@modestly
@for_all(WALLS, CLOCKS, st.integers(-52, 52), ZONES)
def test_a_shift_is_copied_by_what_the_clock_shows(wall, end, weeks, elsewhere):
    zone, day, start = wall
    later = timedelta(weeks=weeks)
    last = day if end > start else day + timedelta(days=1)
    for on, clock in ((day, start), (last, end)):
        assume(moments_of(on, clock, zone))
    for to_zone in (zone, elsewhere):
        expected = wall_period(day + later, start, end, to_zone)
        assert copied(wall_period(day, start, end, zone), zone, later, to_zone) == expected


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-10-24T22:00+02:00", "2026-10-25T06:00+01:00", 8),
        # The second half past two is half past two in other nights.
        ("2026-10-25T02:30+01:00", "2026-10-25T08:00+01:00", 5.5),
        ("2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00", 0),
        # Over several days.
        ("2026-10-23T20:00+02:00", "2026-10-26T06:00+01:00", 58),
    ],
)
def test_the_night_in_which_clocks_go_back_is_copied_as_it_looked(start, end, hours):
    period = Period(datetime.fromisoformat(start), datetime.fromisoformat(end))
    week_before = copied(period, BERLIN, timedelta(weeks=-1), BERLIN)
    assert week_before.hours == hours
    assert shown(week_before.start, BERLIN) == shown(period.start, BERLIN) - timedelta(weeks=1)


@modestly
@for_all(DAYS)
def test_a_week_begins_on_its_monday(day):
    monday = monday_of(day)
    assert monday.weekday() == 0
    assert monday.isocalendar()[:2] == day.isocalendar()[:2]
    assert timedelta() <= day - monday < timedelta(days=7)


BERLIN, LORD_HOWE, KATHMANDU = "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"
FORWARD, BACK, ORDINARY = date(2026, 3, 28), date(2026, 10, 24), date(2026, 11, 7)


@pytest.mark.parametrize(
    ("zone", "night", "start", "end", "hours"),
    [
        (BERLIN, ORDINARY, "22:00", "06:00", 8),
        (BERLIN, FORWARD, "22:00", "06:00", 7),
        (BERLIN, BACK, "22:00", "06:00", 9),
        # Only what spans the change is longer or shorter.
        (BERLIN, FORWARD, "14:00", "22:00", 8),
        (BERLIN, date(2026, 3, 29), "06:00", "14:00", 8),
        (BERLIN, date(2026, 10, 25), "06:00", "14:00", 8),
        (BERLIN, FORWARD, "22:00", "02:00", 4),
        (BERLIN, BACK, "22:00", "02:00", 4),
        (BERLIN, BACK, "22:00", "03:00", 6),
        # From one clock time to the same is a day, as long as that day is.
        (BERLIN, ORDINARY, "08:00", "08:00", 24),
        (BERLIN, FORWARD, "08:00", "08:00", 23),
        (BERLIN, BACK, "08:00", "08:00", 25),
        (BERLIN, ORDINARY, "00:00", "00:00", 24),
        # Half an hour, in the other half of the year.
        (LORD_HOWE, date(2026, 4, 4), "22:00", "06:00", 8.5),
        (LORD_HOWE, date(2026, 10, 3), "22:00", "06:00", 7.5),
        (KATHMANDU, FORWARD, "22:00", "06:00", 8),
        (KATHMANDU, BACK, "22:00", "06:00", 8),
        # A day that a whole country skipped: the night ends a day of the calendar later.
        ("Pacific/Apia", date(2011, 12, 29), "22:00", "06:00", 8),
    ],
)
def test_a_night_has_the_hours_that_pass(zone, night, start, end, hours):
    period = wall_period(night, time.fromisoformat(start), time.fromisoformat(end), zone)
    assert period.hours == hours


@pytest.mark.parametrize(
    ("zone", "day", "clock", "moment"),
    [
        (BERLIN, "2026-11-02", "06:00", "2026-11-02T05:00:00Z"),
        (BERLIN, "2026-07-02", "06:00", "2026-07-02T04:00:00Z"),
        # Half past two comes twice, and is the first.
        (BERLIN, "2026-10-25", "02:30", "2026-10-25T00:30:00Z"),
        (BERLIN, "2026-10-25", "03:00", "2026-10-25T02:00:00Z"),
        # Half past two is skipped, and is half past three.
        (BERLIN, "2026-03-29", "02:30", "2026-03-29T01:30:00Z"),
        (BERLIN, "2026-03-29", "03:30", "2026-03-29T01:30:00Z"),
        (LORD_HOWE, "2026-10-04", "02:15", "2026-10-03T15:45:00Z"),
        (LORD_HOWE, "2026-04-05", "01:45", "2026-04-04T14:45:00Z"),
        (KATHMANDU, "2026-11-02", "06:00", "2026-11-02T00:15:00Z"),
        ("America/St_Johns", "2026-11-02", "06:00", "2026-11-02T09:30:00Z"),
        ("UTC", "2026-11-02", "06:00", "2026-11-02T06:00:00Z"),
    ],
)
def test_a_wall_time_is_a_moment(zone, day, clock, moment):
    found = at_wall_time(date.fromisoformat(day), time.fromisoformat(clock), zone)
    assert found == datetime.fromisoformat(moment)


def test_a_shift_in_the_hour_that_is_skipped_may_have_no_time():
    period = wall_period(date(2026, 3, 29), time(2, 30), time(3, 0), BERLIN)
    assert period.hours == -0.5


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        (BERLIN, "2026-11-02"),
        (KATHMANDU, "2026-11-03"),
        ("America/Los_Angeles", "2026-11-02"),
        ("Pacific/Kiritimati", "2026-11-03"),
    ],
)
def test_the_calendar_on_the_wall_is_the_units_own(zone, day):
    assert wall_day(datetime(2026, 11, 2, 20, tzinfo=UTC), zone) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("day", "monday"),
    [("2026-11-02", "2026-11-02"), ("2026-11-08", "2026-11-02"), ("2027-01-01", "2026-12-28")],
)
def test_a_week_is_the_iso_week(day, monday):
    assert monday_of(date.fromisoformat(day)) == date.fromisoformat(monday)
