"""All that one step of the projector changes, as one statement: one round trip, one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from infrastructure.postgres.projector.tables import Change

ANNOUNCED = "opstream_projected"
"""The channel on which the projector tells how far the read models have come that answers wait for.
"""


@dataclass(frozen=True)
class Advance:
    """Read models by their checkpoints: where these stand, and where the step takes them.

    `announced` is what to tell those who wait; None when nobody does. `news` names the read models
    that changed and that others remember.
    """

    checkpoints: Sequence[str]
    behind: int
    reached: int
    announced: int | None
    news: Sequence[str] = ()


def announcement(front: int, news: Sequence[str] = ()) -> str:
    """What those hear who wait for a position, and those who remember what has changed."""
    return " ".join((str(front), *news))


async def flush(
    connection: psycopg.AsyncConnection[Any], advance: Advance, changes: Sequence[Change]
) -> None:
    """Write rows, checkpoints and announcement; no two changes may concern the same row.

    Tables are locked before checkpoints: a statement locks what it writes to before it runs.

    Raises psycopg.errors.SerializationFailure, and writes nothing, when a checkpoint is elsewhere.
    """
    # Parts that change something run to their end though nobody asks for their result; the function
    # runs because somebody does.
    parts = ["advanced AS (SELECT advance_checkpoints(%s, %s, %s))"]
    parts += [f"change_{n} AS ({change.statement})" for n, change in enumerate(changes)]
    parameters: list[Any] = [list(advance.checkpoints), advance.behind, advance.reached]
    for change in changes:
        parameters += change.parameters
    told = "advance_checkpoints"
    if advance.announced is not None:
        told = "pg_notify(%s, %s)"
        parameters += [ANNOUNCED, announcement(advance.announced, advance.news)]
    statement = f"WITH {', '.join(parts)} SELECT {told} FROM advanced"  # noqa: S608 - our own parts
    await connection.execute(statement, parameters, prepare=True)
