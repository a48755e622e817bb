"""Waiting out a short outage of the database, such as its restart, instead of passing it on."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TypeVar

import psycopg
from psycopg_pool import PoolTimeout
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as EnginePoolTimeout

from domain.shared.errors import Unavailable

T = TypeVar("T")

PATIENCE = 3.0
"""Seconds; a restart with crash recovery of a small log takes about one."""


async def outlast(read: Callable[[], Awaitable[T]], what: str) -> T:
    """Run something that only reads, again and again while the database is away.

    Raises Unavailable after `PATIENCE`, or at once when the database answers that it won't: then
    it is busy, and asking again makes it worse.
    """
    deadline, pause = monotonic() + PATIENCE, 0.02
    while True:
        try:
            return await read()
        except (PoolTimeout, EnginePoolTimeout) as error:
            # It is busy, not away: asking again would make it busier.
            raise Unavailable(f"{what} can't be read now.") from error
        except (psycopg.OperationalError, psycopg.InterfaceError, DBAPIError, OSError) as error:
            if not _is_away(error) or monotonic() + pause > deadline:
                raise _unavailable(error, what) from error
        await asyncio.sleep(pause)
        pause = min(2 * pause, 0.5)


def _is_away(error: Exception) -> bool:
    """Whether it is the connection that failed; an answer of the server has an SQLSTATE."""
    original = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(original, psycopg.Error):
        return isinstance(original, OSError)
    # 57P01…57P03: it is shutting down, crashed, or starting up.
    return original.sqlstate is None or original.sqlstate.startswith("57P")


def _unavailable(error: Exception, what: str) -> Exception:
    """What the caller sees: mistakes of ours stay what they are."""
    original = error.orig if isinstance(error, DBAPIError) else error
    outage = isinstance(original, psycopg.OperationalError | psycopg.InterfaceError | OSError)
    return Unavailable(f"{what} can't be read now.") if outage else error
