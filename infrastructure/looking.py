"""Looking at the whole system's state from any process, without costing it much."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, Generic, TypeVar

import psycopg
from psycopg_pool import AsyncConnectionPool

from infrastructure.postgres.urls import bounded_conninfo

PATIENCE = 3.0
"""Seconds that a look may take."""
POOL_PATIENCE = 0.5
"""Seconds to wait for a connection of the pool before making one."""

T = TypeVar("T")
Connection = psycopg.AsyncConnection[Any]
Pool = AsyncConnectionPool[Connection]


class Looking:
    """Runs a look on a connection of the pool or, when that has none that works, on a new one."""

    def __init__(self, database_url: str, pool: Pool | None = None) -> None:
        self._conninfo = bounded_conninfo(database_url, application="opstream looks")
        self._pool = pool

    async def __call__(self, look: Callable[[Connection], Awaitable[T]]) -> T:
        """Raises psycopg.Error, OSError, or TimeoutError after `PATIENCE`."""
        async with asyncio.timeout(PATIENCE):
            if self._pool is not None:
                with contextlib.suppress(psycopg.OperationalError):
                    async with self._pool.connection(timeout=POOL_PATIENCE) as connection:
                        return await look(connection)
            async with await psycopg.AsyncConnection.connect(
                self._conninfo, autocommit=True
            ) as connection:
                return await look(connection)


class Shared(Generic[T]):
    """One finding for all who ask while it is made and for `seconds` after."""

    def __init__(self, find: Callable[[], Awaitable[T]], seconds: float = 1.0) -> None:
        self._find = find
        self._seconds = seconds
        self._task: asyncio.Task[T] | None = None
        self._done_at = 0.0

    async def __call__(self) -> T:
        if self._task is None or (
            self._task.done() and monotonic() - self._done_at >= self._seconds
        ):
            self._task = asyncio.create_task(self._run())
        # Who stops asking must not take the finding from the others.
        return await asyncio.shield(self._task)

    async def _run(self) -> T:
        try:
            return await self._find()
        finally:
            self._done_at = monotonic()
