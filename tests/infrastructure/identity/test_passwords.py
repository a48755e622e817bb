"""Passwords: hashed as they should be, and nobody told who has one."""

import asyncio
import threading
from uuid import uuid4

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type

from domain.shared.errors import Unavailable
from infrastructure.identity import passwords
from infrastructure.identity.passwords import Passwords

ANA, BEN = uuid4(), uuid4()


@pytest.fixture
def known(pool):
    return Passwords(pool)


async def stored(pool):
    async with pool.connection() as connection:
        cursor = await connection.execute("SELECT account_id, password_hash FROM credentials")
        return dict(await cursor.fetchall())


async def test_a_password_fits_its_account_and_no_other(known):
    await known.set(ANA, "one")
    await known.set(BEN, "two")
    assert await known.fits(ANA, "one")
    assert not await known.fits(ANA, "two")
    assert not await known.fits(uuid4(), "one")
    assert not await known.fits(None, "one")


async def test_a_new_password_replaces_the_old_one(known):
    await known.set(ANA, "old")
    await known.set(ANA, "new")
    assert await known.fits(ANA, "new")
    assert not await known.fits(ANA, "old")


async def test_what_is_stored_is_argon2id_with_owasps_parameters(known, pool):
    await known.set(ANA, "secret")
    hashed = (await stored(pool))[ANA]
    chosen = extract_parameters(hashed)
    assert chosen.type is Type.ID
    assert (chosen.memory_cost, chosen.time_cost, chosen.parallelism) == (19 * 1024, 2, 1)
    assert (chosen.salt_len, chosen.hash_len) == (16, 32)
    assert "secret" not in hashed


async def test_equal_passwords_do_not_look_equal(known, pool):
    await known.set(ANA, "secret")
    await known.set(BEN, "secret")
    assert len(set((await stored(pool)).values())) == 2


async def test_a_hash_that_can_not_be_read_fits_nothing(known, pool):
    async with pool.connection() as connection:
        await connection.execute("INSERT INTO credentials VALUES (%s, 'x')", (ANA,))
    assert not await known.fits(ANA, "x")
    assert not await known.fits(ANA, "")


async def test_an_account_that_is_not_there_costs_as_much_as_one_that_is(known, monkeypatch):
    verified = []
    verify = passwords._verify
    monkeypatch.setattr(
        passwords, "_verify", lambda *both: verified.append(both[0]) or verify(*both)
    )
    await known.set(ANA, "secret")
    for account_id in (ANA, BEN, None):
        await known.fits(account_id, "x")
    parameters = {str(extract_parameters(hashed)) for hashed in verified}
    assert (len(verified), len(parameters)) == (3, 1)


async def test_the_password_of_nobody_opens_nothing(known):
    assert not await known.fits(None, "nobody has this password")
    assert not await known.fits(ANA, "nobody has this password")


async def test_as_many_are_computed_at_once_as_there_are_cores(pool, monkeypatch):
    monkeypatch.setattr(passwords.os, "cpu_count", lambda: 2)
    known, running, most = Passwords(pool), 0, 0
    lock = threading.Lock()

    def slow(*_):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        threading.Event().wait(0.02)
        with lock:
            running -= 1
        return False

    monkeypatch.setattr(passwords, "_verify", slow)
    await asyncio.gather(*(known.fits(None, "x") for _ in range(10)))
    assert most == 2


async def test_a_database_that_is_gone_is_said_to_be(gone):
    known = Passwords(gone)
    with pytest.raises(Unavailable):
        await known.fits(ANA, "x")
    with pytest.raises(Unavailable):
        await known.set(ANA, "x")
