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


async def page_of(
    connection: AsyncConnection, query: Select[*tuple[Any, ...]], request: PageRequest
) -> Page[Any]:
    """One page of rows and how many there are in all, in two selects whatever the page's size."""
    count = select(func.count()).select_from(query.order_by(None).subquery())
    total = (await connection.execute(count)).scalar_one()
    rows = (await connection.execute(query.limit(request.size).offset(request.offset))).all()
    return Page(rows, total, request)
