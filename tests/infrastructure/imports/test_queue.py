"""Staged files wait their turn, each is somebody's, and none is kept."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from application.scheduling.imports import ImportShifts
from domain.shared.ids import TenantId
from infrastructure.imports.queue import Ending, Queue
from infrastructure.imports.staged import ImportState, Sent
from infrastructure.postgres.housekeeping import sweep
from tests.infrastructure.nats.support import query

SENT = Sent(b"PK", "week.xlsx", dry_run=False, request_id="r", correlation_id="c", key=None)


@pytest.fixture
def queue(api):
    return Queue(api.core.pool)


async def staged(api, tenant_id=None, **changes):
    actor = api.actor("coordinator", tenant_id)
    return await api.core.staging.stage(ImportShifts, replace(SENT, **changes), actor)


async def look(api, import_id):
    return await api.core.staging.find(import_id, api.tenant_id)


async def test_the_first_that_was_sent_is_the_first_to_be_claimed(api, queue):
    first, _ = [await staged(api) for _ in range(2)]
    claimed = await queue.claim()
    assert (claimed.id, claimed.file, claimed.attempts) == (first, b"PK", 1)
    assert claimed.account_id == api.accounts["coordinator"]


async def test_of_a_tenant_one_at_a_time_is_claimed(api, queue):
    mine = [await staged(api) for _ in range(2)]
    theirs = await staged(api, TenantId(uuid4()))
    first, other, nothing = [await queue.claim() for _ in range(3)]
    assert (first.id, other.id, nothing) == (mine[0], theirs, None)
    await queue.end(first, Ending(ImportState.DONE))
    assert (await queue.claim()).id == mine[1]


async def test_several_importers_claim_nothing_twice(api, queue):
    tenants = [TenantId(uuid4()) for _ in range(6)]
    sent = {await staged(api, tenant) for tenant in tenants}
    claimed = await asyncio.gather(*(queue.claim() for _ in range(8)))
    ids = [one.id for one in claimed if one is not None]
    assert len(ids) == len(set(ids))
    rest = [await queue.claim() for _ in range(len(sent) - len(ids))]
    assert {*ids, *(one.id for one in rest)} == sent


async def test_who_is_not_heard_of_loses_it_and_changes_nothing_any_more(api):
    import_id = await staged(api)
    dead, alive = Queue(api.core.pool, lease=0.0), Queue(api.core.pool)
    lost = await dead.claim()
    held = await alive.claim()
    assert (held.id, held.attempts) == (import_id, 2)
    await dead.keep(lost)
    await dead.tell(lost, ImportState.STORING, 7, 7)
    await dead.put_back(lost, counts=True)
    await dead.end(lost, Ending(ImportState.FAILED))
    assert (await look(api, import_id)).state == "parsing"
    assert await alive.claim() is None
    await alive.end(held, Ending(ImportState.DONE, rows=3, created=3, position=9))
    ended = await look(api, import_id)
    assert (ended.state, ended.rows_done, ended.created) == ("done", 3, 3)


async def test_what_is_put_back_comes_again_later(api, queue, database_url):
    import_id = await staged(api)
    for counted in (0, 1):
        claimed = await queue.claim()
        assert claimed.attempts == 1 + counted
        await queue.put_back(claimed, counts=True)
        assert (await look(api, import_id)).state == "queued"
        assert await queue.claim() is None
        query(database_url, "UPDATE imports SET leased_until = now()")


async def test_the_file_is_gone_with_the_end(api, queue, database_url):
    await staged(api)
    await queue.end(await queue.claim(), Ending(ImportState.REFUSED))
    assert query(database_url, "SELECT file, ended_at IS NULL FROM imports") == [(None, False)]


async def test_housekeeping_leaves_no_file_for_longer_than_a_day(api, queue, database_url):
    old, held, new = [await staged(api) for _ in range(3)]
    claimed = await queue.claim()
    assert claimed.id == old
    ages = {old: "25 hours", held: "24 hours", new: "23 hours"}
    for import_id, age in ages.items():
        aged = "UPDATE imports SET created_at = now() - %s::interval WHERE id = %s"
        query(database_url, aged, (age, import_id))
    await swept(api)
    still = "SELECT id FROM imports WHERE file IS NOT NULL"
    assert {each for (each,) in query(database_url, still)} == {old, new}, "one is being worked on"
    query(database_url, "UPDATE imports SET leased_until = now()")
    await swept(api)
    assert query(database_url, still) == [(new,)]
    ended = await look(api, held)
    assert (ended.state, ended.failure["kind"]) == ("failed", "unavailable")


async def test_housekeeping_forgets_an_import_after_its_key(api, database_url):
    await staged(api, key="a")
    for days, left in ((7.5, (0, 1)), (8.5, (0, 0))):
        for table, column in (("imports", "created_at"), ("idempotency_keys", "recorded_at")):
            query(
                database_url,
                f"UPDATE {table} SET {column} = now() - %s * interval '1 day'",
                (days,),
            )
        await swept(api)
        counted = "SELECT (SELECT count(*) FROM idempotency_keys), count(*) FROM imports"
        assert query(database_url, counted) == [left]


async def swept(api):
    async with api.core.pool.connection() as connection:
        await sweep(connection, idempotency_days=7)
