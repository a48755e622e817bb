"""Pages of a query."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")

MAX_PAGE_SIZE = 200


@dataclass(frozen=True)
class PageRequest:
    """Which page: `number` counts from 1."""

    number: int = 1
    size: int = 50

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size


@dataclass(frozen=True)
class Page(Generic[T]):
    items: Sequence[T]
    total: int
    request: PageRequest


def page_query(query: Select[*tuple[Any, ...]], request: PageRequest) -> Select[*tuple[Any, ...]]:
    """One page of rows, each with how many there are in all (`in_all`).

    One statement sees one state; several would each see their own, or cost two more round trips.
    """
    count = select(func.count()).select_from(query.order_by(None).subquery())
    page = query.limit(request.size).offset(request.offset)
    return page.add_columns(count.scalar_subquery().label("in_all"))


async def page_of(
    connection: AsyncConnection, query: Select[*tuple[Any, ...]], request: PageRequest
) -> Page[Any]:
    rows = (await connection.execute(page_query(query, request))).all()
    return Page(rows, await total_of(rows, connection, query, request), request)


async def total_of(
    rows: Sequence[Any],
    connection: AsyncConnection,
    query: Select[*tuple[Any, ...]],
    request: PageRequest,
) -> int:
    """How many there are in all, as the page's rows tell it; a page past the end has none."""
    if rows:
        return int(rows[0].in_all)
    if request.offset == 0:
        return 0
    count = select(func.count()).select_from(query.order_by(None).subquery())
    found = (await connection.execute(count)).scalar_one()
    # There may be more by now, but there were not when the page was past the end.
    return int(min(found, request.offset))
