"""An aggregate is owned by one decision at a time."""

import asyncio
from time import monotonic

import pytest

from infrastructure.event_store import cache as module
from infrastructure.event_store.cache import AggregateCache
from tests.support.scheduling import ANA, BEN, NOBODY, TENANT, person


@pytest.fixture
def cache():
    return AggregateCache(capacity=2)


@pytest.fixture
def ana(cache):
    ana = person(ANA)
    cache.give_back(ana, TENANT)
    return ana


def older_and_newer():
    return person(ANA), person(ANA, active=False)


async def test_what_is_given_back_can_be_looked_at_and_taken(cache, ana):
    assert cache.peek(ANA) == (TENANT, ana)
    assert await cache.take(ANA) == (TENANT, ana)


async def test_what_is_taken_is_gone(cache, ana):
    await cache.take(ana.id)
    assert cache.peek(ana.id) is None
    assert len(cache) == 0


async def test_what_is_not_known_is_none(cache):
    assert cache.peek(NOBODY) is None
    assert await cache.take(NOBODY) is None


async def test_who_comes_second_waits_for_the_newest_state(cache, ana):
    await cache.take(ana.id)
    second = asyncio.create_task(cache.take(ana.id))
    await asyncio.sleep(0.01)
    assert not second.done()
    cache.give_back(ana, TENANT)
    assert (await second)[1] is ana


async def test_those_who_wait_are_called_in_turn(cache, ana):
    served = []

    async def serve(name):
        _, taken = await cache.take(ana.id)
        served.append(name)
        await asyncio.sleep(0)
        cache.give_back(taken, TENANT)

    await asyncio.gather(*(serve(number) for number in range(5)))
    assert served == [0, 1, 2, 3, 4]


async def test_who_waits_too_long_goes_on_alone(cache, ana, monkeypatch):
    monkeypatch.setattr(module, "TURN", 0.02)
    await cache.take(ana.id)
    started = monotonic()
    assert await cache.take(ana.id) is None
    assert monotonic() - started > 0.01


async def test_who_waits_in_a_queue_that_moves_gets_a_turn_however_long_it_takes(
    cache, ana, monkeypatch
):
    monkeypatch.setattr(module, "TURN", 0.2)
    cache.give_back(ana, TENANT)
    await cache.take(ana.id)

    async def hold():
        _, taken = await cache.take(ana.id)
        await asyncio.sleep(0.05)
        cache.give_back(taken, TENANT)

    waiting = [asyncio.create_task(hold()) for _ in range(10)]
    await asyncio.sleep(0)
    cache.give_back(ana, TENANT)
    await asyncio.gather(*waiting)


async def test_who_finds_nothing_owns_what_the_log_says(cache):
    assert await cache.take(ANA) is None
    ana = person(ANA)
    cache.own(ana)
    second = asyncio.create_task(cache.take(ANA))
    await asyncio.sleep(0)
    cache.give_back(ana, TENANT)
    assert (await second)[1] is ana


async def test_when_there_is_nothing_the_next_may_look_at_once(cache):
    await cache.take(ANA)
    second = asyncio.create_task(cache.take(ANA))
    await asyncio.sleep(0)
    cache.release(ANA)
    async with asyncio.timeout(0.1):
        assert await second is None


async def test_what_is_dropped_is_not_known_any_more(cache, ana):
    await cache.take(ana.id)
    second = asyncio.create_task(cache.take(ana.id))
    await asyncio.sleep(0)
    cache.forget(ana)
    async with asyncio.timeout(0.1):
        assert await second is None


async def test_the_newest_state_stays_whoever_comes_last(cache):
    older, newer = older_and_newer()
    cache.give_back(newer, TENANT)
    cache.give_back(older, TENANT)
    assert cache.peek(ANA) == (TENANT, newer)


async def test_dropping_a_stale_copy_keeps_the_newer_one(cache):
    older, newer = older_and_newer()
    cache.give_back(newer, TENANT)
    cache.forget(older)
    assert cache.peek(ANA) == (TENANT, newer)


async def test_who_went_on_alone_does_not_end_the_ownership_of_another(cache, ana, monkeypatch):
    monkeypatch.setattr(module, "TURN", 0.01)
    await cache.take(ana.id)
    assert await cache.take(ana.id) is None
    copy = person(ANA)
    cache.own(copy)
    cache.give_back(copy, TENANT)
    fourth = asyncio.create_task(cache.take(ana.id))
    await asyncio.sleep(0)
    assert not fourth.done()
    cache.give_back(ana, TENANT)
    assert await fourth is not None


async def test_nobody_steps_in_between_who_gives_back_and_who_waits(cache, ana):
    cache.give_back(ana, TENANT)
    await cache.take(ana.id)
    waiting = asyncio.create_task(cache.take(ana.id))
    await asyncio.sleep(0)
    cache.give_back(ana, TENANT)
    barging = asyncio.create_task(cache.take(ana.id))
    assert await waiting == (TENANT, ana)
    await asyncio.sleep(0)
    assert not barging.done()
    cache.give_back(ana, TENANT)
    await barging


async def test_who_is_cancelled_with_the_turn_in_hand_passes_it_on(cache, ana):
    cache.give_back(ana, TENANT)
    await cache.take(ana.id)
    gone = asyncio.create_task(cache.take(ana.id))
    waiting = asyncio.create_task(cache.take(ana.id))
    await asyncio.sleep(0)
    cache.give_back(ana, TENANT)
    gone.cancel()
    assert await waiting == (TENANT, ana)


async def test_what_was_only_looked_at_is_forgotten_without_its_owner(cache, ana):
    cache.give_back(ana, TENANT)
    await cache.take(ana.id)
    cache.evict(ana)
    waiting = asyncio.create_task(cache.take(ana.id))
    await asyncio.sleep(0)
    assert not waiting.done()
    cache.give_back(ana, TENANT)
    await waiting


async def test_the_least_recently_used_is_forgotten_first(cache, ana):
    cache.give_back(person(BEN), TENANT)
    cache.peek(ana.id)
    cache.give_back(person(NOBODY), TENANT)
    assert (cache.peek(ANA) is None, cache.peek(BEN) is None) == (False, True)
    assert len(cache) == 2


async def test_who_stops_waiting_leaves_no_trace(cache, ana):
    await cache.take(ana.id)
    impatient = asyncio.create_task(cache.take(ana.id))
    patient = asyncio.create_task(cache.take(ana.id))
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.sleep(0)
    cache.give_back(ana, TENANT)
    assert (await patient)[1] is ana
    assert cache._queues == {}
