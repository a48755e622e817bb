"""Group commit: the appends that arrive while a batch is under way become the next batch.

One writer task per process sends each batch as one call of one SQL function, which is one
transaction and one flush of the disk, however many commands it carries.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
import structlog

from application.ports import Append, KeyTaken, VersionConflict
from domain.shared.errors import Unavailable
from infrastructure import metrics
from infrastructure.event_store.batch_json import batch_json
from infrastructure.event_store.mapper import EventMapper
from infrastructure.failpoints import failpoint, opened
from infrastructure.logging import told
from infrastructure.postgres.durable import durable
from infrastructure.postgres.urls import bounded_conninfo

BATCH = 256
"""Commands in one batch at the most."""

QUEUE = 4096
"""Commands that may wait; past that a command is refused at once instead of too late."""

_APPEND = """
SELECT command, outcome, last_position FROM append_commands(%s::json, %s::json, %s::json)
"""
_MINE = """
SELECT max(notification_id) FROM stored_events WHERE command_id = %s
AND originator_id = ANY(%s)
"""

PATIENCE = 5.0
"""Seconds after which a command is told that the log can't be reached."""

STOP_WITHIN = 6.0
"""Seconds in which what is under way must have finished when the process stops."""

log = structlog.get_logger()


@dataclass(eq=False)
class _Waiting:
    append: Append
    events: list[dict[str, Any]]
    answered: asyncio.Future[int]
    sent_before: bool = False
    """Sent on a connection that was lost: a conflict may be with this very command."""


class GroupCommit:
    def __init__(self, database_url: str, mapper: EventMapper) -> None:
        self._conninfo = bounded_conninfo(database_url, application="opstream writer")
        self._mapper = mapper
        self._queue: deque[_Waiting] = deque()
        self._wake = asyncio.Event()
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="group commit")

    async def stop(self) -> None:
        """Let what is under way finish, for `STOP_WITHIN` at the most, then close."""
        if self._task is not None:
            self._stopping = True
            self._wake.set()
            _, late = await asyncio.wait([self._task], timeout=STOP_WITHIN)
            if late:
                log.warning("append.stopped_late", commands=len(self._queue))
                self._task.cancel()
                await asyncio.wait([self._task], timeout=1)
        _give_up(self._queue)
        await self._close()

    async def append(self, append: Append) -> int:
        """Store the events of one command; returns the position of the last.

        Raises VersionConflict, KeyTaken, or Unavailable, after `PATIENCE` at the latest. What was
        sent and not answered by then may still have been stored.
        """
        if len(self._queue) >= QUEUE:
            raise Unavailable("Too many commands are waiting for the event log.")
        loop = asyncio.get_running_loop()
        waiting = _Waiting(append, self._encode(append), loop.create_future())
        bound = loop.call_later(PATIENCE, _give_up, (waiting,))
        self._queue.append(waiting)
        self._wake.set()
        try:
            return await waiting.answered
        finally:
            bound.cancel()

    def _encode(self, append: Append) -> list[dict[str, Any]]:
        rows = []
        for tenant_id, event in append.events:
            stored = self._mapper.to_stored_event(event)
            rows.append(
                {
                    "originator_id": stored.originator_id,
                    "originator_version": stored.originator_version,
                    "topic": stored.topic,
                    "state": stored.state.decode(),
                    "tenant_id": tenant_id,
                }
            )
        return rows

    async def _run(self) -> None:
        """The writer must outlive whatever happens in it: without it every command is refused."""
        while not self._stopping:
            try:
                await self._write()
            except Exception as error:  # noqa: BLE001 - see above
                log.error("append.writer_failed", error=told(error))  # noqa: TRY400 - a trace quotes values
                await self._close()
                self._wake.set()
                await asyncio.sleep(0.05)

    async def _write(self) -> None:
        while not self._stopping:
            await self._wake.wait()
            self._wake.clear()
            # Requests that are here already get this far within a turn or two of the loop; waiting
            # for them costs no time and makes one batch of what would be two.
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            while self._queue:
                batch = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
                try:
                    await self._store(batch)
                finally:
                    _give_up(batch)

    async def _store(self, batch: Sequence[_Waiting]) -> None:
        """Send a batch until every command in it is answered or given up by its caller."""
        pause = 0.05
        while wanted := [waiting for waiting in batch if not waiting.answered.done()]:
            try:
                rows = await self._send(wanted)
                await failpoint("after_commit")
                await self._answer(wanted, rows)
            except psycopg.Error as error:
                if self._connection is not None and not self._connection.broken:
                    # The server said no in so many words; asking again would not help.
                    await self._fail(wanted, error)
                    return
                log.warning("append.connection_lost", error=told(error), commands=len(wanted))
                await self._close()
                for waiting in wanted:
                    waiting.sent_before = True
                await asyncio.sleep(pause)
                pause = min(pause * 2, 0.5)
            except Exception as error:  # noqa: BLE001 - whatever it was, the writer goes on
                log.error("append.failed", error=told(error), commands=len(wanted))  # noqa: TRY400 - a trace quotes values
                await self._fail(wanted, error)
                return
            else:
                return

    async def _send(self, wanted: Sequence[_Waiting]) -> list[tuple[int, str, int | None]]:
        connection = await self._connect()
        metrics.APPEND_BATCH.observe(len(wanted))
        await failpoint("before_lock")
        batch = batch_json([(one.append, one.events) for one in wanted])
        async with opened(connection, "after_insert", "before_commit"):
            cursor = await connection.execute(_APPEND, batch, prepare=True)
            await failpoint("after_insert")
            rows = await cursor.fetchall()
            await failpoint("before_commit")
        return rows

    async def _answer(
        self, wanted: Sequence[_Waiting], rows: Sequence[tuple[int, str, int | None]]
    ) -> None:
        for number, outcome, position in rows:
            waiting = wanted[number]
            if outcome != "stored" and waiting.sent_before:
                position = await self._stored_by_itself(waiting)  # noqa: PLW2901
            if waiting.answered.done():
                continue
            if position is not None:
                waiting.answered.set_result(position)
            elif outcome == "key_taken":
                waiting.answered.set_exception(KeyTaken())
            else:
                metrics.CONFLICTS.inc()
                waiting.answered.set_exception(VersionConflict())

    async def _stored_by_itself(self, waiting: _Waiting) -> int | None:
        """The position, if the conflict of a repeated command is with its own first sending."""
        connection = await self._connect()
        ids = [event["originator_id"] for event in waiting.events]
        cursor = await connection.execute(_MINE, (waiting.append.stamp.command_id, ids))
        row = await cursor.fetchone()
        return row[0] if row else None

    async def _fail(self, wanted: Sequence[_Waiting], error: Exception) -> None:
        if len(wanted) > 1 and isinstance(error, psycopg.DataError | TypeError):
            # One of them holds what JSON or Postgres has no place for: the others are stored.
            for waiting in wanted:
                await self._store([waiting])
            return
        log.warning("append.refused", error=told(error), commands=len(wanted))
        for waiting in wanted:
            if not waiting.answered.done():
                waiting.answered.set_exception(Unavailable("The event log is busy; try again."))

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = await durable(self._conninfo)
        return self._connection

    async def _close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                await self._connection.close()
        self._connection = None


def _give_up(unanswered: Iterable[_Waiting]) -> None:
    for waiting in unanswered:
        if not waiting.answered.done():
            waiting.answered.set_exception(Unavailable("The event log can't be reached now."))
