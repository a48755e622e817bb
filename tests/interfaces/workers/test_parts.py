"""Supervision and housekeeping."""

import asyncio
import contextlib

import psycopg

from infrastructure.postgres.housekeeping import sweep
from infrastructure.settings import Settings
from interfaces.workers import supervision
from interfaces.workers.housekeeping import Housekeeping
from interfaces.workers.supervision import Part, supervise
from tests.infrastructure.nats.support import eventually, query, running, store_people

KEYS = (
    "INSERT INTO idempotency_keys SELECT gen_random_uuid(), gen_random_uuid(), n::text, '', '{}', "
    "n, now() - n * interval '1 day' FROM generate_series(1, 10) n"
)
SESSIONS = (
    "INSERT INTO refresh_sessions SELECT sha256(n::text::bytea), gen_random_uuid(), "
    "gen_random_uuid(), gen_random_uuid(), now(), now() + n * interval '1 hour' "
    "FROM generate_series(-2, 2) n WHERE n <> 0"
)

ATTEMPTS = (
    "INSERT INTO login_attempts SELECT n::text, '{}', true, now() + n * interval '1 minute' "
    "FROM generate_series(-3, 1) n WHERE n <> 0"
)

RUNS = (
    "INSERT INTO job_runs SELECT 'sweep', now() - n * interval '1 day', 1, 'done', 1, now() "
    "FROM generate_series(1, 32) n"
)
RETIRED = "INSERT INTO checkpoints VALUES ('read model gone.now v1', 0, now() - interval '2 days')"
FEEDS = (
    "INSERT INTO calendar_feeds SELECT sha256(n::text::bytea), gen_random_uuid(), "
    "gen_random_uuid(), gen_random_uuid(), now(), CASE WHEN n = 1 THEN now() END "
    "FROM generate_series(1, 3) n"
)


async def test_a_part_that_fails_runs_again_and_drags_nobody_down(monkeypatch):
    monkeypatch.setattr(supervision, "FIRST_PAUSE", 0.01)
    runs = {"bad": 0, "good": 0}

    async def bad():
        runs["bad"] += 1
        raise RuntimeError

    async def good():
        runs["good"] += 1
        await asyncio.sleep(60)

    tasks = [asyncio.create_task(supervise(Part(f.__name__, f))) for f in (bad, good)]
    await eventually(lambda: runs["bad"] >= 3)
    assert runs["good"] == 1
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_pauses_grow_so_that_a_broken_part_does_not_spin(monkeypatch):
    pauses = []

    async def broken():
        raise RuntimeError

    async def note(seconds):
        pauses.append(seconds)
        if len(pauses) == 8:
            raise asyncio.CancelledError

    monkeypatch.setattr(supervision.asyncio, "sleep", note)
    with contextlib.suppress(asyncio.CancelledError):
        await supervise(Part("broken", broken))
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0, 2.0]


async def test_a_sweep_deletes_what_has_expired_and_nothing_else(database_url):
    query(database_url, KEYS)
    query(database_url, SESSIONS)
    query(database_url, ATTEMPTS)
    query(database_url, RUNS)
    query(database_url, FEEDS)
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        assert await sweep(connection, idempotency_days=7) == 4 + 2 + 3 + 3 + 1
    keys = query(database_url, "SELECT position FROM idempotency_keys ORDER BY 1")
    assert [position for (position,) in keys] == [1, 2, 3, 4, 5, 6]
    assert query(database_url, "SELECT count(*) FROM refresh_sessions") == [(2,)]
    assert query(database_url, "SELECT key FROM login_attempts") == [("1",)]
    assert query(database_url, "SELECT count(*) FROM job_runs") == [(29,)]
    assert query(database_url, "SELECT count(*) FROM calendar_feeds") == [(2,)]


async def test_housekeeping_sweeps_when_it_starts(database_url, tmp_path):
    query(database_url, KEYS)
    store_people(database_url, 1)
    query(database_url, RETIRED)
    settings = Settings(database_url=database_url, data_dir=tmp_path)
    async with running(Housekeeping(settings), Housekeeping(settings)):
        await eventually(
            lambda: query(database_url, "SELECT count(*) FROM idempotency_keys") == [(6,)]
        )
        await eventually(lambda: query(database_url, "SELECT count(*) FROM checkpoints") == [(0,)])
