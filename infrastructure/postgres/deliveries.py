"""The sender: takes due deliveries, tries them, and gives them up after a number of attempts.

A delivery is claimed by putting off its next attempt before it is sent, so that a sender that dies
leaves it to be tried again: at least once, never forgotten.
"""

import asyncio
import random
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
import structlog
from psycopg.rows import class_row

from application.processes.channels import Channel, OutgoingMessage
from infrastructure import metrics
from infrastructure.postgres.urls import bounded_conninfo

CLAIM = 15.0
"""Seconds after which a delivery that was claimed and never reported is due again. Longer than an
attempt, or it would be sent twice; not much longer, for it waits so long when a sender dies.
"""
SEND_TIMEOUT = 10.0
"""Seconds that one attempt may take."""
BATCH = 20
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 3600.0

_CLAIM = """
UPDATE deliveries d SET attempts = attempts + 1,
    next_attempt_at = clock_timestamp() + %s * interval '1 second'
FROM (
    SELECT position, recipient, channel FROM deliveries
    WHERE status = 'pending' AND next_attempt_at <= clock_timestamp() AND channel = %s
    ORDER BY next_attempt_at LIMIT %s FOR UPDATE SKIP LOCKED
) due
WHERE (d.position, d.recipient, d.channel) = (due.position, due.recipient, due.channel)
RETURNING d.position, d.recipient, d.channel, d.address, d.subject, d.body, d.attempts, d.created_at
"""
_SENT = """
UPDATE deliveries SET status = 'sent', sent_at = clock_timestamp(), last_error = NULL
WHERE position = %s AND recipient = %s AND channel = %s
"""
_FAILED = """
UPDATE deliveries SET status = %s, last_error = %s,
    next_attempt_at = clock_timestamp() + %s * interval '1 second'
WHERE position = %s AND recipient = %s AND channel = %s
"""

log = structlog.get_logger()

Connection = psycopg.AsyncConnection[Any]


@dataclass(frozen=True)
class Due:
    position: int
    recipient: UUID
    channel: str
    address: str
    subject: str
    body: str
    attempts: int
    """This one included."""
    created_at: datetime

    @property
    def key(self) -> tuple[int, UUID, str]:
        return self.position, self.recipient, self.channel

    def message(self) -> OutgoingMessage:
        key = f"{self.position}-{self.recipient}"
        return OutgoingMessage(key, self.address, self.subject, self.body, self.created_at)


class Sender:
    """`attempts` is how often a delivery is tried; `poll` in seconds, how soon one is noticed."""

    def __init__(
        self, database_url: str, channel: Channel, attempts: int, poll: float = 0.5
    ) -> None:
        self._conninfo = bounded_conninfo(database_url, application="opstream sender")
        self._channel = channel
        self._attempts = attempts
        self._poll = poll

    async def run(self) -> None:
        """Send until cancelled; several may run at once. Raises psycopg.Error when the connection
        is lost.
        """
        async with await psycopg.AsyncConnection.connect(
            self._conninfo, autocommit=True, prepare_threshold=0
        ) as connection:
            while True:
                if not await self.send_due(connection):
                    await asyncio.sleep(self._poll)

    async def send_due(self, connection: Connection) -> int:
        """Try what is due now, all at once, so that no claim ends before its attempt; how many
        were tried.
        """
        cursor = connection.cursor(row_factory=class_row(Due))
        await cursor.execute(_CLAIM, (CLAIM, self._channel.name, BATCH), prepare=True)
        due = await cursor.fetchall()
        await asyncio.gather(*(self._try(connection, delivery) for delivery in due))
        return len(due)

    async def _try(self, connection: Connection, delivery: Due) -> None:
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                await self._channel.send(delivery.message())
        except Exception as error:  # noqa: BLE001 - whatever a channel fails with
            await self._failed(connection, delivery, error)
        else:
            await connection.execute(_SENT, delivery.key)
            metrics.DELIVERY_ATTEMPTS.labels(delivery.channel, "sent").inc()

    async def _failed(self, connection: Connection, delivery: Due, error: Exception) -> None:
        dead = delivery.attempts >= self._attempts
        outcome = "dead" if dead else "failed"
        values = ("dead" if dead else "pending", repr(error)[:2000], pause(delivery.attempts))
        await connection.execute(_FAILED, (*values, *delivery.key))
        metrics.DELIVERY_ATTEMPTS.labels(delivery.channel, outcome).inc()
        log.warning(
            "delivery.failed",
            position=delivery.position,
            recipient=str(delivery.recipient),
            outcome=outcome,
            attempts=delivery.attempts,
            error=type(error).__name__,
        )


def pause(attempts: int) -> float:
    """Seconds before the next attempt: doubling from a second to an hour, and up to half of it
    less by chance, so that what failed together does not come again together.
    """
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (attempts - 1))
    return float(longest) * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing
