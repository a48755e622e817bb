"""The event log of one process, and of several."""

from contextlib import asynccontextmanager

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from infrastructure.event_store.cache import AggregateCache
from infrastructure.event_store.event_log import PostgresEventLog
from infrastructure.event_store.group_commit import GroupCommit
from infrastructure.event_store.mapper import EventMapper
from infrastructure.postgres.urls import bounded_conninfo


@pytest.fixture(scope="session")
def mapper():
    return EventMapper()


@pytest.fixture
async def connection(database_url):
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        yield connection


@asynccontextmanager
async def writing(database_url, mapper):
    writer = GroupCommit(database_url, mapper)
    await writer.start()
    try:
        yield writer
    finally:
        await writer.stop()


@asynccontextmanager
async def process(database_url, mapper):
    """An event log with a writer, a pool and a cache of its own."""
    pool = AsyncConnectionPool(
        bounded_conninfo(database_url),
        min_size=1,
        max_size=4,
        timeout=2,
        open=False,
        kwargs={"autocommit": True, "prepare_threshold": 0},
    )
    async with pool, writing(database_url, mapper) as writer:
        await pool.wait(timeout=5)
        yield PostgresEventLog(pool, writer, mapper, AggregateCache(1000))


@pytest.fixture
async def writer(database_url, mapper):
    async with writing(database_url, mapper) as writer:
        yield writer


@pytest.fixture
async def event_log(database_url, mapper):
    async with process(database_url, mapper) as event_log:
        yield event_log


@pytest.fixture
async def another_process(database_url, mapper):
    async with process(database_url, mapper) as event_log:
        yield event_log
