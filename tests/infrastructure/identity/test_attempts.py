"""Attempts to log in: five in any minute, per account and per address, wherever they count."""

import asyncio
from datetime import timedelta

import psycopg
import pytest
from limits.errors import StorageError

from domain.shared.errors import Unavailable
from infrastructure.identity.attempts import TooManyAttempts, attempts, rate_of, storage_of
from infrastructure.settings import Settings, WrongSettingsError
from tests.infrastructure.identity.conftest import _connected

AGE = """
UPDATE login_attempts SET expires_at = expires_at - %(by)s,
    moments = ARRAY(SELECT moment - %(by)s FROM unnest(moments) AS moment)
"""


class Database:
    """As it comes."""

    def __init__(self, pool):
        self.counted = attempts(Settings(), pool)
        self._pool = pool

    async def pass_by(self, seconds):
        """As if everything had been that much earlier: the clock is the database's."""
        async with self._pool.connection() as connection:
            await connection.execute(AGE, {"by": timedelta(seconds=seconds)})

    async def keys(self):
        async with self._pool.connection() as connection:
            cursor = await connection.execute("SELECT key FROM login_attempts")
            return [key for (key,) in await cursor.fetchall()]


class Memory:
    """For every store of the `limits` library."""

    def __init__(self, pool):
        self.counted = attempts(Settings(rate_limit_storage_url="async+memory://"), pool)
        self._storage = self.counted._window._limiter.storage

    async def pass_by(self, seconds):
        for entry in {id(e): e for each in self._storage.events.values() for e in each}.values():
            entry.atime -= seconds
            entry.expiry -= seconds

    async def keys(self):
        return list(self._storage.events)


@pytest.fixture(params=[Database, Memory])
async def where(request, pool):
    return request.param(pool)


@pytest.fixture
def counted(where):
    return where.counted


async def spend(counted, number, email="a@b.test", address="1"):
    for _ in range(number):
        await counted.count(email, address)


async def test_five_in_a_minute_and_no_more(counted):
    left = [(await counted.count("a@b.test", str(n))).remaining for n in range(5)]
    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(TooManyAttempts) as told:
        await counted.count("a@b.test", "other")
    wait = told.value.retry_after
    assert 50 <= wait <= 60
    assert told.value.allowance.headers() == {
        "RateLimit-Limit": "5",
        "RateLimit-Remaining": "0",
        "RateLimit-Reset": str(wait),
    }


async def test_the_window_moves(counted, where):
    """Not five before the minute's turn and five after it."""
    await spend(counted, 1)
    await where.pass_by(30)
    await spend(counted, 4)
    with pytest.raises(TooManyAttempts) as told:
        await spend(counted, 1)
    assert 20 <= told.value.retry_after <= 30
    await where.pass_by(30)
    assert (await counted.count("a@b.test", "1")).remaining == 0
    with pytest.raises(TooManyAttempts):
        await spend(counted, 1)


async def test_who_is_refused_need_not_wait_longer_for_having_asked(counted, where):
    await spend(counted, 5)
    await where.pass_by(30)
    for _ in range(3):
        with pytest.raises(TooManyAttempts):
            await spend(counted, 1)
    await where.pass_by(31)
    assert (await counted.count("a@b.test", "1")).remaining == 4


async def test_a_limit_that_was_lowered_counts_what_was_counted_before(pool):
    """There is room again when the third of the last five is a minute old."""
    where, lowered = Database(pool), attempts(Settings(login_rate="3/minute"), pool)
    for _ in range(5):
        await spend(where.counted, 1)
        await where.pass_by(10)
    with pytest.raises(TooManyAttempts) as told:
        await spend(lowered, 1)
    assert told.value.allowance.remaining == 0
    assert 20 < told.value.allowance.reset == told.value.retry_after <= 30
    await where.pass_by(30)
    assert (await lowered.count("a@b.test", "1")).remaining == 0


async def test_an_account_is_one_however_it_is_written(counted):
    for number, email in enumerate(["a@b.test", "A@B.test", " a@b.TEST ", "a@b.test", "a@b.test"]):
        await counted.count(email, str(number))
    with pytest.raises(TooManyAttempts):
        await counted.count("a@B.test", "9")


async def test_an_address_is_counted_whomever_it_names(counted):
    for number in range(5):
        await counted.count(f"{number}@b.test", "1")
    with pytest.raises(TooManyAttempts):
        await counted.count("5@b.test", "1")
    assert (await counted.count("5@b.test", "2")).remaining == 4


async def test_an_address_that_is_refused_spends_nobodys_attempts(counted):
    await spend(counted, 5, email="mallory@b.test", address="1")
    for _ in range(10):
        with pytest.raises(TooManyAttempts):
            await counted.count("ana@b.test", "1")
    assert (await counted.count("ana@b.test", "2")).remaining == 4


async def test_what_is_counted_names_nobody(counted, where):
    await counted.count("ana@b.test", "10.0.0.1")
    keys = str(await where.keys())
    assert "ana" not in keys
    assert "10.0.0.1" not in keys
    assert len(await where.keys()) == 2


async def test_five_of_a_hundred_at_once_over_two_processes(pool):
    """Each process has a pool of its own; the count is one."""
    async with _connected(pool.conninfo) as elsewhere:
        both = [attempts(Settings(), each) for each in (pool, elsewhere)]
        work = [both[n % 2].count("a@b.test", str(n)) for n in range(100)]
        ended = await asyncio.gather(*work, return_exceptions=True)
    allowed = [one for one in ended if not isinstance(one, Exception)]
    assert sorted(one.remaining for one in allowed) == [0, 1, 2, 3, 4]
    assert {type(one) for one in ended if one not in allowed} == {TooManyAttempts}


async def test_a_database_that_can_not_be_reached_is_said_to_be(gone):
    with pytest.raises(Unavailable) as told:
        await attempts(Settings(), gone).count("a@b.test", "1")
    assert told.value.retry_after > 0


async def test_a_turn_that_does_not_come_is_not_waited_for_without_end(pool):
    await attempts(Settings(), pool).count("a@b.test", "1")
    async with await psycopg.AsyncConnection.connect(pool.conninfo) as holder:
        await holder.execute("SET idle_in_transaction_session_timeout = 0")
        await holder.execute("SELECT FROM login_attempts FOR UPDATE")
        with pytest.raises(Unavailable):
            await attempts(Settings(), pool).count("a@b.test", "1")


async def test_a_store_that_can_not_be_reached_is_said_to_be(pool, monkeypatch):
    async def gone(*_):
        raise StorageError(ConnectionError("redis://:secret@host"))

    counted = Memory(pool).counted
    monkeypatch.setattr(counted._window._limiter, "hit", gone)
    with pytest.raises(Unavailable) as told:
        await counted.count("a@b.test", "1")
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("login_rate", "often"),
        ("login_rate", ""),
        ("login_rate", "0/minute"),
        ("rate_limit_storage_url", "memory://"),
        ("rate_limit_storage_url", "carrier-pigeon://:secret@coop"),
        ("rate_limit_storage_url", ""),
    ],
)
def test_a_setting_that_can_not_be_read_is_one_line(setting, value):
    read = {"login_rate": rate_of, "rate_limit_storage_url": storage_of}[setting]
    with pytest.raises(WrongSettingsError) as told:
        read(Settings(**{setting: value}))
    assert str(told.value).startswith(f"OPSTREAM_{setting.upper()}")
    assert "\n" not in str(told.value)
    assert "secret" not in str(told.value)
