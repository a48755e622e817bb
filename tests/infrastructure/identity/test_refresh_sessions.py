"""Refresh sessions: each token good once, its reuse noticed, nothing readable stored."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.shared.errors import Unauthenticated, Unavailable
from infrastructure.identity.refresh_sessions import GRACE, RefreshSessions

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
LIFE = timedelta(days=30)
ACCOUNT, TENANT = uuid4(), uuid4()
SECOND = timedelta(seconds=1)


@pytest.fixture
def sessions(pool):
    return RefreshSessions(pool, b"secret", LIFE)


@pytest.fixture
async def first(sessions):
    return (await sessions.begin(ACCOUNT, TENANT, NOON)).token


async def refused(sessions, token, now):
    with pytest.raises(Unauthenticated):
        await sessions.rotate(token, now)


async def rows(pool):
    async with pool.connection() as connection:
        cursor = await connection.execute("SELECT * FROM refresh_sessions ORDER BY issued_at")
        return await cursor.fetchall()


async def test_a_token_is_replaced_by_its_successor(sessions, first):
    second = await sessions.rotate(first, NOON + SECOND)
    third = await sessions.rotate(second.token, NOON + 2 * SECOND)
    assert len({first, second.token, third.token}) == 3
    assert (third.account_id, third.tenant_id) == (ACCOUNT, TENANT)


async def test_a_lost_answer_can_be_asked_for_again(sessions, first, pool):
    once = await sessions.rotate(first, NOON)
    again = await sessions.rotate(first, NOON + GRACE)
    assert again == once
    assert len(await rows(pool)) == 2


async def test_the_grace_is_counted_from_the_first_time(sessions, first):
    await sessions.rotate(first, NOON)
    await sessions.rotate(first, NOON + GRACE)
    await refused(sessions, first, NOON + GRACE + SECOND)


async def test_a_token_used_again_later_revokes_all_of_its_family(sessions, first):
    second = await sessions.rotate(first, NOON)
    third = await sessions.rotate(second.token, NOON + SECOND)
    other = await sessions.begin(ACCOUNT, TENANT, NOON)
    await refused(sessions, first, NOON + GRACE + SECOND)
    for token in (first, second.token, third.token):
        await refused(sessions, token, NOON + GRACE + 2 * SECOND)
    assert await sessions.rotate(other.token, NOON)


async def test_logging_out_revokes_the_family(sessions, first):
    second = await sessions.rotate(first, NOON)
    await sessions.revoke(second.token, NOON)
    await refused(sessions, first, NOON)
    await refused(sessions, second.token, NOON)
    await sessions.revoke("unknown", NOON)


async def test_a_token_expires_and_each_successor_lives_its_own_life(sessions, first):
    second = await sessions.rotate(first, NOON + LIFE - SECOND)
    await refused(sessions, first, NOON + LIFE)
    assert await sessions.rotate(second.token, NOON + LIFE + SECOND)


@pytest.mark.parametrize("token", ["", "x", "é", "\x00", "x" * 100_000])
async def test_what_is_no_token_is_none(sessions, token):
    await refused(sessions, token, NOON)


async def test_only_hashes_are_stored(sessions, first, pool):
    second = (await sessions.rotate(first, NOON + SECOND)).token
    stored = await rows(pool)
    hashes = [hashlib.sha256(token.encode()).digest() for token in (first, second)]
    assert [row[0] for row in stored] == hashes
    assert all(token not in str(stored) for token in (first, second))


async def test_a_successor_can_not_be_told_without_the_secret(sessions, first, pool):
    other = RefreshSessions(pool, b"another secret", LIFE)
    assert (await sessions.rotate(first, NOON)).token != (await other.rotate(first, NOON)).token


async def test_whoever_asks_at_once_gets_the_same_successor(sessions, first, pool):
    given = await asyncio.gather(*(sessions.rotate(first, NOON) for _ in range(20)))
    assert len(set(given)) == 1
    assert len(await rows(pool)) == 2


async def test_no_token_born_while_its_family_is_revoked_survives(sessions):
    """Two hold the family: one rotates on, the other comes with a token that was replaced."""
    for _ in range(20):
        old = (await sessions.begin(ACCOUNT, TENANT, NOON)).token
        current = (await sessions.rotate(old, NOON)).token
        late = NOON + GRACE + SECOND
        rotated, stolen = await asyncio.gather(
            sessions.rotate(current, late), sessions.rotate(old, late), return_exceptions=True
        )
        assert isinstance(stolen, Unauthenticated)
        await refused(sessions, current, late)
        if not isinstance(rotated, Unauthenticated):
            await refused(sessions, rotated.token, late)


async def test_a_database_that_is_gone_is_said_to_be(gone):
    sessions, first = RefreshSessions(gone, b"secret", LIFE), "x"
    for ask in (
        sessions.begin(ACCOUNT, TENANT, NOON),
        sessions.rotate(first, NOON),
        sessions.revoke(first, NOON),
    ):
        with pytest.raises(Unavailable):
            await ask
