"""Declaring makes what is missing, heals what differs, and leaves the rest alone."""

import pytest
from nats.js.api import ConsumerConfig, DiscardPolicy, StorageType, StreamConfig

from infrastructure.nats.streams import STREAM, Shape, declare
from infrastructure.settings import Settings

SHAPE = Shape.of(Settings(stream_days=3))


@pytest.fixture
def js(link):
    return link.jetstream()


async def test_the_stream_is_durable_and_never_discards_silently(link, js):
    await declare(link, SHAPE, ["test"])
    config = (await js.stream_info(STREAM)).config
    assert config.subjects == ["events.>"]
    assert config.storage == StorageType.FILE
    assert config.discard == DiscardPolicy.NEW
    assert config.max_age == 3 * 86_400
    assert config.duplicate_window == 120
    assert config.num_replicas == 1
    consumer = (await js.consumer_info(STREAM, "test")).config
    assert consumer.ack_policy == "all"
    assert consumer.max_deliver == -1


async def test_declaring_again_keeps_the_messages(link, js):
    await declare(link, SHAPE, ["test"])
    await js.publish("events.t.a.B", b"{}")
    before = await js.stream_info(STREAM)
    await declare(link, SHAPE, ["test"])
    after = await js.stream_info(STREAM)
    assert (after.created, after.state.messages) == (before.created, 1)


async def test_what_differs_is_healed_in_place(link, js):
    await js.add_stream(
        StreamConfig(name=STREAM, subjects=["events.>"], storage="file", max_age=60.0)
    )
    await js.publish("events.t.a.B", b"{}")
    await js.add_consumer(STREAM, ConsumerConfig(durable_name="test", ack_wait=5.0, max_deliver=2))
    await declare(link, SHAPE, ["test"])
    info = await js.stream_info(STREAM)
    assert info.config.discard == DiscardPolicy.NEW
    assert info.config.max_age == 3 * 86_400
    assert info.state.messages == 1
    consumer = (await js.consumer_info(STREAM, "test")).config
    assert (consumer.ack_wait, consumer.max_deliver) == (30.0, -1)


async def test_what_can_not_be_changed_is_made_anew(link, js):
    await js.add_stream(StreamConfig(name=STREAM, subjects=["events.>"], storage="memory"))
    await js.add_consumer(
        STREAM, ConsumerConfig(durable_name="test", deliver_subject="pushed.to.me")
    )
    await declare(link, SHAPE, ["test"])
    assert (await js.stream_info(STREAM)).config.storage == StorageType.FILE
    assert (await js.consumer_info(STREAM, "test")).config.deliver_subject is None
