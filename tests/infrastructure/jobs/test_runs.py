"""What became of each slot, in a real database."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from infrastructure.jobs import runs
from infrastructure.jobs.timetable import Rhythm

HOURLY = Rhythm(timedelta(hours=1))
TEN = datetime(2026, 11, 2, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
async def table(database_url):
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        yield connection


async def begin(table, slot, job="sweep"):
    return await runs.begin(table, job, HOURLY, slot, slot + timedelta(minutes=1))


async def states(table):
    cursor = await table.execute(
        "SELECT slot, slots, state, attempts, error FROM job_runs WHERE job = 'sweep' ORDER BY slot"
    )
    return await cursor.fetchall()


async def test_a_slot_runs_once(table):
    assert await begin(table, TEN) == 1
    await runs.end(table, "sweep", TEN, 1, TEN)
    assert await begin(table, TEN) is None
    assert await begin(table, TEN, job="completion") == 1, "each job has its own"
    assert await states(table) == [(TEN, 1, "done", 1, None)]


async def test_what_a_former_leader_left_running_is_begun_again(table):
    assert await begin(table, TEN) == 1
    assert await begin(table, TEN) == 2
    await runs.end(table, "sweep", TEN, 1, TEN)
    assert await states(table) == [(TEN, 1, "running", 2, None)], "the former has nothing to say"
    await runs.end(table, "sweep", TEN, 2, TEN)
    assert await states(table) == [(TEN, 1, "done", 2, None)]


async def test_what_failed_is_begun_again_and_then_is_as_if_it_had_not(table):
    await begin(table, TEN)
    await runs.end(table, "sweep", TEN, 1, TEN, "Unavailable")
    assert await states(table) == [(TEN, 1, "failed", 1, "Unavailable")]
    assert await begin(table, TEN) == 2
    await runs.end(table, "sweep", TEN, 2, TEN)
    assert await states(table) == [(TEN, 1, "done", 2, None)]


async def test_the_newest_slot_stands_for_all_that_were_missed(table):
    await begin(table, TEN)
    await runs.end(table, "sweep", TEN, 1, TEN)
    assert await begin(table, TEN + 5 * HOUR) == 1
    assert [row[:3] for row in await states(table)] == [
        (TEN, 1, "done"),
        (TEN + 5 * HOUR, 5, "running"),
    ]


async def test_what_did_not_end_is_left_to_the_next_slot(table):
    await begin(table, TEN)
    await runs.end(table, "sweep", TEN, 1, TEN, "Unavailable")
    await begin(table, TEN + HOUR)
    await begin(table, TEN + 2 * HOUR)
    assert [row[2] for row in await states(table)] == ["overtaken", "overtaken", "running"]
    await runs.end(table, "sweep", TEN + HOUR, 1, TEN)
    assert [row[2] for row in await states(table)] == ["overtaken", "overtaken", "running"]


async def test_a_clock_that_is_set_back_repeats_nothing(table):
    await begin(table, TEN)
    assert await begin(table, TEN - HOUR) is None
    assert [row[0] for row in await states(table)] == [TEN]


async def test_the_newest_run_of_each_job_is_told(table):
    await begin(table, TEN)
    await begin(table, TEN + HOUR)
    await begin(table, TEN, job="completion")
    told = [(run.job, run.slot, run.state) for run in await runs.newest(table)]
    assert told == [("completion", TEN, "running"), ("sweep", TEN + HOUR, "running")]
