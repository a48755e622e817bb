"""What became of each slot of each job: the table by which a slot runs once, whoever leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row

from infrastructure.jobs.timetable import Rhythm

RUNNING, DONE, FAILED, OVERTAKEN = "running", "done", "failed", "overtaken"
KEPT_DAYS = 30

_BEFORE = "SELECT max(slot) FROM job_runs WHERE job = %(job)s AND slot < %(slot)s"
# Nothing of a slot that is done, or before one that has begun: the clock may have been set back.
_BEGIN = """
INSERT INTO job_runs (job, slot, slots, state, attempts, started_at)
SELECT %(job)s, %(slot)s, %(slots)s, 'running', 1, %(now)s
WHERE NOT EXISTS (SELECT FROM job_runs WHERE job = %(job)s AND slot > %(slot)s)
ON CONFLICT (job, slot) DO UPDATE SET state = 'running', attempts = job_runs.attempts + 1,
    started_at = EXCLUDED.started_at, ended_at = NULL
WHERE job_runs.state <> 'done'
RETURNING attempts
"""
_OVERTAKE = """
UPDATE job_runs SET state = 'overtaken', ended_at = %(now)s
WHERE job = %(job)s AND slot < %(slot)s AND state IN ('running', 'failed')
"""
_END = """
UPDATE job_runs SET state = %s, ended_at = %s, error = %s
WHERE job = %s AND slot = %s AND attempts = %s AND state = 'running'
"""
_NEWEST = """
SELECT DISTINCT ON (job) job, slot, slots, state, attempts, started_at, ended_at, error
FROM job_runs ORDER BY job, slot DESC
"""

Connection = psycopg.AsyncConnection[Any]


@dataclass(frozen=True)
class Run:
    """`slots` tells how many this one stands for: itself, and those that were missed before it."""

    job: str
    slot: datetime
    slots: int
    state: str
    attempts: int
    started_at: datetime
    ended_at: datetime | None
    error: str | None


async def begin(
    connection: Connection, job: str, rhythm: Rhythm, slot: datetime, now: datetime
) -> int | None:
    """The number of the attempt; None when the slot is done, or a later one has begun.

    Only the leader asks. A slot that is found running was the former leader's, and is finished;
    what did not end before this slot is left to it.
    """
    told: dict[str, object] = {"job": job, "slot": slot, "now": now}
    async with connection.transaction():
        row = await (await connection.execute(_BEFORE, told)).fetchone()
        before = row[0] if row else None
        told["slots"] = 1 if before is None else max(1, rhythm.slots_between(before, slot))
        begun = await (await connection.execute(_BEGIN, told)).fetchone()
        if begun is not None:
            await connection.execute(_OVERTAKE, told)
    return None if begun is None else int(begun[0])


async def end(
    connection: Connection,
    job: str,
    slot: datetime,
    attempt: int,
    now: datetime,
    error: str | None = None,
) -> None:
    """Say how the attempt ended; who has been overtaken by another leader says nothing."""
    state = DONE if error is None else FAILED
    await connection.execute(_END, (state, now, error, job, slot, attempt))


async def newest(connection: Connection) -> Sequence[Run]:
    """Each job's newest slot, by the job's name."""
    cursor = connection.cursor(row_factory=class_row(Run))
    await cursor.execute(_NEWEST)
    return await cursor.fetchall()
