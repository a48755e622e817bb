"""How far the reports have come, as their checkpoints tell it."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from infrastructure.registry import reports

_REACHED = text("SELECT coalesce(min(position), 0) FROM checkpoints WHERE name = ANY(:names)")


async def reports_reached(connection: AsyncConnection) -> int:
    """The position up to which every report shows the log."""
    names = [model.checkpoint for model in reports()]
    return int((await connection.execute(_REACHED, {"names": names})).scalar_one())
