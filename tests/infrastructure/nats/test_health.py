"""Whether JetStream works, asked again and again."""

import pytest
from nats.errors import NoServersError
from nats.errors import TimeoutError as NatsTimeoutError

from infrastructure.nats.connection import Told
from infrastructure.nats.health import Health, _config
from tests.support.logs import logged


async def test_a_round_trip_is_stored_and_says_nothing(nats_url, link):
    health = Health(nats_url)
    with logged() as lines:
        await health.round_trip()
        await health.round_trip()
    assert lines == []
    info = await link.jetstream().stream_info("HEALTH")
    assert info.state.messages == 1


async def test_it_comes_back_after_the_stream_is_lost(nats_url, link):
    health = Health(nats_url)
    await health.round_trip()
    await link.jetstream().delete_stream("HEALTH")
    await health.round_trip()


async def test_the_stream_has_the_copies_of_the_settings(nats_url, link):
    assert _config(3).num_replicas == 3
    js = link.jetstream()
    await Health(nats_url).round_trip()
    changed = []

    class Spy:
        def __getattr__(self, name):
            return getattr(js, name)

        async def update_stream(self, config):
            changed.append(config.num_replicas)

    await Health(nats_url, replicas=3)._declare(Spy())
    await Health(nats_url, replicas=1)._declare(Spy())
    assert changed == [3]


async def test_an_outage_is_told_once_for_each_kind_of_error():
    told = Told("test")
    with logged() as lines:
        for _ in range(3):
            await told.error(NoServersError())
            await told.error(NatsTimeoutError())
        assert [line["error"] for line in lines] == ["NoServersError", "TimeoutError"]
        await told.reconnected()
        await told.error(NoServersError())
    assert [line["event"] for line in lines[2:]] == ["nats.reconnected", "nats.error"]


async def test_who_asks_again_and_again_tells_an_outage_once():
    health = Health("nats://127.0.0.1:1")
    with logged() as lines:
        for _ in range(2):
            with pytest.raises(TimeoutError):
                await health.round_trip(timeout=0.5)
    assert len(lines) == 1


async def test_a_connection_that_is_lost_is_told():
    with logged() as lines:
        await Told("test").disconnected()
    assert [line["event"] for line in lines] == ["nats.disconnected"]
