"""A log to fold, and a projector that folds it."""

import asyncio
from contextlib import asynccontextmanager, suppress

import psycopg
import pytest

from infrastructure.event_store.group_commit import GroupCommit
from infrastructure.event_store.mapper import EventMapper
from infrastructure.postgres.projector.runner import PROMPT, Projector


@pytest.fixture(scope="session")
def mapper():
    return EventMapper()


@pytest.fixture
async def connection(database_url):
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
async def writer(database_url, mapper):
    writer = GroupCommit(database_url, mapper)
    await writer.start()
    yield writer
    await writer.stop()


@asynccontextmanager
async def projecting(database_url, mapper, *models, manner=PROMPT):
    """A projector that runs meanwhile. What it dies of is raised at the end."""
    task = asyncio.create_task(Projector(database_url, mapper, models, manner).run())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def eventually(question, within=5.0):
    """Ask until the answer is yes; `within` is a bound in seconds, not a pause."""
    async with asyncio.timeout(within):
        while not await question():  # noqa: ASYNC110 - the answer is in another process
            await asyncio.sleep(0.005)
