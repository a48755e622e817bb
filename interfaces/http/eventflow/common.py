"""What the bodies of the EventFlow contract have in common: names in camelCase."""

from collections.abc import Callable
from typing import Any, Generic, Literal, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from interfaces.http.fields import Body
from projections.paging import Page

AN_ID = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
"""For examples."""

T = TypeVar("T")
K = TypeVar("K")


def given(make: Callable[[UUID], K], value: UUID | None) -> K | None:
    """A parameter as the id that it is, where it is given."""
    return None if value is None else make(value)


class In(Body):
    model_config = ConfigDict(alias_generator=to_camel)


class Out(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, validate_by_name=True)


class ErrorOut(Out):
    """`details` are for programs: broken rules with their data, fields, who has a task."""

    ok: Literal[False]
    error: str
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


class ListOut(Out, Generic[T]):
    """All there are."""

    items: list[T]
