"""A refusal: the answer of one broken rule."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Refusal:
    """Why a rule says no. The class name is the rule's name on every wire; fields are its data."""

    @property
    def name(self) -> str:
        return type(self).__name__

    @property
    def message(self) -> str:
        """One sentence for a person."""
        raise NotImplementedError

    def as_data(self) -> dict[str, object]:
        return {"rule": self.name, "message": self.message, **asdict(self)}


@dataclass(frozen=True)
class Attributed(Refusal):
    """Another refusal and whose it is, such as a ``shift_id``: several were asked together."""

    refusal: Refusal
    whose: Mapping[str, object]

    @property
    def message(self) -> str:
        return self.refusal.message

    def as_data(self) -> dict[str, object]:
        return {**self.refusal.as_data(), **self.whose}
