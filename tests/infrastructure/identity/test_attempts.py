"""Attempts to log in: five in any minute, per account and per address."""

import limits.aio.storage.memory
import pytest
from limits.errors import StorageError

from domain.shared.errors import Unavailable
from infrastructure.identity import attempts as module
from infrastructure.identity.attempts import TooManyAttempts, attempts
from infrastructure.settings import Settings, WrongSettingsError


@pytest.fixture
def clock(monkeypatch):
    """Moves when told to."""

    class Clock:
        now = 1_000_000.0

        def __call__(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(limits.aio.storage.memory.time, "time", clock)
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def counted():
    return attempts(Settings())


async def spend(counted, number, email="a@b.test", address="1"):
    for _ in range(number):
        await counted.count(email, address)


async def test_five_in_a_minute_and_no_more(counted, clock):
    left = [(await counted.count("a@b.test", str(n))).remaining for n in range(5)]
    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(TooManyAttempts) as told:
        await counted.count("a@b.test", "other")
    assert told.value.retry_after == 60
    assert told.value.allowance.headers() == {
        "RateLimit-Limit": "5",
        "RateLimit-Remaining": "0",
        "RateLimit-Reset": "60",
    }
    assert clock.now == 1_000_000


async def test_the_window_moves(counted, clock):
    """Not five before the minute's turn and five after it."""
    await spend(counted, 1)
    clock.now += 40
    await spend(counted, 4)
    clock.now += 19
    with pytest.raises(TooManyAttempts) as told:
        await spend(counted, 1)
    assert told.value.retry_after == 1
    clock.now += 2
    assert (await counted.count("a@b.test", "1")).remaining == 0
    with pytest.raises(TooManyAttempts):
        await spend(counted, 1)


async def test_an_account_is_one_however_it_is_written(counted, clock):
    for number, email in enumerate(["a@b.test", "A@B.test", " a@b.TEST ", "a@b.test", "a@b.test"]):
        await counted.count(email, str(number))
    with pytest.raises(TooManyAttempts):
        await counted.count("a@B.test", "9")
    assert clock.now


async def test_an_address_is_counted_whomever_it_names(counted, clock):
    for number in range(5):
        await counted.count(f"{number}@b.test", "1")
    with pytest.raises(TooManyAttempts):
        await counted.count("5@b.test", "1")
    assert (await counted.count("5@b.test", "2")).remaining == 4
    assert clock.now


async def test_an_address_that_is_refused_spends_nobodys_attempts(counted, clock):
    await spend(counted, 5, email="mallory@b.test", address="1")
    for _ in range(10):
        with pytest.raises(TooManyAttempts):
            await counted.count("ana@b.test", "1")
    assert (await counted.count("ana@b.test", "2")).remaining == 4
    assert clock.now


async def test_what_is_counted_names_nobody(counted):
    await counted.count("ana@b.test", "1")
    assert "ana" not in str(counted._limiter.storage.events.keys())


async def test_counters_that_can_not_be_reached_are_said_to_be(counted, monkeypatch):
    async def gone(*_):
        raise StorageError(ConnectionError("redis://:secret@host"))

    monkeypatch.setattr(counted._limiter, "hit", gone)
    with pytest.raises(Unavailable) as told:
        await counted.count("a@b.test", "1")
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("login_rate", "often"),
        ("login_rate", ""),
        ("rate_limit_storage_url", "memory://"),
        ("rate_limit_storage_url", "carrier-pigeon://"),
        ("rate_limit_storage_url", ""),
    ],
)
def test_a_setting_that_can_not_be_read_is_one_line(setting, value):
    with pytest.raises(WrongSettingsError) as told:
        attempts(Settings(**{setting: value}))
    assert str(told.value).startswith(f"OPSTREAM_{setting.upper()}")
    assert "\n" not in str(told.value)
