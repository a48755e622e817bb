"""The read models of a log that was filled: folded by the product's own projector."""

import asyncio
import contextlib
import time
from collections.abc import Sequence

import psycopg
import uvloop

from infrastructure import garbage
from infrastructure.event_store.mapper import EventMapper
from infrastructure.nats.consumer import checkpoint_of
from infrastructure.nats.relay import CHECKPOINT as RELAY
from infrastructure.postgres.audit_check import CONSUMER as AUDIT
from infrastructure.postgres.projector.runner import Projector
from infrastructure.registry import read_models
from interfaces.workers.main import NOTIFIER
from projections.read_model import ReadModel
from tests.bench.opstream_log import NEWEST

FOLLOWERS = len(read_models()) + 3
"""Checkpoints: relay, audit trail and notifier follow the log too."""
BEHIND = f"SELECT ({NEWEST}) - coalesce(min(position), 0) FROM checkpoints"
_PUBLISHED = f"""
INSERT INTO checkpoints (name, position) SELECT unnest(%s::text[]), ({NEWEST})
ON CONFLICT (name) DO UPDATE SET position = EXCLUDED.position
"""


def take_as_read(database_url: str) -> None:
    """Has the read models folded by the projector, and takes the rest as long done.

    Only the read models are really there. Relay, audit trail and notifier are set to the end of the
    log, as if NATS had dropped the events for their age; the audit trail has no rows of them.
    """
    uvloop.run(project(database_url))
    followers = [RELAY, checkpoint_of(AUDIT), checkpoint_of(NOTIFIER)]
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(_PUBLISHED, (followers,))
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


async def project(database_url: str, models: Sequence[ReadModel] | None = None) -> float:
    """Seconds until a projector has taken the whole log into the read models, by default all."""
    models = models or read_models()
    garbage.calm()  # as the worker does
    started = time.perf_counter()
    projector = asyncio.create_task(Projector(database_url, EventMapper(), models).run())
    while _behind(database_url, models):  # noqa: ASYNC110 - the projector is watched, not part of this
        await asyncio.sleep(0.05)
    seconds = time.perf_counter() - started
    projector.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await projector
    return seconds


def _behind(database_url: str, models: Sequence[ReadModel]) -> bool:
    names = [model.checkpoint for model in models]
    with psycopg.connect(database_url) as connection:
        row = connection.execute(f"{BEHIND} WHERE name = ANY(%s)", (names,)).fetchone()
    return row is None or row[0] > 0


def behind(database_url: str) -> int:
    """How many events the one is behind that is behind most: a read model, relay or consumer."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute(BEHIND).fetchone()
    return int(row[0]) if row else 0
