"""A reader that follows the log all along and writes down what it saw, in the order it saw it."""

import asyncio
import contextlib
from typing import Self

import psycopg

_AFTER = """
SELECT notification_id, command_id::text FROM stored_events
WHERE notification_id > %s ORDER BY notification_id
"""
_POLL = 0.02


class Tail:
    """Each look takes what is past the last position seen: what comes to light behind it later is
    never seen, and that is what the checker is after.
    """

    def __init__(self, database_url: str) -> None:
        self.seen: list[tuple[int, str]] = []
        self._database_url = database_url
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._follow(), name="tail")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait([self._task])

    async def has_reached(self, position: int) -> bool:
        return bool(self.seen) and self.seen[-1][0] >= position

    async def _follow(self) -> None:
        while True:
            with contextlib.suppress(psycopg.Error):
                await self._look()
            await asyncio.sleep(0.2)

    async def _look(self) -> None:
        async with await psycopg.AsyncConnection.connect(
            self._database_url,
            autocommit=True,
            connect_timeout=2,
            options="-c statement_timeout=2000",
        ) as connection:
            while True:
                last = self.seen[-1][0] if self.seen else 0
                self.seen += await (await connection.execute(_AFTER, (last,))).fetchall()
                await asyncio.sleep(_POLL)
