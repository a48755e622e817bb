"""How one wants to be told, and when to be left alone."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given as given_that
from hypothesis import strategies as st

from domain.scheduling.preferences import NotificationPreferences, Preferences, QuietHours
from domain.shared.errors import Invalid
from domain.shared.moment import happening_at
from tests.support.given import given, happened, then, then_failed, then_nothing, when
from tests.support.scheduling import ANAS_ACCOUNT, LAST_WEEK, TENANT

NIGHT = QuietHours(time(22), time(7), "Europe/Berlin")
NOON = QuietHours(time(12), time(14), "Europe/Berlin")
QUIET = Preferences(sms=True, quiet_hours=NIGHT)


def stated(preferences=Preferences()):  # noqa: B008 - frozen
    preferences_id = NotificationPreferences.id_of(TENANT, ANAS_ACCOUNT)
    with happening_at(LAST_WEEK):
        return NotificationPreferences.state(preferences_id, ANAS_ACCOUNT, preferences)


def test_without_a_word_one_is_told_by_mail_at_any_time():
    assert Preferences() == Preferences(email=True, sms=False, quiet_hours=None)


def test_they_are_replaced_as_a_whole():
    given(stated())
    when(lambda preferences: preferences.replace(QUIET))
    then(happened(NotificationPreferences.Replaced, account_id=ANAS_ACCOUNT, preferences=QUIET))


def test_saying_what_is_so_changes_nothing():
    given(stated(QUIET))
    when(lambda preferences: preferences.replace(QUIET))
    then_nothing()


@pytest.mark.parametrize(
    ("quiet", "wrong"),
    [
        (QuietHours(time(22), time(7), "Europe/Atlantis"), "zone"),
        (QuietHours(time(22), time(22), "UTC"), "end"),
    ],
)
def test_quiet_hours_that_can_not_be_are_refused(quiet, wrong):
    given(stated())
    when(lambda preferences: preferences.replace(Preferences(quiet_hours=quiet)))
    assert set(then_failed(Invalid).data["fields"]) == {wrong}


@pytest.mark.parametrize(
    ("quiet", "moment", "end"),
    [
        # A night in winter; Berlin is an hour ahead of UTC.
        (NIGHT, "2026-12-01T20:59:59Z", None),
        (NIGHT, "2026-12-01T21:00:00Z", "2026-12-02T06:00:00Z"),
        (NIGHT, "2026-12-02T02:00:00Z", "2026-12-02T06:00:00Z"),
        (NIGHT, "2026-12-02T06:00:00Z", None),
        (NOON, "2026-12-01T12:30:00Z", "2026-12-01T13:00:00Z"),
        (NOON, "2026-12-01T13:00:00Z", None),
        # Clocks go forward on 2026-03-29 and back on 2026-10-25: one night is an hour shorter.
        (NIGHT, "2026-03-28T21:30:00Z", "2026-03-29T05:00:00Z"),
        (NIGHT, "2026-03-29T05:00:00Z", None),
        (NIGHT, "2026-10-24T20:30:00Z", "2026-10-25T06:00:00Z"),
        (NIGHT, "2026-10-25T05:59:00Z", "2026-10-25T06:00:00Z"),
        # A time that is skipped is read by the offset before: they end at 03:30.
        (
            QuietHours(time(1), time(2, 30), "Europe/Berlin"),
            "2026-03-29T01:10:00Z",
            "2026-03-29T01:30:00Z",
        ),
        # Of a time that comes twice the first counts.
        (
            QuietHours(time(1), time(2, 30), "Europe/Berlin"),
            "2026-10-25T00:10:00Z",
            "2026-10-25T00:30:00Z",
        ),
        (QuietHours(time(1), time(2, 30), "Europe/Berlin"), "2026-10-25T01:10:00Z", None),
    ],
)
def test_quiet_hours_end_by_the_clock_on_the_wall(quiet, moment, end):
    expected = None if end is None else datetime.fromisoformat(end)
    assert quiet.end_after(datetime.fromisoformat(moment)) == expected


@given_that(
    st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.times(),
    st.times(),
    st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"]),
)
def test_whatever_they_are_nobody_waits_longer_than_a_day_and_then_it_is_over(
    moment, start, end, zone
):
    quiet = QuietHours(start, end, zone)
    if (until := quiet.end_after(moment)) is not None:
        assert moment < until <= moment + timedelta(hours=25)
        assert start == end or quiet.end_after(until) is None
