"""The base of durable consumers: every event once, in order, together with its effects.

The position is kept in Postgres and moves in the transaction that holds the effects, so an event
takes effect exactly once however often NATS delivers it. When something is missing, or NATS is
silent although the relay has been further for a while, the relay is asked to publish again.
"""

import asyncio
from collections.abc import Sequence as Items
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol

import psycopg
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from psycopg.errors import OperationalError

from infrastructure import metrics
from infrastructure.failpoints import failpoint
from infrastructure.nats.cloud_events import Delivered, decode
from infrastructure.nats.connection import connected, outlasting
from infrastructure.nats.parking import ATTEMPTS, park, with_states
from infrastructure.nats.pulling import ASK, ConsumerGoneError, Pull
from infrastructure.nats.relay import ask_again, relayed_position
from infrastructure.nats.sequence import Sequence
from infrastructure.nats.streams import Shape, declare
from infrastructure.postgres.locks import hold
from infrastructure.postgres.urls import bounded_conninfo

BATCH = ASK // 2
"""Events in one transaction; not more, because others run in the same process."""
LINGER, LINGER_EACH = 0.1, 0.0003
"""Seconds that a batch gathers after its first event, and more for each event of the batch before;
but not after a full one, which others follow close behind.
"""
WAIT = 0.6
"""Seconds of silence after which a consumer looks whether it should have got something."""
PATIENCE = 0.5
"""Seconds without progress, although there should be some, before asking the relay."""

_FIRST = "INSERT INTO checkpoints (name, position) VALUES (%s, 0) ON CONFLICT DO NOTHING"
_POSITION = "SELECT position FROM checkpoints WHERE name = %s"
_ADVANCE = "SELECT advance_checkpoints(ARRAY[%s], %s, %s)"
# The effects follow from the log; a crash of the database takes them and the position together.
_LAZY = "SET synchronous_commit = off"

log = structlog.get_logger()

Connection = psycopg.AsyncConnection[Any]


class TryLaterError(Exception):
    """A handler can't work yet; the batch comes again, and is not poison."""


class Handler(Protocol):
    async def __call__(self, connection: Connection, events: Items[Delivered]) -> None:
        """Effects of the events, inside of the caller's transaction."""


@dataclass(frozen=True)
class _Held:
    event: Delivered
    message: Msg


