"""Leadership by advisory lock: one process of a kind is active, the others stand by."""

import asyncio
from typing import Any

import psycopg


async def hold(connection: psycopg.AsyncConnection[Any], name: str, poll: float = 0.5) -> None:
    """Wait until this connection holds the named lock; it keeps it until it is closed.

    `poll` is in seconds.
    """
    while not await try_hold(connection, name):  # noqa: ASYNC110 - the lock is in another process
        await asyncio.sleep(poll)


async def try_hold(connection: psycopg.AsyncConnection[Any], name: str) -> bool:
    cursor = await connection.execute(
        "SELECT pg_try_advisory_lock(hashtext(%s))", (f"opstream.{name}",)
    )
    row = await cursor.fetchone()
    return bool(row and row[0])
