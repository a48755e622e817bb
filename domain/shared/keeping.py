"""What a change leaves as it is, where None would be a value."""

from collections.abc import Callable
from enum import Enum
from typing import Final, Literal, TypeVar

T = TypeVar("T")


class Kept(Enum):
    KEPT = "kept"


KEPT: Final = Kept.KEPT


def _as_it_is(value: T) -> T:
    return value


def kept_or(old: T, new: T | Literal[Kept.KEPT], checked: Callable[[T], T] = _as_it_is) -> T:
    """The new value in the form that `checked` gives it, or the old one where it is kept."""
    return old if isinstance(new, Kept) else checked(new)
