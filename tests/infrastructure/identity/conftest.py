"""One database per module, empty of secrets before each test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from infrastructure.postgres.urls import bounded_conninfo
from tests.conftest import _execute, _of

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
async def shared_pool(engines, template):
    name = "identity_tests"
    _execute(engines.database_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    async with _connected(_of(engines.database_url, name)) as pool:
        yield pool
    _execute(engines.database_url, f"DROP DATABASE {name} WITH (FORCE)")


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
