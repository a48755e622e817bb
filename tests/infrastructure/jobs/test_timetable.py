"""When jobs run."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from infrastructure.jobs.timetable import TIMETABLE, Rhythm
from interfaces.workers.jobs.catalogue import JOBS

NIGHTLY = Rhythm(timedelta(days=1), timedelta(hours=2))
OFTEN = Rhythm(timedelta(minutes=15))


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("rhythm", "moment", "latest", "following"),
    [
        (NIGHTLY, "2026-11-02T02:00", "2026-11-02T02:00", "2026-11-03T02:00"),
        (NIGHTLY, "2026-11-02T01:59:59", "2026-11-01T02:00", "2026-11-02T02:00"),
        (OFTEN, "2026-11-02T10:14:59", "2026-11-02T10:00", "2026-11-02T10:15"),
    ],
)
def test_a_moment_has_a_slot_that_has_begun_and_one_that_comes(rhythm, moment, latest, following):
    assert rhythm.latest(at(moment)) == at(latest)
    assert rhythm.next(at(moment)) == at(following)


@for_all(
    st.sampled_from([*TIMETABLE.values()]),
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis wants them so
)
def test_slots_follow_each_other_without_a_gap(rhythm, moment):
    latest = rhythm.latest(moment)
    assert latest <= moment < rhythm.next(moment)
    assert rhythm.latest(latest) == latest
    assert rhythm.latest(latest - timedelta(microseconds=1)) == latest - rhythm.every
    assert rhythm.slots_between(latest, rhythm.next(moment)) == 1


def test_every_job_has_its_time_and_every_time_its_job():
    assert set(JOBS) == set(TIMETABLE)
    assert len(JOBS) >= 6


@pytest.mark.parametrize(
    ("job", "words"),
    [
        ("weekly-hours", "daily at 02:00 UTC"),
        ("completion", "every 15 min"),
        ("sweep", "hourly"),
    ],
)
def test_a_rhythm_is_told_in_words(job, words):
    assert str(TIMETABLE[job]) == words