class Consumer:
    """`name` is the durable's name in NATS and part of the checkpoint's."""

    def __init__(
        self, name: str, handler: Handler, database_url: str, nats_url: str, shape: Shape
    ) -> None:
        self.name = name
        self._handler = handler
        self._conninfo = bounded_conninfo(database_url, application=f"opstream {name}")
        self._nats_url = nats_url
        self._shape = shape
        self._sequence: Sequence[_Held] = Sequence(0)
        self._stuck_since: float | None = None
        self._gathered = 0
        """How many messages came the last time."""

    @property
    def checkpoint(self) -> str:
        return checkpoint_of(self.name)

    async def run(self) -> None:
        """Consume until cancelled. Raises psycopg.Error when the database connection is lost,
        nats.errors.Error or TimeoutError when JetStream does not answer.

        One process at a time does; the others wait here. Who loses the connection loses the lock
        and can't write any more, for it writes on that very connection.
        """
        async with (
            await psycopg.AsyncConnection.connect(
                self._conninfo, autocommit=True, prepare_threshold=0
            ) as connection,
            connected(self._nats_url, self.name) as client,
        ):
            await hold(connection, f"consumer {self.name}")
            await connection.execute(_LAZY)
            self._sequence = Sequence(await self._stored_position(connection))
            log.info("consumer.active", consumer=self.name, position=self._sequence.position)
            pull = Pull(client, self.name)
            await pull.open()
            await self._declare(client)
            while True:
                async with outlasting(client):
                    await self._step(connection, client, pull)

    async def _step(self, connection: Connection, client: Client, pull: Pull) -> None:
        if not (batch := self._sequence.next(BATCH)):
            await self._pull(client, pull)
            batch = self._sequence.next(BATCH)
        if not batch:
            await self._look_for_loss(connection)
            return
        self._stuck_since = None
        try:
            await self._take(connection, [held.event for held in batch])
        except TryLaterError:
            await asyncio.sleep(0.1)
            return
        await failpoint("before_ack")
        # It speaks for those before it too. Would it speak for too many, that showed as a gap.
        await batch[-1].message.ack()

    async def _pull(self, client: Client, pull: Pull) -> None:
        try:
            linger = LINGER + LINGER_EACH * (self._gathered % BATCH)
            messages = await pull.batch(BATCH, WAIT, linger)
            self._gathered = len(messages)
            await self._receive(messages)
        except ConsumerGoneError:
            await self._declare(client)

    async def _declare(self, client: Client) -> None:
        await declare(client, self._shape, [self.name])

    async def _stored_position(self, connection: Connection) -> int:
        await connection.execute(_FIRST, (self.checkpoint,))
        row = await (await connection.execute(_POSITION, (self.checkpoint,))).fetchone()
        return int(row[0]) if row else 0

    async def _receive(self, messages: Items[Msg]) -> None:
        """Keep what is news; acknowledge at once what is not, or is not ours."""
        for message in messages:
            try:
                event = decode(message.data)
            except ValueError:
                log.warning("consumer.not_an_event", consumer=self.name, subject=message.subject)
                await message.ack()
                continue
            if not self._sequence.add(event.position, _Held(event, message)):
                await message.ack()

    async def _take(self, connection: Connection, events: Items[Delivered]) -> None:
        events = await with_states(connection, events)
        try:
            await self._commit(connection, events)
        except (OperationalError, TryLaterError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever a handler raises
            log.warning("consumer.batch_failed", consumer=self.name, error=type(error).__name__)
            for event in events:
                await self._take_one(connection, event)

    async def _take_one(self, connection: Connection, event: Delivered) -> None:
        """Tried `ATTEMPTS` times, then parked: one bad event must not hold up the rest."""
        for attempt in range(ATTEMPTS):
            try:
                await self._commit(connection, [event])
            except (OperationalError, TryLaterError):
                raise
            except Exception as error:  # noqa: BLE001 - see above
                if attempt == ATTEMPTS - 1:
                    await self._park(connection, event, error)
                    return
                await asyncio.sleep(0.05 * 2**attempt)
            else:
                return

    async def _commit(self, connection: Connection, events: Items[Delivered]) -> None:
        reached = events[-1].position
        async with connection.transaction():
            await self._advance(connection, reached)
            await self._handler(connection, events)
            await failpoint("consumer_mid_batch")
        self._sequence.taken(reached)
        metrics.CONSUMED_EVENTS.labels(self.name).inc(len(events))

    async def _park(self, connection: Connection, event: Delivered, error: Exception) -> None:
        async with connection.transaction():
            await self._advance(connection, event.position)
            await park(connection, self.name, event, error)
        self._sequence.taken(event.position)

    async def _advance(self, connection: Connection, reached: int) -> None:
        await connection.execute(
            _ADVANCE, (self.checkpoint, self._sequence.position, reached), prepare=True
        )

    async def _look_for_loss(self, connection: Connection) -> None:
        """Ask the relay to publish again what should have come and did not."""
        relayed = await relayed_position(connection)
        if relayed <= self._sequence.position:
            self._stuck_since = None
            return
        now = monotonic()
        self._stuck_since = self._stuck_since or now
        if now - self._stuck_since < PATIENCE:
            return
        self._stuck_since = None
        if await ask_again(connection, self._sequence.position):
            metrics.CONSUMER_GAPS.labels(self.name).inc()
            log.warning("consumer.gap", consumer=self.name, after=self._sequence.position)
        for held in self._sequence.give_up():
            await held.message.ack()


def checkpoint_of(consumer: str) -> str:
    return f"consumer {consumer}"
