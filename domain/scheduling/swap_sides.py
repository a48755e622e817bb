"""The two sides of a swap: a place, who gives it away, and what is against handing it on."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.scheduling.agenda import Agenda
from domain.scheduling.candidate import Candidate
from domain.scheduling.rules import Answer, reasons_against_handing_on
from domain.scheduling.shift import Shift
from domain.shared.ids import PersonId, ShiftId, SwapId
from domain.shared.refusals import Refusal


@dataclass(frozen=True)
class Place:
    """On which shift, and whose."""

    shift_id: ShiftId
    person_id: PersonId


@dataclass(frozen=True)
class OnOneSide(Refusal):
    """What a rule of staffing says against one side of a swap, and which side that is."""

    shift_id: ShiftId
    person_id: PersonId
    """Who holds the place now, unless the refusal is about who is to get it."""
    refusal: Refusal

    @property
    def name(self) -> str:
        return self.refusal.name

    @property
    def message(self) -> str:
        return self.refusal.message

    def as_data(self) -> dict[str, object]:
        person = {"person_id": self.person_id}
        return person | self.refusal.as_data() | {"shift_id": self.shift_id}


@dataclass(frozen=True)
class Side:
    """A place, who gives it away, and to whom."""

    shift: Shift
    person_id: PersonId
    agendas: Sequence[Agenda]
    """Of who gives the place away, in every month of the shift."""
    to: Candidate
    """Without the place that he or she gives away in return."""

    @property
    def shift_id(self) -> ShiftId:
        return ShiftId(self.shift.id)

    def reasons_against(self) -> list[Answer]:
        found = reasons_against_handing_on(self.shift, self.person_id, self.to)
        return [each and OnOneSide(self.shift_id, self.person_id, each) for each in found]

    def hand_over(self, swap_id: SwapId) -> None:
        self.shift.reassign(self.person_id, self.agendas, self.to, swap_id)
