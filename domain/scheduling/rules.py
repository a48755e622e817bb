"""The rules of staffing a shift. Each is a question; None means yes, anything else is the refusal.

Source: the Scheduler document, "Conflict Detection" and "Staff Accept/Decline".
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from domain.scheduling.candidate import Candidate
from domain.scheduling.refusals import (
    AlreadyAnswered,
    AlreadyAssigned,
    BlackedOut,
    NoPlaceLeft,
    NotADraft,
    NotAssigned,
    NotOpen,
    NoWarnings,
    OutsideAvailability,
    Overlap,
    PersonInactive,
    RoleMissing,
    ShiftIsNotOver,
    ShiftIsOver,
    TooLittleRest,
)
from domain.scheduling.staffing import AssignmentStatus
from domain.shared.ids import PersonId, ShiftId
from domain.shared.moment import moment
from domain.shared.refusals import Refusal

Answer = Refusal | None

if TYPE_CHECKING:
    from domain.scheduling.shift import Shift


def shift_is_a_draft(shift: "Shift") -> Answer:
    return None if shift.is_draft else NotADraft(shift.status)


def shift_is_open(shift: "Shift") -> Answer:
    return None if shift.is_published else NotOpen(shift.status)


def shift_is_not_over(shift: "Shift") -> Answer:
    return ShiftIsOver() if shift.period.end <= moment() else None


def shift_is_over(shift: "Shift") -> Answer:
    return None if shift.period.end <= moment() else ShiftIsNotOver()


def places_are_left(shift: "Shift", wanted: int) -> Answer:
    return None if shift.taken + wanted <= shift.headcount else NoPlaceLeft(shift.headcount)


def nobody_is_named_twice(people: Sequence[PersonId]) -> list[Refusal]:
    return [AlreadyAssigned(person_id) for person_id, times in Counter(people).items() if times > 1]


def person_is_active(_: "Shift", candidate: Candidate) -> Answer:
    return None if candidate.person.active else PersonInactive(candidate.id)


def person_has_the_role(shift: "Shift", candidate: Candidate) -> Answer:
    has_it = shift.role in candidate.person.roles
    return None if has_it else RoleMissing(candidate.id, shift.role)


def person_is_not_on_it_yet(shift: "Shift", candidate: Candidate) -> Answer:
    return AlreadyAssigned(candidate.id) if shift.is_held_by(candidate.id) else None


def person_is_free(shift: "Shift", candidate: Candidate) -> Answer:
    for booking in candidate.bookings(besides=ShiftId(shift.id)):
        if booking.period.overlaps(shift.period):
            return Overlap(candidate.id, other=booking.shift_id)
    return None


def person_has_rested(shift: "Shift", candidate: Candidate) -> Answer:
    """An overlap is no question of rest: that rule says it."""
    around = shift.period.widened(candidate.minimum_rest)
    for booking in candidate.bookings(besides=ShiftId(shift.id)):
        if around.overlaps(booking.period) and not shift.period.overlaps(booking.period):
            rest = shift.period.hours_between(booking.period)
            needed = candidate.minimum_rest.total_seconds() / 3600
            return TooLittleRest(candidate.id, booking.shift_id, rest, needed)
    return None


def person_has_no_blackout(shift: "Shift", candidate: Candidate) -> Answer:
    calendar = candidate.calendar
    blackout = calendar and calendar.blackout_in(shift.period)
    if not blackout:
        return None
    return BlackedOut(candidate.id, blackout.period.start, blackout.period.end)


def person_is_available(shift: "Shift", candidate: Candidate) -> Answer:
    calendar = candidate.calendar
    offers = calendar is None or calendar.offers(shift.period)
    return None if offers else OutsideAvailability(candidate.id)


def person_holds_a_place(shift: "Shift", person_id: PersonId) -> Answer:
    status = shift.assignments.get(person_id)
    if status is None:
        return NotAssigned(person_id)
    return None if status.holds_a_place else AlreadyAnswered(status)


def person_has_not_answered(shift: "Shift", person_id: PersonId) -> Answer:
    status = shift.assignments.get(person_id)
    if status is AssignmentStatus.ACCEPTED:
        return AlreadyAnswered(status)
    return person_holds_a_place(shift, person_id)


def there_are_warnings(shift: "Shift", person_id: PersonId) -> Answer:
    return None if person_id in shift.warnings else NoWarnings(person_id)


OPEN = (shift_is_open, shift_is_not_over)
"""What must hold of a shift before anybody is put on it or answers."""

ELIGIBLE: tuple[Callable[["Shift", Candidate], Answer], ...] = (
    person_is_active,
    person_has_the_role,
    person_is_not_on_it_yet,
    person_is_free,
    person_has_rested,
    person_has_no_blackout,
    person_is_available,
)
"""What must hold of a person before he or she is put on a shift."""


def not_open(shift: "Shift") -> list[Answer]:
    return [rule(shift) for rule in OPEN]


def reasons_against(shift: "Shift", people: Sequence[Candidate]) -> list[Answer]:
    """What keeps these people from being put on the shift together."""
    return [
        *(rule(shift, candidate) for candidate in people for rule in ELIGIBLE),
        *nobody_is_named_twice([candidate.id for candidate in people]),
        places_are_left(shift, len(people)),
    ]


def reasons_against_handing_on(shift: "Shift", person_id: PersonId, to: Candidate) -> list[Answer]:
    return [
        person_holds_a_place(shift, person_id),
        *not_open(shift),
        *(rule(shift, to) for rule in ELIGIBLE),
    ]
