"""Deleting what has expired, in small transactions."""

from typing import Any

import orjson
import psycopg
import structlog
from psycopg.sql import SQL, Identifier

from application.ports import Answer
from domain.shared.errors import Unavailable
from infrastructure.event_store.answers import as_json
from infrastructure.jobs.runs import KEPT_DAYS

BATCH = 5000
"""Rows deleted in one transaction at the most."""

# Asked twice: a row that changed since it was found is looked at as it is now.
_SWEEP = SQL("""
DELETE FROM {table} WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM {table}
    WHERE {column} < clock_timestamp() - %s * interval '1 day' LIMIT %s
)) AND {column} < clock_timestamp() - %s * interval '1 day'
""")

STAGED_HOURS = 24
"""How long the file of an import may be kept; it is gone sooner when the import has ended."""

_EXPIRE = """
UPDATE imports SET state = 'failed', file = NULL, ended_at = clock_timestamp(),
    failure = %s::jsonb
WHERE file IS NOT NULL AND created_at < clock_timestamp() - %s * interval '1 hour'
    AND leased_until < clock_timestamp()
"""
_EXPIRED = orjson.dumps(
    as_json(Answer(failure=Unavailable("The import was not done in time; its file is deleted.")))
).decode()

log = structlog.get_logger()

Connection = psycopg.AsyncConnection[Any]


async def sweep(connection: Connection, idempotency_days: int) -> int:
    """How many rows were deleted: idempotency keys older than that, and what has expired."""
    await connection.execute(_EXPIRE, (_EXPIRED, STAGED_HOURS))
    keys = await _delete(connection, "idempotency_keys", "recorded_at", idempotency_days)
    sessions = await _delete(connection, "refresh_sessions", "expires_at", 0)
    attempts = await _delete(connection, "login_attempts", "expires_at", 0)
    runs = await _delete(connection, "job_runs", "slot", KEPT_DAYS)
    feeds = await _delete(connection, "calendar_feeds", "revoked_at", 0)
    # A day later than the keys: none may be left without its import.
    imports = await _delete(connection, "imports", "created_at", idempotency_days + 1)
    log.info(
        "housekeeping.swept",
        idempotency_keys=keys,
        refresh_sessions=sessions,
        login_attempts=attempts,
        job_runs=runs,
        calendar_feeds=feeds,
        imports=imports,
    )
    return keys + sessions + attempts + runs + feeds + imports


async def _delete(connection: Connection, table: str, column: str, days: int) -> int:
    """Rows whose moment in `column` is more than `days` ago."""
    statement = _SWEEP.format(table=Identifier(table), column=Identifier(column))
    total = 0
    while True:
        cursor = await connection.execute(statement, (days, BATCH, days))
        total += cursor.rowcount
        if cursor.rowcount < BATCH:
            return total
