"""The rules of staffing a shift. Each is a question; None means yes, anything else is the refusal.

Source: the Scheduler document, "Conflict Detection" and "Staff Accept/Decline".
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.scheduling.agenda import Agendas
from domain.scheduling.person import Person
from domain.shared.ids import PersonId, ShiftId
from domain.shared.moment import moment
from domain.shared.refusals import Refusal

if TYPE_CHECKING:
    from domain.scheduling.shift import Shift


@dataclass(frozen=True)
class NotADraft(Refusal):
    status: str

    @property
    def message(self) -> str:
        return f"Only a draft can be changed or published; this shift is {self.status}."


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


def shift_is_a_draft(shift: "Shift") -> Refusal | None:
    return None if shift.is_draft else NotADraft(shift.status)


def shift_is_open(shift: "Shift") -> Refusal | None:
    return None if shift.is_published else NotOpen(shift.status)


def shift_is_not_over(shift: "Shift") -> Refusal | None:
    return ShiftIsOver() if shift.period.end <= moment() else None


def places_are_left(shift: "Shift", wanted: int) -> Refusal | None:
    return None if shift.taken + wanted <= shift.headcount else NoPlaceLeft(shift.headcount)


def nobody_is_named_twice(people: Sequence[Person]) -> list[Refusal]:
    counted = Counter(PersonId(person.id) for person in people)
    return [AlreadyAssigned(person_id) for person_id, times in counted.items() if times > 1]


def person_is_active(_: "Shift", person: Person, __: Agendas) -> Refusal | None:
    return None if person.active else PersonInactive(PersonId(person.id))


def person_has_the_role(shift: "Shift", person: Person, _: Agendas) -> Refusal | None:
    has_it = shift.role in person.roles
    return None if has_it else RoleMissing(PersonId(person.id), shift.role)


def person_is_not_on_it_yet(shift: "Shift", person: Person, _: Agendas) -> Refusal | None:
    person_id = PersonId(person.id)
    return AlreadyAssigned(person_id) if shift.is_held_by(person_id) else None


def person_is_free(shift: "Shift", person: Person, agendas: Agendas) -> Refusal | None:
    for agenda in agendas:
        if clash := agenda.clash_with(shift.period, besides=ShiftId(shift.id)):
            return Overlap(PersonId(person.id), other=clash.shift_id)
    return None


OPEN = (shift_is_open, shift_is_not_over)
"""What must hold of a shift before anybody is put on it or answers."""

ELIGIBLE: tuple[Callable[["Shift", Person, Agendas], Refusal | None], ...] = (
    person_is_active,
    person_has_the_role,
    person_is_not_on_it_yet,
    person_is_free,
)
"""What must hold of a person before he or she is put on a shift."""
