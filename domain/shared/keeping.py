"""What a change leaves as it is, where None would be a value."""

from enum import Enum
from typing import Final, Literal, TypeVar

T = TypeVar("T")


class Kept(Enum):
    KEPT = "kept"


KEPT: Final = Kept.KEPT


def kept_or(old: T, new: T | Literal[Kept.KEPT]) -> T:
    """The new value, or the old one where it is kept."""
    return old if isinstance(new, Kept) else new
