"""Events in the log that nobody can handle."""

from uuid import uuid4

import psycopg

from tests.faults.bed import WORKERS
from tests.faults.registry import scenario
from tests.faults.stage import Stage

_APPEND = """
INSERT INTO stored_events
SELECT %s, 1, %s, convert_to(%s, 'UTF8'), max(notification_id) + 1,
    (SELECT tenant_id FROM stored_events ORDER BY notification_id DESC LIMIT 1), %s,
    (SELECT metadata FROM stored_events ORDER BY notification_id DESC LIMIT 1) || %s::jsonb,
    clock_timestamp()
FROM stored_events RETURNING notification_id
"""
_POISON = {
    "unknown topic": ("nobody.Knows", "{}"),
    "no JSON": ("scheduling.ShiftDrafted", '{"role": '),
    "no fields": ("scheduling.PersonAssigned", "{}"),
}


@scenario(spoils=True)
async def poison_in_the_log(stage: Stage) -> None:
    """The log gets an unknown topic, a broken JSON and an event without its fields."""
    for topic, state in _POISON.values():
        stage.poison.add(await _append(stage, topic, state))
        await stage.some_are_answered()


@scenario()
async def handler_raises(stage: Stage) -> None:
    """A consumer's handler raises in the middle of a batch, once in each worker."""
    for name in WORKERS:
        passing = stage.rng.randint(2, 6)
        stage.bed.restart(name, OPSTREAM_FAILPOINTS=f"consumer_mid_batch=raise@{passing}")
        await stage.some_are_answered(60)


async def _append(stage: Stage, topic: str, state: str) -> int:
    """Past the API, but under the log's lock, as an older or newer release might have done."""
    async with await psycopg.AsyncConnection.connect(stage.bed.database_url) as connection:
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext('opstream.append'))")
        values = (uuid4(), topic, state, uuid4(), '{"request_id": "poison"}')
        row = await (await connection.execute(_APPEND, values)).fetchone()
        await connection.execute("NOTIFY stored_events")
    assert row is not None
    return int(row[0])
