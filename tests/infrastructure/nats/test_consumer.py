"""Every event once and in order, whatever the stream does."""

import asyncio

import psycopg
import pytest

from infrastructure.event_store.reader import read_after
from infrastructure.nats.cloud_events import decode, encode, subject_of
from infrastructure.nats.consumer import BATCH, Consumer, checkpoint_of
from infrastructure.nats.streams import STREAM, declare
from tests.infrastructure.nats.support import (
    SHAPE,
    checkpoint,
    consumer,
    eventually,
    query,
    relay,
    running,
    store_people,
)


async def test_a_consumer_takes_every_event_once_and_in_order(database_url, nats_url, taken):
    last = store_people(database_url, 900)
    async with running(relay(database_url, nats_url), consumer(database_url, nats_url, taken)):
        await eventually(lambda: taken.count >= last)
    assert taken.positions == list(range(1, last + 1))
    assert checkpoint(database_url, checkpoint_of("test")) == last


async def test_shuffled_and_repeated_messages_take_effect_once_in_order(
    database_url, nats_url, link, taken
):
    store_people(database_url, 6)
    query(database_url, "INSERT INTO checkpoints VALUES ('relay', 6)")
    await declare(link, SHAPE)
    entries = {entry.position: entry for entry in await _entries(database_url)}
    for n, position in enumerate([2, 2, 1, 6, 5, 5, 3, 1, 4, 6]):
        entry = entries[position]
        await link.jetstream().publish(
            subject_of(entry), encode(entry, 10**6), headers={"Nats-Msg-Id": f"shuffled {n}"}
        )
    async with running(consumer(database_url, nats_url, taken)):
        await eventually(lambda: taken.count >= 6)
        await asyncio.sleep(0.1)
    assert taken.positions == [1, 2, 3, 4, 5, 6]


async def test_a_message_missing_from_the_stream_is_published_again(
    database_url, nats_url, link, taken
):
    store_people(database_url, 20)
    async with running(relay(database_url, nats_url)):
        await eventually(lambda: checkpoint(database_url, "relay") == 20)
        await link.jetstream().delete_msg(STREAM, 7)
        async with running(consumer(database_url, nats_url, taken)):
            await eventually(lambda: taken.count >= 20)
    assert taken.positions == list(range(1, 21))


async def test_a_lost_end_of_the_stream_is_published_again(database_url, nats_url, link, taken):
    """Nothing comes after it that would show the gap."""
    store_people(database_url, 5)
    async with running(relay(database_url, nats_url)):
        await eventually(lambda: checkpoint(database_url, "relay") == 5)
        await link.jetstream().purge_stream(STREAM)
        async with running(consumer(database_url, nats_url, taken)):
            await eventually(lambda: taken.count >= 5)
    assert taken.positions == [1, 2, 3, 4, 5]


async def test_a_poisonous_event_is_parked_and_the_rest_goes_on(database_url, nats_url, taken):
    taken.poison = {4}
    store_people(database_url, 9)
    async with running(relay(database_url, nats_url), consumer(database_url, nats_url, taken)):
        await eventually(lambda: taken.count >= 8)
    assert taken.positions == [1, 2, 3, 5, 6, 7, 8, 9]
    parked = query(database_url, "SELECT consumer, position, topic, error FROM parked_messages")
    assert parked == [
        ("test", 4, "scheduling.PersonAdded", "ValueError('position 4 is poison')"),
    ]
    assert taken.tries == 1 + 5
    assert checkpoint(database_url, checkpoint_of("test")) == 9


async def test_an_event_whose_state_is_no_json_holds_nobody_up(database_url, nats_url, taken):
    store_people(database_url, 1)
    query(
        database_url,
        "INSERT INTO stored_events SELECT gen_random_uuid(), 1, topic, '{\"name\": ', 2, "
        "tenant_id, command_id, metadata, recorded_at FROM stored_events",
    )
    store_people(database_url, 1)
    async with running(relay(database_url, nats_url), consumer(database_url, nats_url, taken)):
        await eventually(lambda: taken.count >= 3)
    assert taken.positions == [1, 2, 3]


@pytest.mark.parametrize(
    "nonsense", [b"", b"{", b"[]", b"null", b"{}", b'{"id": []}', b'{"id": 1, "subject": 2}']
)
def test_what_is_not_an_event_is_told_from_one(nonsense):
    with pytest.raises(ValueError, match=r"."):
        decode(nonsense)


async def test_a_lost_database_connection_is_renewed_and_nothing_doubled(
    database_url, nats_url, taken
):
    async with running(relay(database_url, nats_url), consumer(database_url, nats_url, taken)):
        for _ in range(3):
            store_people(database_url, 100)
            await asyncio.sleep(0.1)
            query(
                database_url,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
        await eventually(lambda: taken.count >= 300, seconds=6)
    assert taken.positions == list(range(1, 301))


async def test_the_state_of_a_large_event_is_read_from_the_log(database_url, nats_url, monkeypatch):
    states = []

    async def keep(_connection, events):
        states.extend(event.state for event in events)

    store_people(database_url, 1)
    monkeypatch.setattr("infrastructure.nats.relay._ENVELOPE_ROOM", 8 * 1024 * 1024 - 300)
    async with running(relay(database_url, nats_url), consumer(database_url, nats_url, keep)):
        await eventually(lambda: states)
    assert states == [query(database_url, "SELECT state FROM stored_events")[0][0]]


async def _entries(database_url):
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        return await read_after(connection, 0, 1000)


class Nonsense:
    """Is acknowledged and forgotten."""

    data = b"{"
    subject = "events.nonsense"

    async def ack(self):
        pass


class Pulled:
    def __init__(self, *counts):
        self.counts = list(counts)
        self.lingers = []

    async def batch(self, _limit, _wait, linger):
        self.lingers.append(linger)
        return [Nonsense()] * self.counts.pop(0)


async def test_it_gathers_for_longer_the_more_came_but_not_in_a_flood():
    pulled = Pulled(1, 200, BATCH, 0)
    taking = Consumer("audit", None, "postgresql://nowhere", "", None)
    for _ in range(4):
        await taking._pull(None, pulled)
    first, after_one, after_many, after_a_full_one = pulled.lingers
    assert first < after_one < after_many
    assert after_a_full_one == first
