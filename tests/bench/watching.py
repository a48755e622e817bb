"""When each event came where: into the read models, out of NATS, into the audit trail."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import orjson
import psycopg
from nats.aio.msg import Msg
from nats.js.api import DeliverPolicy

from infrastructure.nats.connection import connected
from infrastructure.nats.consumer import checkpoint_of
from infrastructure.nats.streams import STREAM, SUBJECTS
from infrastructure.postgres.audit_check import CONSUMER as AUDIT
from infrastructure.postgres.projector.flush import ANNOUNCED

LOOK_EVERY = 0.02
"""Seconds between two looks at the audit trail's position, which nobody announces."""
_AUDITED = "SELECT position FROM checkpoints WHERE name = %s"

Arrivals = list[tuple[float, int]]
"""Moments (Unix time) at which everything up to a position was there, in order of both."""


@dataclass
class Watch:
    read_models: Arrivals = field(default_factory=list)
    nats: Arrivals = field(default_factory=list)
    audit_trail: Arrivals = field(default_factory=list)


@asynccontextmanager
async def watching(database_url: str, nats_url: str) -> AsyncIterator[Watch]:
    """Hears the projector's announcements as an API process does, consumes the stream as any
    consumer, and looks at the audit trail's checkpoint every `LOOK_EVERY` seconds.
    """
    watch = Watch()
    async with (
        await psycopg.AsyncConnection.connect(database_url, autocommit=True) as announced,
        await psycopg.AsyncConnection.connect(database_url, autocommit=True) as looking,
        connected(nats_url, "bench") as client,
    ):
        await announced.execute(f"LISTEN {ANNOUNCED}")

        async def arrived(message: Msg) -> None:
            watch.nats.append((time.time(), int(orjson.loads(message.data)["id"])))

        await client.jetstream().subscribe(
            SUBJECTS,
            stream=STREAM,
            cb=arrived,
            ordered_consumer=True,
            deliver_policy=DeliverPolicy.NEW,
        )
        tasks = [
            asyncio.create_task(_hear(announced, watch.read_models)),
            asyncio.create_task(_look(looking, watch.audit_trail)),
        ]
        try:
            yield watch
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _hear(connection: psycopg.AsyncConnection, arrivals: Arrivals) -> None:
    async for notification in connection.notifies():
        arrivals.append((time.time(), int(notification.payload)))


async def _look(connection: psycopg.AsyncConnection, arrivals: Arrivals) -> None:
    while True:
        cursor = await connection.execute(_AUDITED, (checkpoint_of(AUDIT),), prepare=True)
        row = await cursor.fetchone()
        if row is not None and (not arrivals or arrivals[-1][1] < row[0]):
            arrivals.append((time.time(), row[0]))
        await asyncio.sleep(LOOK_EVERY)


def lags(recorded: Sequence[tuple[int, float]], arrivals: Arrivals) -> list[float]:
    """Seconds from when each event was recorded until it was there; both in order of position.

    Raises ValueError when one has never come.
    """
    found, place = [], 0
    for position, recorded_at in recorded:
        while place < len(arrivals) and arrivals[place][1] < position:
            place += 1
        if place == len(arrivals):
            raise ValueError(f"event {position} has not come")
        found.append(arrivals[place][0] - recorded_at)
    return found
