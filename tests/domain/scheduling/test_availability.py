"""When people can work, as they say."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain.scheduling.availability import (
    MOST_BLACKOUTS,
    MOST_WINDOWS,
    Availability,
    Blackout,
    Calendar,
    Window,
)
from domain.scheduling.candidate import Candidate
from domain.scheduling.refusals import BlackedOut, OutsideAvailability
from domain.scheduling.shift import Shift
from domain.shared.errors import Invalid
from domain.shared.moment import happening_at
from domain.shared.period import Period
from domain.shared.wall_clock import wall_period
from tests.support.given import (
    given,
    happened,
    then,
    then_failed,
    then_nothing,
    then_refused,
    told_of,
    when,
)
from tests.support.scheduling import (
    ANA,
    ANAS_CALENDAR,
    FOREIGN,
    LAST_WEEK,
    MORNING,
    TENANT,
    agenda,
    hours,
    person,
    published,
)

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY, TUESDAY, FRIDAY, SATURDAY, SUNDAY = 1, 2, 5, 6, 7


def weekly(*windows, zone="Europe/Berlin"):
    return Calendar(zone, tuple(Window(day, time(*a), time(*b)) for day, a, b in windows))


def wall(day, first, last, month=11):
    """In Berlin in 2026, on the second of November unless told otherwise, a Monday."""
    start = datetime(2026, month, day, *first, tzinfo=BERLIN)
    end = datetime(2026, month, day, *last, tzinfo=BERLIN)
    return Period(start, end if last > first else end + timedelta(days=1))


def assigned_by(calendar):
    return lambda shift, ana, agenda: shift.assign_all([Candidate(ana, [agenda], calendar)])


def stated(calendar=ANAS_CALENDAR):
    with happening_at(LAST_WEEK):
        return Availability.state(Availability.id_of(TENANT, ANA), ANA, calendar)


class TestTheRules:
    def test_who_said_nothing_can_work_at_any_time(self):
        given(published(), person(ANA), agenda(ANA))
        when(assigned_by(None))
        assert told_of(Shift) == ["Shift.PersonAssigned"]

    def test_who_stated_no_pattern_can_work_at_any_time(self):
        given(published(), person(ANA), agenda(ANA))
        when(assigned_by(Calendar("UTC", weekly=None)))
        assert told_of(Shift) == ["Shift.PersonAssigned"]

    def test_an_empty_pattern_means_never(self):
        given(published(), person(ANA), agenda(ANA))
        when(assigned_by(Calendar("UTC", weekly=())))
        then_refused(OutsideAvailability, person_id=ANA)

    def test_who_is_available_in_part_of_the_time_is_not_assigned(self):
        given(published(), person(ANA), agenda(ANA))
        when(assigned_by(weekly((MONDAY, (9,), (14, 59)))))
        then_refused(OutsideAvailability, person_id=ANA)

    def test_a_blackout_is_told_with_its_times(self):
        blackout = Blackout(hours(13, 20), "A wedding.")
        given(published(), person(ANA), agenda(ANA))
        when(assigned_by(Calendar("UTC", None, (blackout,))))
        then_refused(BlackedOut, person_id=ANA, start=hours(13, 20).start, end=hours(13, 20).end)

    def test_a_blackout_counts_whatever_the_pattern_says(self):
        calendar = weekly((MONDAY, (0,), (0,)))
        blackout = Blackout(hours(0, 24))
        given(published(), person(ANA), agenda(ANA))
        when(assigned_by(Calendar(calendar.zone, calendar.weekly, (blackout,))))
        then_refused(BlackedOut)

    def test_both_a_blackout_and_the_pattern_are_named(self):
        given(published(), person(ANA), agenda(ANA))
        when(assigned_by(Calendar("UTC", (), (Blackout(MORNING),))))
        then_refused(BlackedOut, OutsideAvailability)

    @pytest.mark.parametrize("beside", [hours(0, 8), hours(14, 20)], ids=["before", "after"])
    def test_a_blackout_that_touches_the_shift_is_not_in_the_way(self, beside):
        given(published(), person(ANA), agenda(ANA))
        when(assigned_by(Calendar("UTC", None, (Blackout(beside),))))
        assert told_of(Shift) == ["Shift.PersonAssigned"]


class TestThePattern:
    @pytest.mark.parametrize(
        ("windows", "period", "offered"),
        [
            ([(MONDAY, (8,), (16,))], wall(2, (8,), (16,)), True),
            ([(MONDAY, (8,), (16,))], wall(2, (7, 59), (16,)), False),
            ([(MONDAY, (8,), (16,))], wall(2, (8,), (16, 1)), False),
            ([(MONDAY, (8,), (16,))], wall(3, (8,), (16,)), False),
            ([(MONDAY, (8,), (16,))], wall(9, (9,), (10,)), True),
            ([(MONDAY, (22,), (6,))], wall(2, (22,), (6,)), True),
            ([(MONDAY, (22,), (6,))], wall(3, (1,), (5,)), True),
            ([(MONDAY, (22,), (6,))], wall(2, (1,), (5,)), False),
            ([(SUNDAY, (22,), (6,))], wall(2, (1,), (5,)), True),
            ([(MONDAY, (0,), (0,))], wall(2, (0,), (0,)), True),
            ([(MONDAY, (8,), (12,)), (MONDAY, (12,), (16,))], wall(2, (8,), (16,)), True),
            ([(MONDAY, (8,), (13,)), (MONDAY, (12,), (16,))], wall(2, (9,), (15,)), True),
            ([(MONDAY, (8,), (12,)), (MONDAY, (12, 1), (16,))], wall(2, (8,), (16,)), False),
            ([(MONDAY, (18,), (0,)), (TUESDAY, (0,), (6,))], wall(2, (20,), (4,)), True),
            ([(SUNDAY, (18,), (0,)), (MONDAY, (0,), (6,))], wall(1, (20,), (4,)), True),
        ],
    )
    def test_it_offers_what_its_windows_cover(self, windows, period, offered):
        assert weekly(*windows).offers(period) is offered

    def test_a_week_of_days_offers_a_week_of_work(self):
        always = weekly(*((day, (0,), (0,)) for day in range(1, 8)))
        assert always.offers(Period(hours(0, 1).start, hours(0, 7 * 24).end))

    def test_it_is_read_by_the_wall_clock_of_its_zone(self):
        eight_to_four = (MONDAY, (8,), (16,))
        assert weekly(eight_to_four, zone="Asia/Kathmandu").offers(hours(2.25, 10.25))
        assert not weekly(eight_to_four, zone="Europe/Berlin").offers(hours(2.25, 10.25))

    @pytest.mark.parametrize(
        ("day", "month", "length"),
        [(28, 3, 7), (24, 10, 9), (31, 10, 8)],
        ids=["clocks go forward", "clocks go back", "any other"],
    )
    def test_a_night_window_is_as_long_as_the_night(self, day, month, length):
        night = wall(day, (22,), (6,), month)
        assert night.hours == length
        calendar = weekly((SATURDAY, (22,), (6,)))
        assert calendar.offers(night)
        assert not calendar.offers(Period(night.start, night.end + timedelta(minutes=1)))
        assert not calendar.offers(Period(night.start - timedelta(minutes=1), night.end))

    def test_adjoining_windows_are_one_in_the_night_that_is_an_hour_longer(self):
        """Half past two comes twice; what ends then adjoins what begins then."""
        calendar = weekly((SUNDAY, (0,), (2, 30)), (SUNDAY, (2, 30), (6,)))
        assert calendar.offers(wall(25, (0,), (6,), month=10))

    def test_a_window_that_the_clock_skips_offers_nothing(self):
        calendar = weekly((SUNDAY, (2, 15), (2, 45)), (SUNDAY, (2, 45), (3,)))
        skipped = datetime(2026, 3, 29, 1, tzinfo=UTC)
        assert not calendar.offers(Period(skipped, skipped + timedelta(hours=1)))


class TestStating:
    def test_it_is_stated(self):
        assert stated().calendar == ANAS_CALENDAR

    def test_it_is_replaced_as_a_whole(self):
        given(stated())
        when(lambda availability: availability.replace(Calendar("UTC")))
        then(happened(Availability.Replaced, person_id=ANA, calendar=Calendar("UTC")))

    def test_to_state_what_is_so_already_is_nothing_new(self):
        given(stated())
        when(lambda availability: availability.replace(ANAS_CALENDAR))
        then_nothing()

    def test_windows_are_kept_in_order_and_each_once(self):
        late, early = Window(2, time(8), time(9)), Window(1, time(8), time(9))
        assert Calendar("UTC", (late, early, late)).checked().weekly == (early, late)

    def test_no_pattern_and_an_empty_one_are_not_the_same(self):
        given(stated(Calendar("UTC", weekly=None)))
        when(lambda availability: availability.replace(Calendar("UTC", weekly=())))
        then(happened(Availability.Replaced, person_id=ANA, calendar=Calendar("UTC", weekly=())))

    def test_a_reason_may_be_left_out(self):
        given(stated())
        when(lambda one: one.replace(Calendar("UTC", None, (Blackout(MORNING, "  "),))))
        kept = Calendar("UTC", None, (Blackout(MORNING, ""),))
        then(happened(Availability.Replaced, person_id=ANA, calendar=kept))

    @pytest.mark.parametrize(
        ("calendar", "field"),
        [
            (Calendar("Europe/Atlantis"), "zone"),
            (weekly((0, (8,), (9,))), "weekly"),
            (weekly((8, (8,), (9,))), "weekly"),
            (Calendar("UTC", None, (Blackout(Period(MORNING.end, MORNING.start)),)), "blackouts"),
            (Calendar("UTC", None, (Blackout(Period(MORNING.end, MORNING.end)),)), "blackouts"),
            (Calendar("UTC", None, (Blackout(MORNING, "x" * 1001),)), "blackouts"),
            (Calendar("UTC", None, (Blackout(MORNING),) * (MOST_BLACKOUTS + 1)), "blackouts"),
            (weekly(*[(1, (8,), (9,))] * (MOST_WINDOWS + 1)), "weekly"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_what_can_not_be_is_named(self, calendar, field):
        given(stated())
        when(lambda availability: availability.replace(calendar))
        assert set(then_failed(Invalid).data["fields"]) == {field}

    def test_a_person_has_one_in_each_tenant(self):
        assert Availability.id_of(TENANT, ANA) != Availability.id_of(FOREIGN, ANA)
        assert stated().id == Availability.id_of(TENANT, ANA)


days = st.dates(date(2026, 3, 23), date(2026, 3, 31)) | st.dates(
    date(2026, 10, 19), date(2026, 11, 2)
)
clock = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))


@settings(max_examples=150, deadline=None)
@for_all(days, clock, clock, st.sampled_from(["Europe/Berlin", "America/New_York", "UTC"]))
def test_a_window_offers_just_what_the_same_times_of_a_shift_are(day, start, end, zone):
    """Whatever the night: who is available from ten to six can take the shift from ten to six."""
    period = wall_period(day, start, end, zone)
    calendar = Calendar(zone, (Window(day.isoweekday(), start, end),))
    if period.hours > 0:
        assert calendar.offers(period)
        assert not calendar.offers(Period(period.start, period.end + timedelta(seconds=1)))
        assert not calendar.offers(Period(period.start - timedelta(seconds=1), period.end))


@settings(max_examples=60, deadline=None)
@for_all(st.lists(st.tuples(st.integers(1, 7), clock, clock), max_size=6), days, st.integers(0, 47))
def test_what_is_offered_is_offered_in_each_of_its_parts(windows, day, half_hours):
    calendar = Calendar("Europe/Berlin", tuple(Window(*window) for window in windows))
    start = wall_period(day, time(0), time(1), calendar.zone).start
    period = Period(start, start + timedelta(minutes=30 * (half_hours + 1)))
    steps = [start + timedelta(minutes=30 * number) for number in range(half_hours + 1)]
    parts = [Period(step, step + timedelta(minutes=30)) for step in steps]
    assert calendar.offers(period) == all(calendar.offers(part) for part in parts)
