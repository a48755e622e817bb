"""The one leader of all jobs: each slot once, missed ones caught up, half-done ones finished."""

import asyncio
import contextlib
import sys
from datetime import UTC, datetime, timedelta

import pytest

from infrastructure.backlog import Backlog
from infrastructure.jobs.timetable import TIMETABLE, Rhythm
from infrastructure.looking import Looking
from infrastructure.settings import Settings
from interfaces.workers import runner
from interfaces.workers.housekeeping import Housekeeping
from tests.infrastructure.nats.support import eventually, query, running
from tests.interfaces.workers.dying_leader import open_units
from tests.support.logs import logged

MONDAY = datetime(2026, 11, 2, 10, 5, tzinfo=UTC)
DAY = timedelta(days=1)
RUNS = "SELECT job, slot, slots, state, attempts, error FROM job_runs ORDER BY job, slot"


class Clock:
    def __init__(self, now=MONDAY):
        self.now = now

    def __call__(self):
        return self.now


class Job:
    """Notes its slots; fails as often as it is told to."""

    def __init__(self, failures=0):
        self.slots = []
        self.failures = failures

    async def __call__(self, _, slot):
        self.slots.append(slot.start)
        if len(self.slots) <= self.failures:
            raise ZeroDivisionError("not to be told")
        return 1


@pytest.fixture
def lead(database_url, tmp_path):
    settings = Settings(database_url=database_url, data_dir=tmp_path)

    def lead(job, clock=None, name="weekly-hours"):
        return Housekeeping(settings, {name: job}, clock or Clock())

    return lead


@pytest.fixture
def ended(database_url):
    """Whether so many slots are recorded, and none waits to be done."""

    def ended(slots=1):
        def found():
            states = [row[3] for row in query(database_url, RUNS)]
            return len(states) == slots and set(states) <= {"done", "overtaken"}

        return found

    return ended


async def test_of_two_leaders_one_runs_a_slot(database_url, lead, ended):
    one, other = Job(), Job()
    async with running(lead(one), lead(other)):
        await eventually(ended())
    assert len(one.slots + other.slots) == 1
    slot = MONDAY.replace(hour=2, minute=0)
    assert query(database_url, RUNS) == [("weekly-hours", slot, 1, "done", 1, None)]


async def test_a_slot_that_is_done_is_not_done_again_by_the_next_leader(lead, ended):
    job = Job()
    for _ in range(2):
        async with running(lead(job)):
            await eventually(ended())
    assert len(job.slots) == 1


async def test_after_downtime_the_newest_slot_is_done_for_all_that_were_missed(
    database_url, lead, ended
):
    job, clock = Job(), Clock()
    async with running(lead(job, clock)):
        await eventually(ended())
    clock.now += 4 * DAY
    async with running(lead(job, clock)):
        await eventually(ended(slots=2))
    assert job.slots == [MONDAY.replace(hour=2, minute=0) + days * DAY for days in (0, 4)]
    assert [row[2] for row in query(database_url, RUNS)] == [1, 4]


async def test_a_slot_that_fails_is_tried_again_and_seen(database_url, lead, ended, monkeypatch):
    monkeypatch.setattr(runner, "FIRST_PAUSE", 0.3)
    job = Job(failures=1)
    backlog = Backlog(Looking(database_url))
    with logged() as lines:
        async with running(lead(job)):
            await eventually(lambda: failed(database_url))
            told = (await backlog.exposition()).decode()
            assert 'opstream_job_failed_attempts{job="weekly-hours"} 1.0' in told
            assert 'opstream_job_runs_total{job="weekly-hours",outcome="failed"}' in told
            await eventually(ended())
    slot = MONDAY.replace(hour=2, minute=0)
    assert query(database_url, RUNS) == [("weekly-hours", slot, 1, "done", 2, None)]
    told = {line["event"]: line for line in lines if line["event"].startswith("job.")}
    assert (told["job.failed"]["error"], told["job.failed"]["attempt"]) == ("ZeroDivisionError", 1)
    assert (told["job.done"]["done"], told["job.done"]["attempt"]) == (1, 2)
    assert "not to be told" not in str(lines)


def failed(database_url):
    failure = ("failed", 1, "ZeroDivisionError")
    return [row[3:] for row in query(database_url, RUNS)] == [failure]


async def test_pauses_grow_while_a_slot_fails(monkeypatch):
    pauses = []

    async def note(seconds):
        pauses.append(seconds)
        if len(pauses) == 11:
            raise asyncio.CancelledError

    failing = runner.JobRunner(None, "sweep", TIMETABLE["sweep"], Job(), Clock())
    monkeypatch.setattr(runner.asyncio, "sleep", note)
    monkeypatch.setattr(runner.JobRunner, "_is_done", _never)
    with contextlib.suppress(asyncio.CancelledError):
        await failing.catch_up()
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]


async def _never(_):
    return False


async def test_the_clock_begins_one_slot_after_the_other(lead, monkeypatch):
    monkeypatch.setitem(TIMETABLE, "tick", Rhythm(timedelta(seconds=1)))
    job = Job()
    async with running(lead(job, lambda: datetime.now(UTC), name="tick")):
        await eventually(lambda: len(job.slots) >= 2)
    assert [later - earlier for earlier, later in zip(job.slots, job.slots[1:], strict=False)] == [
        timedelta(seconds=1)
    ] * (len(job.slots) - 1)


async def test_shutting_down_in_the_middle_of_a_job_is_clean(database_url, lead, ended):
    began, cancelled = asyncio.Event(), asyncio.Event()

    async def hanging(*_):
        began.set()
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.set()

    async with running(lead(hanging)):
        async with asyncio.timeout(5):
            await began.wait()
    assert cancelled.is_set()
    left = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    await eventually(lambda: query(database_url, left) == [(1,)])
    assert query(database_url, RUNS)[0][3] == "running"
    async with running(lead(Job())):
        await eventually(ended())
    assert query(database_url, RUNS)[0][3:5] == ("done", 2)


async def test_a_leader_that_loses_its_lock_stops_and_leads_again(database_url, lead, ended):
    began = 0

    async def once_stuck(*_):
        nonlocal began
        began += 1
        if began == 1:
            await asyncio.sleep(60)
        return 0

    async with running(lead(once_stuck)):
        await eventually(lambda: began == 1)
        query(
            database_url,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'opstream housekeeping' AND datname = current_database()",
        )
        await eventually(ended(), seconds=8)
    assert began == 2


async def test_what_a_killed_leader_left_half_done_the_next_one_finishes(database_url, lead, ended):
    command = (sys.executable, "-m", "tests.interfaces.workers.dying_leader", database_url)
    dying = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        async with asyncio.timeout(20):
            assert await dying.stdout.readline() == b"half done\n"
    finally:
        dying.kill()
        await dying.wait()
    opened = "SELECT count(*) FROM stored_events WHERE topic = 'scheduling.UnitOpened'"
    assert query(database_url, opened) == [(2,)]
    async with running(lead(open_units(stop_after=None))):
        await eventually(ended())
    assert query(database_url, opened) == [(4,)], "each of them once"
    assert query(database_url, RUNS)[0][3:5] == ("done", 2)
