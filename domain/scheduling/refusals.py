"""How the rules of staffing a shift say no, each in one sentence with its data."""

from dataclasses import dataclass
from datetime import datetime

from domain.shared.ids import PersonId, ShiftId, SwapId
from domain.shared.refusals import Refusal


@dataclass(frozen=True)
class NotADraft(Refusal):
    status: str

    @property
    def message(self) -> str:
        return f"Only a draft can be changed, published or discarded; this shift is {self.status}."


@dataclass(frozen=True)
class NotOpen(Refusal):
    status: str

    @property
    def message(self) -> str:
        return f"The shift is not open: it is {self.status}."


@dataclass(frozen=True)
class ShiftIsOver(Refusal):
    @property
    def message(self) -> str:
        return "The shift has ended."


@dataclass(frozen=True)
class NoPlaceLeft(Refusal):
    headcount: int

    @property
    def message(self) -> str:
        return f"Not enough of the shift's places ({self.headcount}) are left."


@dataclass(frozen=True)
class PersonInactive(Refusal):
    person_id: PersonId

    @property
    def message(self) -> str:
        return "The person is not active."


@dataclass(frozen=True)
class RoleMissing(Refusal):
    person_id: PersonId
    role: str

    @property
    def message(self) -> str:
        return f"The person does not have the role {self.role}."


@dataclass(frozen=True)
class Overlap(Refusal):
    person_id: PersonId
    other: ShiftId

    @property
    def message(self) -> str:
        return "The person is on another shift at that time."


@dataclass(frozen=True)
class AlreadyAssigned(Refusal):
    person_id: PersonId

    @property
    def message(self) -> str:
        return "The person is assigned to this shift already."


@dataclass(frozen=True)
class NotAssigned(Refusal):
    person_id: PersonId

    @property
    def message(self) -> str:
        return "The person is not assigned to this shift."


@dataclass(frozen=True)
class AlreadyAnswered(Refusal):
    status: str

    @property
    def message(self) -> str:
        return f"The assignment is {self.status} already."


@dataclass(frozen=True)
class TooLittleRest(Refusal):
    person_id: PersonId
    other: ShiftId
    rest_hours: float
    minimum_rest_hours: float

    @property
    def message(self) -> str:
        return (
            f"Between this and another shift of the person lie {self.rest_hours:g} h; "
            f"at least {self.minimum_rest_hours:g} h must."
        )


@dataclass(frozen=True)
class BlackedOut(Refusal):
    person_id: PersonId
    start: datetime
    end: datetime

    @property
    def message(self) -> str:
        return "The person has a blackout at that time."


@dataclass(frozen=True)
class OutsideAvailability(Refusal):
    person_id: PersonId

    @property
    def message(self) -> str:
        return "The person is not available at that time."


@dataclass(frozen=True)
class ShiftIsNotOver(Refusal):
    @property
    def message(self) -> str:
        return "The shift has not ended yet."


@dataclass(frozen=True)
class NoWarnings(Refusal):
    person_id: PersonId

    @property
    def message(self) -> str:
        return "There are no open warnings of this person on the shift."


@dataclass(frozen=True)
class AlreadyOffered(Refusal):
    person_id: PersonId
    swap_id: SwapId

    @property
    def message(self) -> str:
        return "The place is offered in another swap, which is still open."


@dataclass(frozen=True)
class NotOnOffer(Refusal):
    status: str

    @property
    def message(self) -> str:
        return f"The swap is not on offer any more: it is {self.status}."


@dataclass(frozen=True)
class OfferedToAnother(Refusal):
    person_id: PersonId

    @property
    def message(self) -> str:
        return "The swap was offered to somebody else."


@dataclass(frozen=True)
class SwapIsNotTaken(Refusal):
    status: str

    @property
    def message(self) -> str:
        return f"Only a swap that was taken waits for approval; this one is {self.status}."


@dataclass(frozen=True)
class SwapIsOver(Refusal):
    status: str

    @property
    def message(self) -> str:
        return f"The swap is over: it is {self.status}."
