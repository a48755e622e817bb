"""How far the read models have come that no answer waits for, as their checkpoints tell it."""

import asyncio
from time import monotonic

from sqlalchemy import text

from infrastructure.postgres.reads import Reads
from infrastructure.registry import background_read_models

_PAUSE = 0.05
_REACHED = text("SELECT coalesce(min(position), 0) FROM checkpoints WHERE name = ANY(:names)")


async def background_reached(reads: Reads, position: int, patience: float) -> bool:
    """Whether all of them show the position within `patience` seconds.

    Raises sqlalchemy.exc.OperationalError or TimeoutError when the database can't be asked.
    """
    names = [model.checkpoint for model in background_read_models()]
    deadline = monotonic() + patience
    while True:
        async with reads.connect() as connection:
            reached = (await connection.execute(_REACHED, {"names": names})).scalar_one()
        if reached >= position or monotonic() > deadline:
            return bool(reached >= position)
        await asyncio.sleep(_PAUSE)
