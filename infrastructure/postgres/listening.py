"""LISTEN, kept alive: what is announced is heard or, when the line is lost, asked for again."""

import asyncio
import contextlib
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import psycopg
import structlog

from infrastructure.logging import told
from infrastructure.postgres.urls import bounded_conninfo

log = structlog.get_logger()

_PROBE = 2.0
"""Seconds of silence after which the line is probed."""


class Listener:
    """Wakes whoever waits when something is announced on a channel.

    It also wakes after each (re)connection, because something may have been announced before.
    """

    def __init__(
        self, database_url: str, channel: str, on_payload: Callable[[str], None] | None = None
    ) -> None:
        self._conninfo = bounded_conninfo(database_url, application=f"opstream listens {channel}")
        self._channel = channel
        self._on_payload = on_payload
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.connected = False
        self.connections = 0
        """How often it was connected: what was announced between two is not known."""

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep_listening(), name=f"listen {self._channel}")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def wait(self, timeout: float) -> bool:  # noqa: ASYNC109 - a poll interval, not a bound
        """Whether there was news within `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                await self._news.wait()
        except TimeoutError:
            return False
        self._news.clear()
        return True

    async def _keep_listening(self) -> None:
        pause = 0.1
        while True:
            try:
                await self._listen()
            except Exception as error:  # noqa: BLE001 - whatever it was, who waits is woken again
                log.warning("listen.lost", channel=self._channel, error=told(error))
            self.connected = False
            await asyncio.sleep(pause)

    async def _listen(self) -> None:
        async with await psycopg.AsyncConnection.connect(
            self._conninfo, autocommit=True
        ) as connection:
            await connection.execute(
                psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(self._channel))
            )
            self.connected = True
            self.connections += 1
            self._news.set()
            while True:
                await self._hear(connection)

    async def _hear(self, connection: psycopg.AsyncConnection[Any]) -> None:
        heard = False
        async for notification in connection.notifies(timeout=_PROBE):
            heard = True
            self._news.set()
            self._tell(notification.payload)
        if not heard:
            # A half-open line is silent for ever; a query on it fails within the timeouts.
            await connection.execute("SELECT 1")

    def _tell(self, payload: str) -> None:
        if self._on_payload is None:
            return
        try:
            self._on_payload(payload)
        except Exception as error:  # noqa: BLE001 - one payload that can't be read is not the line
            log.warning("listen.not_understood", channel=self._channel, error=told(error))
