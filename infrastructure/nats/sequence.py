"""Putting delivered events in order: each position once, none left out."""

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Sequence(Generic[T]):
    """What has come but can't be taken yet, behind the position up to which all is taken.

    Positions in the log are 1, 2, 3, … without holes, so a hole here is a loss.
    """

    def __init__(self, position: int) -> None:
        self.position = position
        self._ahead: dict[int, T] = {}

    def add(self, position: int, item: T) -> bool:
        """Whether the item is news: not taken, and not waiting already."""
        if position <= self.position or position in self._ahead:
            return False
        self._ahead[position] = item
        return True

    def next(self, limit: int) -> list[T]:
        """The items that follow without a gap, at most `limit`; they stay until `taken`."""
        return [item for _, item in zip(range(limit), self._following(), strict=False)]

    def taken(self, position: int) -> None:
        """Everything up to this position is done with."""
        for done in [known for known in self._ahead if known <= position]:
            del self._ahead[done]
        self.position = position

    def give_up(self) -> list[T]:
        """Forget, and return, what waits behind a gap: it will come again with what is missing."""
        waiting = list(self._ahead.values())
        self._ahead.clear()
        return waiting

    def _following(self) -> Iterator[T]:
        position = self.position + 1
        while position in self._ahead:
            yield self._ahead[position]
            position += 1
