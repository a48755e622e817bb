"""What a consumer does with events that are too large to be sent, or that its handler refuses."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import psycopg
import structlog

from infrastructure import metrics
from infrastructure.nats.cloud_events import Delivered

ATTEMPTS = 5
"""How often an event is tried before it is parked."""

_PARK = """
INSERT INTO parked_messages (consumer, position, topic, error) VALUES (%s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""
_STATES = "SELECT notification_id, state FROM stored_events WHERE notification_id = ANY(%s)"

log = structlog.get_logger()

Connection = psycopg.AsyncConnection[Any]


async def park(connection: Connection, consumer: str, event: Delivered, error: Exception) -> None:
    """Set an event aside, inside of the caller's transaction."""
    await connection.execute(_PARK, (consumer, event.position, event.topic, repr(error)[:2000]))
    metrics.PARKED_MESSAGES.labels(consumer).inc()
    log.error(
        "consumer.parked", consumer=consumer, position=event.position, error=type(error).__name__
    )


async def with_states(connection: Connection, events: Sequence[Delivered]) -> Sequence[Delivered]:
    """The events, those that travelled without their state completed from the log."""
    missing = [event.position for event in events if event.state is None]
    if not missing:
        return events
    cursor = connection.cursor(binary=True)
    await cursor.execute(_STATES, (missing,))
    states = dict(await cursor.fetchall())
    return [
        replace(event, state=states[event.position]) if event.state is None else event
        for event in events
    ]
