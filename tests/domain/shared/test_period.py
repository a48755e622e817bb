"""Stretches of time, and the months in which their books are kept."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain.shared.period import Month, Period

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from([UTC, BERLIN, ZoneInfo("Asia/Kathmandu"), ZoneInfo("Pacific/Chatham")])
MOMENTS = st.datetimes(datetime(2025, 11, 1), datetime(2027, 2, 1), timezones=ZONES)  # noqa: DTZ001
LENGTHS = st.timedeltas(timedelta(seconds=1), timedelta(days=40))
PERIODS = st.builds(lambda start, length: Period(start, start + length), MOMENTS, LENGTHS).filter(
    lambda period: period.hours > 0
)
modestly = settings(max_examples=50, deadline=None)


@modestly
@for_all(PERIODS, PERIODS)
def test_two_periods_overlap_each_other_or_not_at_all(one, other):
    assert one.overlaps(other) == other.overlaps(one)
    shared = min(one.end, other.end) - max(one.start, other.start)
    assert one.overlaps(other) == (shared > timedelta())


@modestly
@for_all(PERIODS)
def test_a_period_overlaps_itself_and_nothing_that_follows_it(period):
    assert period.overlaps(period)
    assert not period.overlaps(Period(period.end, period.end + timedelta(hours=1)))


@modestly
@for_all(PERIODS)
def test_the_months_of_a_period_are_the_months_of_its_moments(period):
    step = (period.end - period.start) / 97
    moments = [period.start + step * number for number in range(97)]
    moments.append(period.end - datetime.resolution)
    seen = {Month(moment.year, moment.month) for moment in moments}
    assert seen == set(period.months())
    assert list(period.months()) == sorted(seen)


@modestly
@for_all(PERIODS)
def test_where_a_period_was_written_down_does_not_matter(period):
    elsewhere = Period(period.start.astimezone(BERLIN), period.end.astimezone(BERLIN))
    assert elsewhere == period
    assert elsewhere.hours == period.hours
    assert elsewhere.overlaps(period)


@pytest.mark.parametrize(
    ("night", "hours"),
    [((2026, 3, 28), 7), ((2026, 10, 24), 9), ((2026, 6, 6), 8)],
    ids=["spring forward", "fall back", "any other"],
)
def test_a_night_has_as_many_hours_as_pass(night, hours):
    evening = datetime(*night, 22, tzinfo=BERLIN)
    morning = datetime(*night, 6, tzinfo=BERLIN) + timedelta(days=1)
    assert Period(evening, morning).hours == hours


def test_the_hour_that_comes_twice_is_two_hours():
    first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
    second = first.replace(fold=1)
    assert Period(first, second).hours == 1
    assert not Period(first - timedelta(hours=1), first).overlaps(
        Period(second, second + timedelta(hours=1))
    )


def test_a_night_over_new_year_touches_two_months():
    period = Period(datetime(2026, 12, 31, 22, tzinfo=UTC), datetime(2027, 1, 1, 6, tzinfo=UTC))
    assert list(period.months()) == [Month(2026, 12), Month(2027, 1)]


def test_a_period_does_not_touch_the_month_that_begins_at_its_end():
    period = Period(datetime(2026, 12, 31, 16, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    assert list(period.months()) == [Month(2026, 12)]


def test_months_are_those_of_utc():
    period = Period(
        datetime(2026, 12, 1, 0, tzinfo=BERLIN), datetime(2026, 12, 1, 0, 30, tzinfo=BERLIN)
    )
    assert list(period.months()) == [Month(2026, 11)]


@modestly
@for_all(st.integers(1, 9998), st.integers(1, 12))
def test_the_next_month_begins_where_a_month_ends(year, number):
    month = Month(year, number)
    first_of_next = (datetime(year, number, 28) + timedelta(days=4)).replace(day=1)  # noqa: DTZ001
    assert month.next() == Month(first_of_next.year, first_of_next.month)
    assert month < month.next()


def test_a_month_is_written_with_its_year():
    assert str(Month(2026, 3)) == "2026-03"
    assert str(Month(987, 12)) == "0987-12"
