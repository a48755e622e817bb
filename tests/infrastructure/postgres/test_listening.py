"""What is announced is heard, also after the line was lost."""

import asyncio
from time import monotonic

import pytest

from infrastructure.postgres import listening, watch
from infrastructure.postgres.listening import Listener
from infrastructure.postgres.watch import ProjectionWatch
from tests.infrastructure.postgres.conftest import eventually
from tests.support.logs import logged
from tests.support.waiting import sooner_than

TERMINATE = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND datname = current_database()"""


async def announce(connection, channel, payload=""):
    await connection.execute("SELECT pg_notify(%s, %s)", (channel, str(payload)))


async def connected(listener):
    async def is_it():
        return listener.connected

    await eventually(is_it)


@pytest.fixture
async def heard():
    return []


@pytest.fixture
async def listener(database_url, heard):
    async with Listener(database_url, "news", heard.append) as listener:
        await connected(listener)
        assert await listener.wait(1)
        yield listener


async def test_what_is_announced_is_heard(listener, heard, connection):
    await announce(connection, "news", "first")
    assert await listener.wait(1)
    assert heard == ["first"]


async def test_what_is_announced_elsewhere_is_not(listener, heard, connection):
    await announce(connection, "gossip", "nothing for us")
    assert not await listener.wait(0.05)
    assert heard == []


async def test_news_is_news_once(listener, connection):
    await announce(connection, "news")
    assert await listener.wait(1)
    assert not await listener.wait(0.01)


async def test_who_listens_looks_once_after_every_connection(listener, connection):
    await connection.execute(TERMINATE)
    assert await listener.wait(2)


async def test_a_listener_that_was_thrown_out_comes_back(listener, heard, connection):
    await connection.execute(TERMINATE)
    await listener.wait(2)
    await connected(listener)
    await announce(connection, "news", "after all")
    assert await listener.wait(1)
    assert heard == ["after all"]


async def test_silence_is_probed_and_nothing_is_lost_meanwhile(
    database_url, heard, connection, monkeypatch
):
    monkeypatch.setattr(listening, "_PROBE", 0.01)
    async with Listener(database_url, "news", heard.append) as listener:
        await connected(listener)
        for number in range(20):
            await asyncio.sleep(0.006)
            await announce(connection, "news", number)
        await announce(connection, "news", "last")

        async def has_heard_the_last():
            return heard[-1:] == ["last"]

        await eventually(has_heard_the_last)
    assert heard == [*map(str, range(20)), "last"]


@pytest.fixture
async def watching(database_url):
    async with ProjectionWatch(database_url) as watching:
        await connected(watching._listener)
        yield watching


async def test_a_position_is_reached_when_it_is_announced(watching, connection):
    waiting = [asyncio.create_task(watching.reached(position, 2)) for position in (7, 5, 6)]
    await asyncio.sleep(0)
    await announce(connection, "opstream_projected", 6)
    assert await waiting[1]
    assert await waiting[2]
    assert not waiting[0].done()
    await announce(connection, "opstream_projected", 7)
    assert await waiting[0]
    assert watching.position == 7


async def test_a_position_that_was_passed_is_reached_at_once(watching, connection):
    await announce(connection, "opstream_projected", 9)
    assert await watching.reached(9, 2)
    assert await watching.reached(3, 0)


async def test_a_position_does_not_go_back(watching, connection):
    await announce(connection, "opstream_projected", 9)
    await watching.reached(9, 2)
    await announce(connection, "opstream_projected", 4)
    await announce(connection, "opstream_projected", 10)
    assert await watching.reached(10, 2)


async def test_patience_ends(watching):
    started = monotonic()
    assert not await watching.reached(1, 0.02)
    assert monotonic() - started > 0.015


async def test_who_gave_up_is_not_in_the_way_of_others(watching, connection):
    assert not await watching.reached(1, 0)
    still_waiting = asyncio.create_task(watching.reached(1, 2))
    await asyncio.sleep(0)
    await announce(connection, "opstream_projected", 1)
    assert await still_waiting


async def test_a_projector_that_is_silent_is_down(watching, monkeypatch):
    monkeypatch.setattr(watch, "SILENCE", 0)
    assert watching.is_down
    with sooner_than(30):
        assert not await watching.reached(1, 30)


async def test_a_position_that_is_far_ahead_is_not_waited_for(watching, connection):
    await announce(connection, "opstream_projected", 9)
    assert await watching.reached(9, 2)
    with sooner_than(30):
        assert not await watching.reached(9 + watch.FAR + 1, 30)


async def test_a_read_model_that_begins_from_zero_is_far_behind_too(watching, connection):
    await announce(connection, "opstream_projected", 2 * watch.FAR)
    assert await watching.reached(2 * watch.FAR, 2)
    await announce(connection, "opstream_projected", 0)

    async def knows():
        return watching.is_far_from(2 * watch.FAR + 1)

    await eventually(knows)
    with sooner_than(30):
        assert not await watching.reached(2 * watch.FAR + 1, 30)


async def test_without_a_line_the_projector_counts_as_down(database_url):
    deaf = ProjectionWatch(database_url)
    assert deaf.is_down
    assert not await deaf.reached(1, 2)


async def test_what_is_not_understood_is_told_and_the_next_is_heard(database_url, connection):
    numbers = []
    with logged() as lines:
        async with Listener(database_url, "news", lambda said: numbers.append(int(said))) as one:
            await connected(one)
            await announce(connection, "news", "hyacinth")
            await announce(connection, "news", 7)

            async def has_heard():
                return numbers == [7]

            await eventually(has_heard)
    assert [(line["event"], line["error"]) for line in lines] == [
        ("listen.not_understood", "ValueError")
    ]


async def test_whatever_fails_it_listens_again(database_url, monkeypatch):
    listen = Listener._listen

    async def fail(_):
        monkeypatch.setattr(Listener, "_listen", listen)
        raise OSError

    monkeypatch.setattr(Listener, "_listen", fail)
    async with Listener(database_url, "news") as listener:
        await connected(listener)
