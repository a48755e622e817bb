"""From an endpoint to the read models."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Concatenate, ParamSpec, TypeVar

from fastapi import Depends, Request
from psycopg.errors import UndefinedTable
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.shared.errors import Unavailable
from infrastructure.bootstrap import Core
from infrastructure.postgres.outages import outlast

P = ParamSpec("P")
T = TypeVar("T")


class Reading:
    """Runs queries for the request it belongs to, each on a connection that it holds no longer."""

    def __init__(self, request: Request) -> None:
        core: Core = request.app.state.core
        self._engine = core.reads

    async def __call__(
        self,
        query: Callable[Concatenate[AsyncConnection, P], Awaitable[T]],
        *arguments: P.args,
        **named: P.kwargs,
    ) -> T:
        """Raises Unavailable when the read models can't be reached in time."""

        async def read() -> T:
            async with self._engine.connect() as connection:
                return await query(connection, *arguments, **named)

        try:
            return await outlast(read, "What is asked for")
        except ProgrammingError as error:
            if isinstance(error.orig, UndefinedTable):
                raise Unavailable("The read models have not been built yet.") from error
            raise


async def _reading(request: Request) -> Reading:
    # Not plain `Reading`: FastAPI would call that in a thread.
    return Reading(request)


Ask = Annotated[Reading, Depends(_reading)]
"""What endpoints query with: ``await ask(list_units, tenant_id, page)``."""
