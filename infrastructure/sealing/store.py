"""The table of signed checkpoints."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg

from infrastructure.sealing.checkpoint import Checkpoint
from infrastructure.sealing.digests import packed

_LINES = "SELECT coalesce(number, 0), coalesce(line, '') FROM signed_checkpoints ORDER BY number"
_NEWEST = "SELECT line FROM signed_checkpoints ORDER BY number DESC LIMIT 1"
_INSERT = "INSERT INTO signed_checkpoints VALUES (%s, %s, %s, %s)"
_DIGESTS = """
SELECT coalesce(log_digests, ''), coalesce(trail_digests, '')
FROM signed_checkpoints WHERE number = %s
"""
_SIZES = """
SELECT number, coalesce(octet_length(log_digests), 0), coalesce(octet_length(trail_digests), 0)
FROM signed_checkpoints ORDER BY number
"""

_WRITE = "SELECT pg_advisory_lock(hashtext('opstream.signed_checkpoints'))"
_DONE = "SELECT pg_advisory_unlock(hashtext('opstream.signed_checkpoints'))"
_READ = "SELECT pg_advisory_xact_lock_shared(hashtext('opstream.signed_checkpoints'))"

Connection = psycopg.AsyncConnection[Any]


@asynccontextmanager
async def writing(connection: Connection) -> AsyncIterator[None]:
    """Nobody reads table and file in between: then they hold the same."""
    await connection.execute(_WRITE)
    try:
        yield
    finally:
        await connection.execute(_DONE)


@asynccontextmanager
async def reading(connection: Connection) -> AsyncIterator[None]:
    async with connection.transaction():
        await connection.execute(_READ)
        yield


async def lines(connection: Connection) -> list[tuple[int, str]]:
    """All, each with the number that the table gives it, in order."""
    return await (await connection.execute(_LINES)).fetchall()


async def newest_line(connection: Connection) -> str | None:
    row = await (await connection.execute(_NEWEST)).fetchone()
    return row[0] if row else None


async def insert(
    connection: Connection, made: Checkpoint, log: Sequence[bytes], trail: Sequence[bytes]
) -> None:
    await connection.execute(_INSERT, (made.number, made.line, packed(log), packed(trail)))


async def digests_of(connection: Connection, number: int) -> tuple[bytes, bytes] | None:
    """Of the log's rows and of the trail's; None when there is no such checkpoint."""
    cursor = connection.cursor(binary=True)
    row = await (await cursor.execute(_DIGESTS, (number,))).fetchone()
    return (row[0], row[1]) if row else None


async def sizes(connection: Connection) -> dict[int, tuple[int, int]]:
    """How many bytes of digests each checkpoint has, of the log and of the trail."""
    cursor = await connection.execute(_SIZES)
    return {number: (log, trail) for number, log, trail in await cursor.fetchall()}
