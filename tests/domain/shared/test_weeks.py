"""ISO weeks on a wall clock, over every change of the clocks."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain.shared.period import Period
from domain.shared.wall_clock import monday_of, week_name, weeks_of

ZONES = st.sampled_from(
    [
        *("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham"),
        *("Asia/Kathmandu", "Asia/Beirut", "America/Sao_Paulo", "Pacific/Apia", "Africa/Cairo"),
    ]
)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
LENGTHS = st.timedeltas(timedelta(seconds=1), timedelta(days=30))
PERIODS = st.builds(
    lambda start, length: Period(
        start.replace(microsecond=0), start.replace(microsecond=0) + length
    ),
    MOMENTS,
    LENGTHS.map(lambda length: timedelta(seconds=int(length.total_seconds()))),
)
DAYS = st.dates(date(2000, 1, 1), date(2199, 12, 31))


@settings(max_examples=300, deadline=None)
@for_all(PERIODS, ZONES)
def test_a_period_is_cut_into_weeks_without_loss_or_overlap(period, zone):
    weeks = [week for _, week in weeks_of(period, zone)]
    assert weeks[0].start <= period.start
    assert weeks[-1].start < period.end <= weeks[-1].end
    for one, following in pairwise(weeks):
        assert one.end == following.start
    assert sum(map(period.seconds_within, weeks)) == period.seconds_within(period)


@settings(max_examples=300, deadline=None)
@for_all(PERIODS, ZONES)
def test_a_week_is_named_by_the_calendar_on_the_wall(period, zone):
    for name, week in weeks_of(period, zone):
        first = max(week.start, period.start).astimezone(ZoneInfo(zone))
        last = min(week.end, period.end).astimezone(ZoneInfo(zone)) - timedelta(microseconds=1)
        assert name == week_name(first.date()) == week_name(last.date())


@for_all(DAYS, DAYS)
def test_later_weeks_have_greater_names(one, other):
    earlier, later = sorted((monday_of(one), monday_of(other)))
    assert (week_name(earlier) < week_name(later)) == (earlier < later)


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 11, 2), "2026-W45"),
        (date(2026, 12, 31), "2026-W53"),
        (date(2027, 1, 3), "2026-W53"),
        (date(2027, 1, 4), "2027-W01"),
        (date(2024, 12, 30), "2025-W01"),
    ],
)
def test_a_week_belongs_to_the_year_of_its_thursday(day, name):
    assert week_name(day) == name


@pytest.mark.parametrize(
    ("sunday", "hours"),
    [(date(2027, 3, 28), 167), (date(2026, 10, 25), 169), (date(2026, 11, 8), 168)],
)
def test_the_week_in_which_clocks_change_is_an_hour_shorter_or_longer(sunday, hours):
    noon = datetime(sunday.year, sunday.month, sunday.day, 12, tzinfo=UTC)
    ((_, week),) = weeks_of(Period(noon, noon + timedelta(hours=1)), "Europe/Berlin")
    assert week.hours == hours
