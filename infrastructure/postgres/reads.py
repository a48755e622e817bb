"""The connections that queries run on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
import psycopg
from psycopg.adapt import AdaptersMap
from psycopg.types.json import set_json_loads
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from infrastructure.postgres.connecting import connected
from infrastructure.postgres.urls import bounded_conninfo

WAIT = 2.0
"""Seconds that a query waits for a connection."""

# Documents in a row are read in compiled code; SQLAlchemy sets that only on connections it makes.
_ADAPTERS = AdaptersMap(psycopg.adapters)
set_json_loads(orjson.loads, _ADAPTERS)


class Reads:
    """Gives connections out in the order in which they are asked for.

    SQLAlchemy's own pool lets who comes now overtake who waits: under load somebody always does.
    """

    def __init__(self, database_url: str, connections: int) -> None:
        conninfo = bounded_conninfo(database_url, application="opstream reads")
        self._engine = create_async_engine(
            "postgresql+psycopg://",
            async_creator=lambda: connected(conninfo, prepare_threshold=0, context=_ADAPTERS),
            pool_size=connections,
            max_overflow=0,
            pool_pre_ping=False,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,  # an error must not tell what somebody searched for
        )
        self._free = asyncio.Semaphore(connections)

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[AsyncConnection]:
        """Raises sqlalchemy.exc.TimeoutError when none is free within `WAIT` seconds."""
        await self._turn()
        try:
            async with self._engine.connect() as connection:
                yield connection
        finally:
            self._free.release()

    async def dispose(self) -> None:
        await self._engine.dispose()

    async def _turn(self) -> None:
        try:
            async with asyncio.timeout(WAIT):
                await self._free.acquire()
        except TimeoutError:
            raise PoolTimeout("no connection was free in time") from None
