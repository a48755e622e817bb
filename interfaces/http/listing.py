"""What all contracts ask of lists in the same way: a page, and whether something is there."""

from typing import Annotated, Any

from fastapi import Depends, Query

from domain.shared.errors import NotFound
from projections.paging import MAX_PAGE_SIZE, PageRequest

Row = Any
"""A row of a read model."""


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
