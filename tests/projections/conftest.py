"""Each test tells its own story, and may ask a real Postgres about it."""

from contextlib import asynccontextmanager

import psycopg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from infrastructure.postgres.projector.tables import ReadModelTables
from infrastructure.postgres.urls import sqlalchemy_url
from tests.support.given import projected, story

__all__ = ["story"]


@pytest.fixture
def asking(database_url):
    """What has happened so far, in a database: a connection on which to ask about one model."""

    @asynccontextmanager
    async def asking(model):
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as raw:
            tables = ReadModelTables(model)
            await tables.create(raw)
            await tables.write(raw, projected(model))
        engine = create_async_engine(sqlalchemy_url(database_url), poolclass=NullPool)
        async with engine.connect() as connection:
            yield connection
        await engine.dispose()

    return asking
