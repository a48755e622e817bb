"""Shift: a stretch of work at a unit that needs people in a role."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.scheduling import rules
from domain.scheduling.agenda import Agendas
from domain.scheduling.person import Person
from domain.shared.aggregate import Aggregate, Created, Event, event
from domain.shared.errors import Invalid, refuse
from domain.shared.ids import AssignmentId, PersonId, ShiftId, UnitId, derived_id
from domain.shared.json_values import same_json
from domain.shared.period import Period
from domain.shared.refusals import Refusal


class ShiftStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"


class AssignmentStatus(StrEnum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REASSIGNED = "reassigned"

    @property
    def holds_a_place(self) -> bool:
        return self in {AssignmentStatus.PENDING, AssignmentStatus.ACCEPTED}


LONGEST_HOURS = 7 * 24
"""A shift is work between two rests, not a season."""


def shift_period(start: datetime, end: datetime) -> Period:
    """Raises Invalid unless the end comes after the start and within `LONGEST_HOURS`."""
    period = Period(start, end)
    if period.hours <= 0:
        raise Invalid("The shift ends before it starts.", {"end": "must be after start"})
    if period.hours > LONGEST_HOURS:
        raise Invalid("The shift is too long.", {"end": f"at most {LONGEST_HOURS} h after start"})
    return period


class Shift(Aggregate):
    TOPIC = "scheduling.Shift"

    class Drafted(Created):
        TOPIC = "scheduling.ShiftDrafted"
        unit_id: UnitId
        role: str
        period: Period
        zone: str
        headcount: int
        notes: dict[str, object]

    class Changed(Event):
        TOPIC = "scheduling.ShiftChanged"
        role: str
        period: Period
        headcount: int
        notes: dict[str, object]

    class Published(Event):
        TOPIC = "scheduling.ShiftPublished"

    class PersonAssigned(Event):
        TOPIC = "scheduling.PersonAssigned"
        person_id: PersonId

    class AssignmentAccepted(Event):
        TOPIC = "scheduling.AssignmentAccepted"
        person_id: PersonId

    class AssignmentDeclined(Event):
        TOPIC = "scheduling.AssignmentDeclined"
        person_id: PersonId

    class AssignmentReassigned(Event):
        TOPIC = "scheduling.AssignmentReassigned"
        person_id: PersonId
        to_person_id: PersonId

    @event(Drafted)
    def __init__(
        self,
        id: UUID,  # noqa: ARG002
        unit_id: UnitId,
        role: str,
        period: Period,
        zone: str,
        headcount: int,
        notes: dict[str, object],
    ) -> None:
        self.unit_id = unit_id
        self.role = role
        self.period = period
        self.zone = zone
        """The IANA zone of the unit's wall clock when the shift was drafted."""
        self.headcount = headcount
        self.notes = notes
        self.status = ShiftStatus.DRAFT
        self.assignments: dict[PersonId, AssignmentStatus] = {}

    @property
    def is_draft(self) -> bool:
        return self.status is ShiftStatus.DRAFT

    @property
    def is_published(self) -> bool:
        return self.status is ShiftStatus.PUBLISHED

    @property
    def taken(self) -> int:
        """How many places are held: by people who accepted or have not answered yet."""
        return sum(status.holds_a_place for status in self.assignments.values())

    def is_held_by(self, person_id: PersonId) -> bool:
        status = self.assignments.get(person_id)
        return status is not None and status.holds_a_place

    def change(
        self,
        *,
        role: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        headcount: int | None = None,
        notes: dict[str, object] | None = None,
    ) -> None:
        """Change what is given and keep the rest. Asking for what is so already changes nothing.

        Raises RuleBroken unless it is a draft, and Invalid when the times don't fit together.
        """
        refuse(rules.shift_is_a_draft(self))
        wanted = (
            self.role if role is None else role,
            shift_period(start or self.period.start, end or self.period.end),
            self.headcount if headcount is None else headcount,
        )
        new_notes = self.notes if notes is None else notes
        is_so = wanted == (self.role, self.period, self.headcount)
        if not (is_so and same_json(new_notes, self.notes)):
            self._changed(*wanted, new_notes)

    def publish(self) -> None:
        refuse(rules.shift_is_a_draft(self), rules.shift_is_not_over(self))
        self._published()

    def assign(self, person: Person, agendas: Agendas) -> None:
        """Give the person a place and book the agendas. Raises RuleBroken, listing all."""
        self.assign_all([(person, agendas)])

    def assign_all(self, people: Sequence[tuple[Person, Agendas]]) -> None:
        """Give each a place, or nobody. Raises RuleBroken, listing every reason against each."""
        refuse(
            *(rule(self) for rule in rules.OPEN),
            *(reason for one in people for reason in self._reasons_against(*one)),
            *rules.nobody_is_named_twice([person for person, _ in people]),
            rules.places_are_left(self, len(people)),
        )
        for person, agendas in people:
            self._person_assigned(person_id=PersonId(person.id))
            self._book(agendas)

    def accept(self, person_id: PersonId) -> None:
        refuse(*(rule(self) for rule in rules.OPEN), self._has_not_answered(person_id))
        self._assignment_accepted(person_id=person_id)

    def decline(self, person_id: PersonId, agendas: Agendas) -> None:
        """Give the place back, before or after accepting, and free the agendas."""
        refuse(*(rule(self) for rule in rules.OPEN), self._holds_a_place(person_id))
        self._assignment_declined(person_id=person_id)
        self._release(agendas)

    def reassign(
        self, person_id: PersonId, agendas: Agendas, to: Person, their_agendas: Agendas
    ) -> None:
        """Hand the place to another person, who has yet to accept it."""
        refuse(
            self._holds_a_place(person_id),
            *(rule(self) for rule in rules.OPEN),
            *self._reasons_against(to, their_agendas),
        )
        self._assignment_reassigned(person_id=person_id, to_person_id=PersonId(to.id))
        self._release(agendas)
        self._book(their_agendas)

    def assignment_id(self, person_id: PersonId) -> AssignmentId:
        return assignment_id(ShiftId(self.id), person_id)

    def _reasons_against(self, person: Person, agendas: Agendas) -> list[Refusal | None]:
        return [rule(self, person, agendas) for rule in rules.ELIGIBLE]

    def _holds_a_place(self, person_id: PersonId) -> Refusal | None:
        status = self.assignments.get(person_id)
        if status is None:
            return rules.NotAssigned(person_id)
        return None if status.holds_a_place else rules.AlreadyAnswered(status)

    def _has_not_answered(self, person_id: PersonId) -> Refusal | None:
        if self.assignments.get(person_id) is AssignmentStatus.ACCEPTED:
            return rules.AlreadyAnswered(AssignmentStatus.ACCEPTED)
        return self._holds_a_place(person_id)

    def _book(self, agendas: Agendas) -> None:
        for agenda in agendas:
            agenda.book(ShiftId(self.id), self.period)

    def _release(self, agendas: Agendas) -> None:
        for agenda in agendas:
            agenda.release(ShiftId(self.id))

    @event(Changed)
    def _changed(self, role: str, period: Period, headcount: int, notes: dict[str, object]) -> None:
        self.role = role
        self.period = period
        self.headcount = headcount
        self.notes = notes

    @event(Published)
    def _published(self) -> None:
        self.status = ShiftStatus.PUBLISHED

    @event(PersonAssigned)
    def _person_assigned(self, person_id: PersonId) -> None:
        self.assignments[person_id] = AssignmentStatus.PENDING

    @event(AssignmentAccepted)
    def _assignment_accepted(self, person_id: PersonId) -> None:
        self.assignments[person_id] = AssignmentStatus.ACCEPTED

    @event(AssignmentDeclined)
    def _assignment_declined(self, person_id: PersonId) -> None:
        self.assignments[person_id] = AssignmentStatus.DECLINED

    @event(AssignmentReassigned)
    def _assignment_reassigned(self, person_id: PersonId, to_person_id: PersonId) -> None:
        self.assignments[person_id] = AssignmentStatus.REASSIGNED
        self.assignments[to_person_id] = AssignmentStatus.PENDING


def assignment_id(shift_id: ShiftId, person_id: PersonId) -> AssignmentId:
    """A person has one assignment per shift, so its id follows from the two."""
    return AssignmentId(derived_id("assignment", shift_id, person_id))
