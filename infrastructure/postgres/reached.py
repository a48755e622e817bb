"""How far read models have come, as their checkpoints tell it to who looks now and then.

Whoever waits all the time is told: `infrastructure.postgres.watch`.
"""

import asyncio
from collections.abc import Iterable
from time import monotonic

from sqlalchemy import text

from infrastructure.postgres.reads import Reads
from infrastructure.registry import background_read_models, read_models
from projections.read_model import ReadModel

_PAUSE = 0.05
_REACHED = text("SELECT coalesce(min(position), 0) FROM checkpoints WHERE name = ANY(:names)")


async def everything_reached(reads: Reads, position: int, patience: float) -> bool:
    """Whether all read models show the position within `patience` seconds.

    Raises sqlalchemy.exc.DBAPIError or TimeoutError when the database can't be asked.
    """
    return await _reached(reads, read_models(), position, patience)


async def background_reached(reads: Reads, position: int, patience: float) -> bool:
    """The same of those that no answer waits for."""
    return await _reached(reads, background_read_models(), position, patience)


async def _reached(
    reads: Reads, models: Iterable[ReadModel], position: int, patience: float
) -> bool:
    names = {"names": [model.checkpoint for model in models]}
    deadline = monotonic() + patience
    while True:
        async with reads.connect() as connection:
            reached = bool((await connection.execute(_REACHED, names)).scalar_one() >= position)
        if reached or monotonic() > deadline:
            return reached
        await asyncio.sleep(_PAUSE)
