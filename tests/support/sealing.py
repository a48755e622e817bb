"""A log with its audit trail, sealed by signed checkpoints."""

from datetime import UTC, datetime

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infrastructure.event_store.mapper import EventMapper
from infrastructure.event_store.reader import read_after
from infrastructure.nats.cloud_events import decode, encode
from infrastructure.nats.consumer import checkpoint_of
from infrastructure.postgres.audit import AuditWriter
from infrastructure.postgres.audit_check import CONSUMER, audited_position
from infrastructure.sealing.keys import CheckpointKey
from infrastructure.sealing.sealer import Pace, Sealer

KEY = CheckpointKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
ANOTHER = CheckpointKey(Ed25519PrivateKey.from_private_bytes(bytes(32)))
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
AT_ONCE = 0.0

_REACHED = """
INSERT INTO checkpoints (name, position) VALUES (%s, %s)
ON CONFLICT (name) DO UPDATE SET position = excluded.position
"""


def connect(database_url):
    return psycopg.AsyncConnection.connect(database_url, autocommit=True)


async def write_trail(connection):
    """What the audit consumer does of what NATS delivers."""
    entries = await read_after(connection, await audited_position(connection), 10_000)
    async with connection.transaction():
        delivered = [decode(encode(entry, 10**6)) for entry in entries]
        await AuditWriter(EventMapper())(connection, delivered)
        await connection.execute(_REACHED, (checkpoint_of(CONSUMER), entries[-1].position))


def sealer(database_url, file, *, events=4, seconds=AT_ONCE, key=KEY):
    return Sealer(database_url, key, file, Pace(events, seconds), lambda: NOW)


async def seal(connection, file, **how):
    """All that is due; how many checkpoints were made."""
    one, made = sealer("postgresql://", file, **how), 0
    await one.resume(connection)
    while await one.step(connection):
        made += 1
    return made
