"""The relay: publishes the log to JetStream, in order, and remembers what is acknowledged.

Its checkpoint says: everything up to here was stored by NATS. Whoever finds that it is not so any
more moves the checkpoint back (`ask_again`), and the relay publishes from there once more.
"""

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import Any
from uuid import uuid4

import psycopg
import structlog
from nats.aio.client import Client

from infrastructure import metrics
from infrastructure.event_store.reader import LogEntry, read_after
from infrastructure.failpoints import failpoint
from infrastructure.nats.cloud_events import encode, subject_of
from infrastructure.nats.connection import connected, outlasting
from infrastructure.nats.publishing import Outgoing, Window
from infrastructure.nats.streams import Shape, declare, exists
from infrastructure.postgres.listening import Listener
from infrastructure.postgres.locks import hold
from infrastructure.postgres.urls import bounded_conninfo

CHECKPOINT = "relay"
WINDOW = 256
"""Messages in flight at the most."""
LINGER, LINGER_EACH, LONGEST_LINGER = 0.005, 0.0003, 0.04
"""Seconds that the relay lets events gather: at first, more for each event that came the last time,
and at the most. A batch costs NATS several flushes of the disk however many it carries, so the more
come the longer it pays to wait; and the read models go first.
"""
CHECK_EVERY = 1.0
"""Seconds between two looks at whether the stream is still there."""

_ENVELOPE_ROOM = 4096
_FIRST = "INSERT INTO checkpoints (name, position) VALUES (%s, 0) ON CONFLICT DO NOTHING"
_POSITION = "SELECT position FROM checkpoints WHERE name = %s"
_ADVANCE = """
UPDATE checkpoints SET position = %s, updated_at = clock_timestamp()
WHERE name = %s AND position = %s
"""
_GO_BACK = """
WITH moved AS (
    UPDATE checkpoints SET position = %s, updated_at = clock_timestamp()
    WHERE name = %s AND position > %s RETURNING position
)
SELECT pg_notify('stored_events', '') FROM moved
"""
# What is lost of this in a crash of the database is published twice; consumers don't mind.
_LAZY = "SET synchronous_commit = off"

log = structlog.get_logger()

Connection = psycopg.AsyncConnection[Any]


async def relayed_position(connection: Connection) -> int:
    """Up to where NATS has acknowledged the log."""
    row = await (await connection.execute(_POSITION, (CHECKPOINT,), prepare=True)).fetchone()
    return int(row[0]) if row else 0


async def ask_again(connection: Connection, after: int) -> bool:
    """Have everything after this position published again; whether that was news."""
    cursor = await connection.execute(_GO_BACK, (after, CHECKPOINT, after))
    return cursor.rowcount > 0


class Relay:
    """`consumers` are the durable ones that it declares along with the stream."""

    def __init__(
        self, database_url: str, nats_url: str, shape: Shape, consumers: Sequence[str] = ()
    ) -> None:
        self._conninfo = bounded_conninfo(database_url, application="opstream relay")
        self._nats_url = nats_url
        self._shape = shape
        self._consumers = consumers
        self._listener = Listener(database_url, "stored_events")
        self._position = 0
        self._epoch = ""
        """Set while publishing again: the server still remembers the plain message ids."""
        self._checked_at = 0.0

    async def run(self) -> None:
        """Publish until cancelled. Raises psycopg.Error when the database connection is lost,
        nats.errors.Error or TimeoutError when NATS can't be reached at the start.
        """
        async with (
            await psycopg.AsyncConnection.connect(
                self._conninfo, autocommit=True, prepare_threshold=0
            ) as connection,
            self._listener,
            connected(self._nats_url, "relay") as client,
        ):
            await hold(connection, "relay")
            await connection.execute(_LAZY)
            await connection.execute(_FIRST, (CHECKPOINT,))
            self._position, self._epoch = await relayed_position(connection), ""
            log.info("relay.active", position=self._position)
            window = await Window(client).open()
            while True:
                async with outlasting(client):
                    await self._step(connection, client, window)

    async def _step(self, connection: Connection, client: Client, window: Window) -> None:
        await self._keep_stream(client)
        entries = await read_after(connection, self._position, WINDOW)
        if not entries:
            await self._idle(connection)
            return
        stored = await window.publish([self._message(entry, client) for entry in entries])
        await failpoint("after_publish")
        if stored:
            await self._advance(connection, entries[stored - 1])
        if stored < len(entries):
            await asyncio.sleep(0.1)
            self._checked_at = 0.0
        elif len(entries) < WINDOW:
            await asyncio.sleep(min(LINGER + LINGER_EACH * len(entries), LONGEST_LINGER))

    def _message(self, entry: LogEntry, client: Client) -> Outgoing:
        message_id = f"{entry.position}{self._epoch}"
        payload = encode(entry, client.max_payload - _ENVELOPE_ROOM)
        return Outgoing(subject_of(entry), payload, message_id)

    async def _advance(self, connection: Connection, last: LogEntry) -> None:
        moved = await connection.execute(
            _ADVANCE, (last.position, CHECKPOINT, self._position), prepare=True
        )
        if moved.rowcount:
            metrics.RELAYED_EVENTS.inc(last.position - self._position)
            self._position = last.position
        else:
            await self._look_back(connection)

    async def _idle(self, connection: Connection) -> None:
        await self._look_back(connection)
        if await self._listener.wait(CHECK_EVERY):
            await asyncio.sleep(LINGER)

    async def _look_back(self, connection: Connection) -> None:
        """Follow the checkpoint if somebody moved it."""
        position = await relayed_position(connection)
        if position != self._position:
            log.warning("relay.again", after=position, instead_of=self._position)
            self._position = position
            self._epoch = f".{uuid4().hex[:12]}"

    async def _keep_stream(self, client: Client) -> None:
        """NATS may have lost the stream since the last look; then it is declared again."""
        if monotonic() - self._checked_at < CHECK_EVERY:
            return
        js = client.jetstream(timeout=2)
        if self._checked_at == 0.0 or not await exists(js):
            await declare(client, self._shape, self._consumers)
        self._checked_at = monotonic()
