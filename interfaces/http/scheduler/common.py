"""What the bodies of the Scheduler contract have in common."""

from collections.abc import Sequence
from typing import Annotated, Any, Generic, Self, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel, ConfigDict

from domain.shared.errors import NotFound
from domain.shared.ids import PersonId
from projections.paging import MAX_PAGE_SIZE, Page, PageRequest

AN_ID = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
"""For examples."""

T = TypeVar("T")
Row = Any
"""A row of a read model."""


class Out(BaseModel):
    model_config = ConfigDict(frozen=True)


class ErrorOut(Out):
    error: str
    message: str
    details: dict[str, Any]


class PageOut(Out, Generic[T]):
    items: Sequence[T]
    page: int
    page_size: int
    total: int

    @classmethod
    def of(cls, page: Page[Any], items: Sequence[T]) -> Self:
        return cls(
            items=items, page=page.request.number, page_size=page.request.size, total=page.total
        )


def person_ids(ids: Sequence[UUID]) -> tuple[PersonId, ...]:
    return tuple(PersonId(person_id) for person_id in ids)


def existing(row: Row | None, what: str, which: object) -> Row:
    """Raises NotFound when there is no such row."""
    if row is None:
        raise NotFound(what, which)
    return row


async def _page(
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    page_size: Annotated[int, Query(alias="pageSize", ge=1, le=MAX_PAGE_SIZE)] = 50,
) -> PageRequest:
    return PageRequest(page, page_size)


Paging = Annotated[PageRequest, Depends(_page)]
