"""What the relay publishes, in which order, and how far it says it has come."""

import asyncio

import orjson

from infrastructure.nats.streams import STREAM, SUBJECTS
from tests.infrastructure.nats.support import (
    ACTOR,
    TENANT,
    checkpoint,
    events_of,
    eventually,
    person,
    query,
    relay,
    running,
    store,
    store_people,
)


async def published(link, count):
    """The first messages of the stream."""
    messages = []

    async def keep(message):
        messages.append(message)

    subscription = await link.jetstream().subscribe(SUBJECTS, cb=keep, ordered_consumer=True)
    await eventually(lambda: len(messages) >= count)
    await subscription.unsubscribe()
    return messages


async def test_events_are_published_in_the_order_of_the_log(database_url, nats_url, link):
    last = store_people(database_url, 700)
    async with running(relay(database_url, nats_url)):
        await eventually(lambda: checkpoint(database_url, "relay") == last)
    messages = await published(link, last)
    assert [int(message.headers["Nats-Msg-Id"]) for message in messages] == [*range(1, last + 1)]
    assert len({message.headers["Nats-Batch-Id"] for message in messages}) == 3


async def test_what_the_server_remembers_from_before_is_not_stored_again(
    database_url, nats_url, link
):
    store_people(database_url, 40)
    async with running(relay(database_url, nats_url)):
        await eventually(lambda: checkpoint(database_url, "relay") == 40)
    # As if the relay had died before it wrote down what was acknowledged.
    query(database_url, "UPDATE checkpoints SET position = 20 WHERE name = 'relay' RETURNING 1")
    last = store_people(database_url, 40)
    async with running(relay(database_url, nats_url)):
        await eventually(lambda: checkpoint(database_url, "relay") == last)
    state = (await link.jetstream().stream_info(STREAM)).state
    assert (last, state.messages) == (80, 80)


async def test_a_message_is_a_cloud_event_with_the_state_as_stored(database_url, nats_url, link):
    ana = person()
    store(database_url, events_of(ana), command="AddPerson", causation_id="cause")
    async with running(relay(database_url, nats_url)):
        await eventually(lambda: checkpoint(database_url, "relay") == 1)
    (message,) = await published(link, 1)
    state, recorded_at = query(database_url, "SELECT state, recorded_at FROM stored_events")[0]
    assert message.subject == f"events.{TENANT}.scheduling.PersonAdded"
    body = orjson.loads(message.data)
    assert body.pop("commandid")
    assert body == {
        "specversion": "1.0",
        "id": "1",
        "source": "opstream",
        "type": "scheduling.PersonAdded",
        "subject": str(ana.id),
        "time": recorded_at.isoformat(),
        "datacontenttype": "application/json",
        "tenantid": str(TENANT),
        "aggregateversion": 1,
        "actor": str(ACTOR),
        "command": "AddPerson",
        "requestid": "request",
        "correlationid": "correlation",
        "causationid": "cause",
        "data": orjson.loads(state),
    }
    assert state in message.data


async def test_new_events_follow_while_it_runs(database_url, nats_url):
    async with running(relay(database_url, nats_url)):
        store_people(database_url, 3)
        await eventually(lambda: checkpoint(database_url, "relay") == 3)
        store_people(database_url, 2)
        await eventually(lambda: checkpoint(database_url, "relay") == 5, seconds=0.9)


async def test_only_one_relay_publishes(database_url, nats_url, link):
    async with running(relay(database_url, nats_url), relay(database_url, nats_url)):
        store_people(database_url, 50)
        await eventually(lambda: checkpoint(database_url, "relay") == 50)
        await asyncio.sleep(0.1)
    state = (await link.jetstream().stream_info("EVENTS")).state
    assert state.messages == 50


async def test_the_checkpoint_stops_before_what_is_not_acknowledged(
    database_url, nats_url, link, monkeypatch
):
    """The third publish of a window is lost on its way: 4 and 5 are stored, yet not counted."""
    store_people(database_url, 5)
    part = relay(database_url, nats_url)
    seen = []
    original = part._message

    def lose_the_third(entry, client):
        outgoing = original(entry, client)
        if entry.position == 3 and not seen:
            seen.append(checkpoint(database_url, "relay"))
            return type(outgoing)("nowhere.at.all", outgoing.payload, outgoing.message_id)
        if entry.position == 3:
            seen.append(checkpoint(database_url, "relay"))
        return outgoing

    monkeypatch.setattr(part, "_message", lose_the_third)
    async with running(part):
        await eventually(lambda: checkpoint(database_url, "relay") == 5)
    assert seen == [0, 2]
    positions = sorted(int(m.headers["Nats-Msg-Id"]) for m in await published(link, 5))
    assert positions == [1, 2, 3, 4, 5]


async def test_an_event_too_large_to_send_travels_as_a_reference(
    database_url, nats_url, link, monkeypatch
):
    store_people(database_url, 1)
    monkeypatch.setattr("infrastructure.nats.relay._ENVELOPE_ROOM", 8 * 1024 * 1024 - 300)
    async with running(relay(database_url, nats_url)):
        await eventually(lambda: checkpoint(database_url, "relay") == 1)
    body = orjson.loads((await published(link, 1))[0].data)
    assert "data" not in body
    assert body["dataref"] == "/log/1"
