"""What is left in the database of read models that the code no longer has, or not in that version.

Nobody folds them any more, but who queries them by hand could take them for the truth.
"""

from collections.abc import Collection
from typing import Any

import psycopg
import structlog

from infrastructure.postgres.projector.tables import ReadModelTables
from projections.read_model import CHECKPOINTS, ReadModel

KEPT_DAYS = 1
"""How long one stays: meanwhile processes of the release before, which know it, may still run."""

# One that somebody still folds moves whenever the log is ahead of it, also while it is being built.
_RETIRED = """
SELECT name FROM checkpoints
WHERE starts_with(name, %s) AND name <> ALL(%s)
    AND position < (SELECT max(notification_id) FROM stored_events)
    AND updated_at < clock_timestamp() - %s * interval '1 day'
ORDER BY name
"""
_FORGET_PARKED = "DELETE FROM parked_events WHERE read_model = %s"
_FORGET = "DELETE FROM checkpoints WHERE name = %s"

log = structlog.get_logger()


async def drop_retired(
    connection: psycopg.AsyncConnection[Any], known: Collection[ReadModel]
) -> int:
    """How many read models were dropped, with checkpoints and parked events: all that stood still
    for `KEPT_DAYS` although the log went on, and are none of the `known`.
    """
    names = [model.checkpoint for model in known]
    cursor = await connection.execute(_RETIRED, (CHECKPOINTS, names, KEPT_DAYS))
    retired = [name for (name,) in await cursor.fetchall()]
    for name in retired:
        async with connection.transaction():
            await ReadModelTables(ReadModel.named(name)).drop(connection)
            await connection.execute(_FORGET_PARKED, (name,))
            await connection.execute(_FORGET, (name,))
        log.info("projector.retired", read_model=name)
    return len(retired)
