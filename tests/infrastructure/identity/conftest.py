"""One database per module, empty of secrets before each test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from infrastructure.postgres.urls import bounded_conninfo

Pool = AsyncConnectionPool[psycopg.AsyncConnection[Any]]


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[Pool]:
    conninfo = bounded_conninfo(url)
    kwargs = {"autocommit": True}
    async with AsyncConnectionPool(
        conninfo, min_size=2, max_size=8, timeout=2, open=False, kwargs=kwargs
    ) as pool:
        yield pool


@pytest.fixture(scope="module")
async def shared_pool(new_database):
    with new_database() as url:
        async with _connected(url) as pool:
            yield pool


@pytest.fixture
async def pool(shared_pool):
    async with shared_pool.connection() as connection:
        await connection.execute("TRUNCATE credentials, refresh_sessions, login_attempts")
    return shared_pool


@pytest.fixture
async def gone(engines):
    """A pool that gives no connection any more."""
    async with _connected(engines.database_url) as pool:
        await pool.close()
        yield pool
