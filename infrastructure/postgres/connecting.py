"""Connecting, for whoever may be cancelled meanwhile."""

import asyncio
import contextlib
from typing import Any

import psycopg


async def connected(conninfo: str, **options: Any) -> psycopg.AsyncConnection[Any]:
    """A new connection; who is cancelled while it is made waits until it is, and it is closed.

    Left half-made, it would keep its backend until Python happens to collect it, and Postgres from
    dropping the database or shutting down; up to a minute, in which it waits for a password.
    """
    making = asyncio.ensure_future(psycopg.AsyncConnection.connect(conninfo, **options))
    try:
        return await asyncio.shield(making)
    except asyncio.CancelledError:
        with contextlib.suppress(psycopg.Error):
            await (await making).close()
        raise
