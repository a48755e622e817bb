"""Jobs, told to an operator."""

from datetime import UTC, datetime, timedelta

from infrastructure.jobs.timetable import TIMETABLE
from tests.infrastructure.nats.support import query

RUN = "INSERT INTO job_runs VALUES (%s, %s, %s, %s, %s, now(), %s, %s)"


def told(ended):
    """Each job's line, its columns parted."""
    assert ended.code == 0, ended.err
    heading, *lines = [line for line in ended.out.splitlines() if line.strip()]
    assert heading.split() == (
        "job when last slot state attempts slots ended next slot".split()  # noqa: SIM905 - as shown
    )
    return {line.split()[0]: line for line in lines}


def test_jobs_that_never_ran_are_listed_with_their_next_slot(opstream, database_url):
    lines = told(opstream("jobs", DATABASE_URL=database_url))
    assert set(lines) == set(TIMETABLE)
    now = datetime.now(UTC)
    for job, line in lines.items():
        assert "never" in line
        following = {TIMETABLE[job].next(now - timedelta(minutes=late)) for late in (0, 1)}
        assert any(line.rstrip().endswith(f"{slot:%Y-%m-%d %H:%M}") for slot in following)


def test_what_became_of_the_newest_slot_is_told(opstream, database_url):
    slot = datetime(2026, 11, 2, 2, tzinfo=UTC)
    ended = slot + timedelta(minutes=3)
    query(database_url, RUN, ("weekly-hours", slot, 1, "done", 1, ended, None))
    later = slot + timedelta(days=3)
    query(database_url, RUN, ("weekly-hours", later, 3, "failed", 7, ended, "Unavailable"))
    line = told(opstream("jobs", DATABASE_URL=database_url))["weekly-hours"]
    for part in ("daily at 02:00 UTC", "2026-11-05 02:00", "failed: Unavailable", "7", "3"):
        assert part in line
