"""NATS is killed and its store deleted, while everything runs."""

import shutil

from infrastructure.nats.consumer import checkpoint_of
from tests.infrastructure.nats.support import (
    Taken,
    checkpoint,
    consumer,
    eventually,
    relay,
    running,
    store_people,
)


def lose(server, *, store):
    server._child.kill()
    if store:
        shutil.rmtree(server.store_dir)
    server.start_child()


async def test_everything_arrives_exactly_once_when_the_store_is_deleted(database_url, own_nats):
    taken = Taken(database_url)
    async with running(
        relay(database_url, own_nats.url, "test"), consumer(database_url, own_nats.url, taken)
    ):
        store_people(database_url, 400)
        await eventually(lambda: checkpoint(database_url, "relay") >= 100)
        lose(own_nats, store=True)
        store_people(database_url, 100)
        await eventually(lambda: taken.count >= 500, seconds=5)
        store_people(database_url, 1)
        await eventually(lambda: taken.count >= 501, seconds=1)
    assert taken.positions == list(range(1, 502))
    assert checkpoint(database_url, checkpoint_of("test")) == 501


async def test_a_consumer_that_was_away_gets_what_the_lost_store_held(database_url, own_nats):
    taken = Taken(database_url)
    async with running(relay(database_url, own_nats.url)):
        store_people(database_url, 300)
        await eventually(lambda: checkpoint(database_url, "relay") == 300)
        lose(own_nats, store=True)
        async with running(consumer(database_url, own_nats.url, taken)):
            await eventually(lambda: taken.count >= 300, seconds=5)
    assert taken.positions == list(range(1, 301))


async def test_a_stream_that_nats_can_not_read_back_is_made_anew(database_url, own_nats):
    taken = Taken(database_url)
    async with running(
        relay(database_url, own_nats.url, "test"), consumer(database_url, own_nats.url, taken)
    ):
        store_people(database_url, 200)
        await eventually(lambda: taken.count >= 100)
        own_nats._child.kill()
        (described,) = own_nats.store_dir.rglob("EVENTS/meta.inf")
        described.write_bytes(b"")
        own_nats.start_child()
        store_people(database_url, 100)
        await eventually(lambda: taken.count >= 300, seconds=5)
    assert taken.positions == list(range(1, 301))


async def test_a_restart_of_nats_loses_and_doubles_nothing(database_url, own_nats):
    taken = Taken(database_url)
    async with running(
        relay(database_url, own_nats.url), consumer(database_url, own_nats.url, taken)
    ):
        store_people(database_url, 200)
        lose(own_nats, store=False)
        store_people(database_url, 200)
        await eventually(lambda: taken.count >= 400, seconds=5)
    assert taken.positions == list(range(1, 401))
