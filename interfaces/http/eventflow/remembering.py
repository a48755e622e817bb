"""Lists that an API process remembers, with their ETag."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.shared.ids import TenantId
from interfaces.http.call import Call
from interfaces.http.conditional import ETAG, not_modified_or
from interfaces.http.eventflow.common import ListOut

REMEMBERED: dict[int | str, dict[str, Any]] = {
    200: {"headers": {ETAG: {"$ref": f"#/components/headers/{ETAG}"}}},
    304: {"description": "It has not changed."},
}
"""For a route's ``responses``."""

Query = Callable[[AsyncConnection, TenantId], Awaitable[list[Any]]]


async def remembered_list(
    call: Call,
    known: frozenset[str],
    query: Query,
    of_row: Callable[[Any], BaseModel],
    *models: str,
) -> Response:
    """What the query finds, as it was asked last unless one of the read models has changed since;
    304 to a client that knows it.
    """
    tenant_id = call.actor.tenant_id

    async def ask() -> bytes:
        rows = await call.ask(query, tenant_id)
        found = ListOut[BaseModel].model_construct(items=[of_row(row) for row in rows])
        return found.model_dump_json(by_alias=True, serialize_as_any=True).encode()

    answer = await call.core.remembered.answer(query.__name__, tenant_id, models, ask)
    return not_modified_or(answer.content, answer.tag, known, "application/json")
