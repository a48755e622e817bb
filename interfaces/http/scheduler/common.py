"""What the bodies of the Scheduler contract have in common."""

from collections.abc import Sequence
from typing import Any, Generic, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from domain.shared.ids import PersonId
from interfaces.http.listing import Paging, Row, existing
from projections.paging import Page

__all__ = ["AN_ID", "ErrorOut", "Out", "PageOut", "Paging", "Row", "existing", "person_ids"]

AN_ID = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
"""For examples."""

T = TypeVar("T")


class Out(BaseModel):
    model_config = ConfigDict(frozen=True)


class ErrorOut(Out):
    error: str
    message: str
    details: dict[str, Any]


class PageOut(Out, Generic[T]):
    items: list[T]
    page: int
    page_size: int
    total: int

    @classmethod
    def of(cls, page: Page[Any], items: list[T]) -> Self:
        return cls(
            items=items, page=page.request.number, page_size=page.request.size, total=page.total
        )


def person_ids(ids: Sequence[UUID]) -> tuple[PersonId, ...]:
    return tuple(PersonId(person_id) for person_id in ids)
