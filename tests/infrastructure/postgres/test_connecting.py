"""Whoever is cancelled while connecting leaves nothing behind."""

import asyncio
import contextlib

import pytest

from infrastructure.postgres.connecting import connected
from tests.infrastructure.nats.support import query

OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.mark.parametrize("turns", range(8))
async def test_a_connection_that_nobody_wants_any_more_is_closed(database_url, turns):
    task = asyncio.create_task(connected(database_url))
    for _ in range(turns):
        await asyncio.sleep(0.002)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await (await task).close()
    async with asyncio.timeout(2):
        while query(database_url, OTHERS) != [(0,)]:  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.01)
