"""The sender: takes due deliveries, tries them, and gives them up after a number of attempts.

A delivery is claimed by putting off its next attempt before it is sent, so that a sender that dies
leaves it to be tried again: at least once, never forgotten.
"""

import asyncio
import random
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import psycopg
import structlog
from psycopg.rows import class_row

from application.processes.channels import OutgoingMessage, UndeliverableError
from domain.scheduling.preferences import QuietHours
from infrastructure import metrics
from infrastructure.messages.ways import Way
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
WITH due AS (
    SELECT position, recipient, channel FROM deliveries
    WHERE status = 'pending' AND next_attempt_at <= clock_timestamp() AND channel = %(channel)s
    ORDER BY next_attempt_at LIMIT {most} FOR UPDATE SKIP LOCKED
)
UPDATE deliveries d SET attempts = attempts + 1,
    next_attempt_at = clock_timestamp() + %(claim)s * interval '1 second'
FROM due
WHERE (d.position, d.recipient, d.channel) = (due.position, due.recipient, due.channel)
RETURNING d.position, d.recipient, d.channel, d.address, d.subject, d.body, d.html, d.attempts,
    d.created_at, d.quiet_start, d.quiet_end, d.quiet_zone
"""
_CLAIM_ANY = _CLAIM.format(most="%(batch)s")
# Senders take turns, so that each counts what the others have claimed. The window slides: whatever
# is due waits no longer than until the oldest attempt in it has left it.
_TURN = "SELECT pg_advisory_xact_lock(hashtextextended('attempts by ' || %s, 0))"
_FORGET = "DELETE FROM provider_attempts WHERE channel = %s AND tried_at <= clock_timestamp() - %s"
_ALLOWED = """least(%(batch)s, greatest(0, %(amount)s - (
    SELECT count(*) FROM provider_attempts WHERE channel = %(channel)s
)))"""
_CLAIM_ALLOWED = f"""
WITH claimed AS ({_CLAIM.format(most=_ALLOWED)}), counted AS (
    INSERT INTO provider_attempts SELECT %(channel)s, clock_timestamp() FROM claimed
) SELECT * FROM claimed
"""  # noqa: S608 - constants
_SENT = """
UPDATE deliveries SET status = 'sent', sent_at = clock_timestamp(), last_error = NULL
WHERE position = %s AND recipient = %s AND channel = %s
"""
_FAILED = """
UPDATE deliveries SET status = %s, last_error = %s, next_attempt_at = %s
WHERE position = %s AND recipient = %s AND channel = %s
"""
_LEFT_ALONE = """
UPDATE deliveries SET attempts = attempts - 1, next_attempt_at = %s
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
    html: str | None
    attempts: int
    """This one included."""
    created_at: datetime
    quiet_start: time | None
    quiet_end: time | None
    quiet_zone: str | None

    @property
    def key(self) -> tuple[int, UUID, str]:
        return self.position, self.recipient, self.channel

    def message(self) -> OutgoingMessage:
        key = f"{self.position}-{self.recipient}"
        return OutgoingMessage(
            key, self.address, self.subject, self.body, self.created_at, self.html
        )

    def quiet_until(self, moment: datetime) -> datetime | None:
        """When the recipient may be disturbed again; None when that is so at the moment."""
        if self.quiet_start is None or self.quiet_end is None or self.quiet_zone is None:
            return None
        return QuietHours(self.quiet_start, self.quiet_end, self.quiet_zone).end_after(moment)


class Sender:
    """Of one channel. `attempts` is how often a delivery is tried; `poll` in seconds, how soon one
    is noticed.
    """

    def __init__(self, database_url: str, way: Way, attempts: int, poll: float = 0.5) -> None:
        self._conninfo = bounded_conninfo(database_url, application="opstream sender")
        self._channel = way.channel
        self._rate = way.rate
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
        """Try what is due now and may be, all at once, so that no claim ends before its attempt;
        how many were tried.
        """
        due = await self._claim(connection)
        await asyncio.gather(*(self._try(connection, delivery) for delivery in due))
        return len(due)

    async def _claim(self, connection: Connection) -> list[Due]:
        cursor = connection.cursor(row_factory=class_row(Due))
        values = {"claim": CLAIM, "channel": self._channel.name, "batch": BATCH}
        if self._rate is None:
            await cursor.execute(_CLAIM_ANY, values, prepare=True)
            return await cursor.fetchall()
        async with connection.transaction():
            await connection.execute(_TURN, (self._channel.name,))
            await connection.execute(_FORGET, (self._channel.name, self._rate.within))
            await cursor.execute(_CLAIM_ALLOWED, {**values, "amount": self._rate.amount})
            return await cursor.fetchall()

    async def _try(self, connection: Connection, delivery: Due) -> None:
        if (until := delivery.quiet_until(_now())) is not None:
            # It has become night since it was due: it waits, and that is no attempt.
            await connection.execute(_LEFT_ALONE, (until, *delivery.key))
            return
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                await self._channel.send(delivery.message())
        except Exception as error:  # noqa: BLE001 - whatever a channel fails with
            await self._failed(connection, delivery, error)
        else:
            await connection.execute(_SENT, delivery.key)
            metrics.DELIVERY_ATTEMPTS.labels(delivery.channel, "sent").inc()

    async def _failed(self, connection: Connection, delivery: Due, error: Exception) -> None:
        dead = delivery.attempts >= self._attempts or isinstance(error, UndeliverableError)
        outcome = "dead" if dead else "failed"
        later = _now() + timedelta(seconds=pause(delivery.attempts))
        again = delivery.quiet_until(later) or later
        values = ("dead" if dead else "pending", _reason(error), again)
        await connection.execute(_FAILED, (*values, *delivery.key))
        metrics.DELIVERY_ATTEMPTS.labels(delivery.channel, outcome).inc()
        log.warning(
            "delivery.failed",
            position=delivery.position,
            recipient=str(delivery.recipient),
            channel=delivery.channel,
            outcome=outcome,
            attempts=delivery.attempts,
            error=type(error).__name__,
        )


async def send_all(senders: list[Sender]) -> None:
    """All channels side by side, until cancelled; one that hangs holds up no other. Raises
    psycopg.Error when a connection is lost.
    """
    try:
        async with asyncio.TaskGroup() as group:
            for sender in senders:
                group.create_task(sender.run())
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {SEND_TIMEOUT:g} s"
    return repr(error)[:2000]


def _now() -> datetime:
    return datetime.now(UTC)


def pause(attempts: int) -> float:
    """Seconds before the next attempt: doubling from a second to an hour, and up to half of it
    less by chance, so that what failed together does not come again together.
    """
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (attempts - 1))
    return float(longest) * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing
