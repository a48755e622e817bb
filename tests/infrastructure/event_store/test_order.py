"""The order of positions is the order of commits, so who tails the log passes nothing by."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from random import Random
from threading import Event as Flag
from time import monotonic
from uuid import UUID, uuid4

import orjson
import psycopg
import pytest
from eventsourcing.postgres import PostgresApplicationRecorder

from domain.shared.moment import happening_at
from infrastructure.event_store.group_commit import GroupCommit
from tests.infrastructure.event_store.test_recorder import datastore_of
from tests.support.appends import append_of, unit
from tests.support.scheduling import NOW, person

WRITERS = 4
COMMANDS = 60

TAIL = "SELECT notification_id FROM stored_events WHERE notification_id > %s ORDER BY 1 LIMIT 7"


def one_event(originator_id: UUID, version: int = 1) -> str:
    """A batch of one command with one event, as `append_commands` takes it."""
    nobody = str(UUID(int=0))
    command = {
        "n": 0,
        "id": str(uuid4()),
        "tenant_id": nobody,
        "account_id": nobody,
        "metadata": {},
    }
    event = {
        "command": 0,
        "place": 0,
        "originator_id": str(originator_id),
        "originator_version": version,
        "topic": "test.Happened",
        "state": "{}",
        "tenant_id": nobody,
    }
    return orjson.dumps({"commands": [command], "events": [event], "reads": []}).decode()


APPEND = "SELECT outcome, last_position FROM append_commands(%s::json)"


@pytest.fixture
def library_functions(database_url):
    """The library's own table and function, as POSTGRES_ENABLE_DB_FUNCTIONS makes them."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA theirs")
    with datastore_of(database_url, enable_db_functions=True, schema="theirs") as datastore:
        recorder = PostgresApplicationRecorder(datastore)
        recorder.create_table()
        yield


INSERT_THEIRS = """SELECT theirs.es_insert_events_uuid(
    ARRAY[ROW(gen_random_uuid(), 1, 'test.Happened', '')::theirs.stored_event_uuid])"""
SEEN_THEIRS = "SELECT notification_id FROM theirs.stored_events ORDER BY 1"


@pytest.mark.usefixtures("library_functions")
def test_without_a_lock_a_reader_passes_an_event_by(database_url):
    """The experiment for which POSTGRES_ENABLE_DB_FUNCTIONS is refused."""
    with (
        psycopg.connect(database_url) as slow,
        psycopg.connect(database_url) as quick,
        psycopg.connect(database_url, autocommit=True) as reader,
    ):
        slow.execute(INSERT_THEIRS)
        quick.execute(INSERT_THEIRS)
        quick.commit()
        assert reader.execute(SEEN_THEIRS).fetchall() == [(2,)]
        slow.commit()
        assert reader.execute(SEEN_THEIRS).fetchall() == [(1,), (2,)]


def test_with_our_append_the_second_waits_for_the_first(database_url):
    with (
        psycopg.connect(database_url) as slow,
        psycopg.connect(database_url) as quick,
        psycopg.connect(database_url, autocommit=True) as reader,
        ThreadPoolExecutor(1) as aside,
        closing(slow),
    ):
        assert slow.execute(APPEND, (one_event(uuid4()),)).fetchone() == ("stored", 1)
        waiting = aside.submit(lambda: quick.execute(APPEND, (one_event(uuid4()),)).fetchone())
        _until_somebody_waits_for_the_lock(reader)
        assert not waiting.done()
        assert reader.execute(TAIL, (0,)).fetchall() == []
        slow.commit()
        assert waiting.result(timeout=5) == ("stored", 2)
        assert reader.execute(TAIL, (0,)).fetchall() == [(1,)]
        quick.commit()
        assert reader.execute(TAIL, (0,)).fetchall() == [(1,), (2,)]


def test_a_position_that_was_rolled_back_is_given_again(database_url):
    with psycopg.connect(database_url) as connection:
        assert connection.execute(APPEND, (one_event(uuid4()),)).fetchone() == ("stored", 1)
        connection.rollback()
        assert connection.execute(APPEND, (one_event(uuid4()),)).fetchone() == ("stored", 1)
        connection.commit()


def test_many_writers_and_a_reader_that_misses_nothing(database_url, mapper):
    """Two processes with group commit and two plain connections write as fast as they can."""
    stop = Flag()
    with ThreadPoolExecutor(WRITERS + 1) as threads:
        reader = threads.submit(_tail, database_url, stop)
        writers = [
            *(threads.submit(_write_in_groups, database_url, mapper, seed) for seed in range(2)),
            *(threads.submit(_write_plainly, database_url, seed) for seed in range(2)),
        ]
        try:
            positions = [position for writer in writers for position in writer.result(timeout=30)]
        finally:
            stop.set()
        seen = reader.result(timeout=10)
    assert sorted(positions) == sorted(set(positions))
    assert len(seen) == 2 * COMMANDS * 2 + 2 * COMMANDS
    assert seen == list(range(1, len(seen) + 1))
    assert _versions_have_holes(database_url) == []


def _tail(database_url, stop):
    """Reads on after the last position it saw; what it passes by it never sees."""
    seen = []
    with psycopg.connect(database_url, autocommit=True) as connection:
        while True:
            last_look = stop.is_set()
            after = seen[-1] if seen else 0
            found = [row[0] for row in connection.execute(TAIL, (after,), prepare=True)]
            seen.extend(found)
            if last_look and not found:
                return seen


def _write_in_groups(database_url, mapper, seed):
    async def write():
        writer = GroupCommit(database_url, mapper)
        await writer.start()
        pending = [writer.append(_two_events()) for _ in range(COMMANDS)]
        positions = []
        size = Random(seed)
        while pending:
            some = [pending.pop() for _ in range(min(len(pending), size.randint(1, 9)))]
            positions.extend(await asyncio.gather(*some))
        await writer.stop()
        return positions

    return asyncio.run(write())


def _two_events():
    somebody = person(uuid4())
    with happening_at(NOW):
        somebody.deactivate()
    return append_of(somebody)


def _write_plainly(database_url, seed):
    streams = [uuid4() for _ in range(3)]
    versions = dict.fromkeys(streams, 0)
    choice = Random(seed)
    positions = []
    with psycopg.connect(database_url, autocommit=True) as connection:
        for _ in range(COMMANDS):
            stream = choice.choice(streams)
            versions[stream] += 1
            event = one_event(stream, versions[stream])
            outcome, position = connection.execute(APPEND, (event,), prepare=True).fetchone()
            assert outcome == "stored"
            positions.append(position)
    return positions


def _versions_have_holes(database_url):
    with psycopg.connect(database_url) as connection:
        return connection.execute(
            "SELECT originator_id FROM stored_events GROUP BY originator_id "
            "HAVING count(*) <> max(originator_version)"
        ).fetchall()


def _until_somebody_waits_for_the_lock(connection):
    deadline = monotonic() + 2
    while monotonic() < deadline:
        if connection.execute(
            "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        ).fetchone():
            return
    raise AssertionError("nobody waits for the lock")


async def test_a_log_of_another_database_does_not_wait(database_url, writer):
    with psycopg.connect(database_url.rsplit("/", 1)[0] + "/postgres") as elsewhere:
        elsewhere.execute("SELECT pg_advisory_lock(hashtext('opstream.append'))")
        assert await asyncio.wait_for(writer.append(append_of(unit())), timeout=1) == 1
