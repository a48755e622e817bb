"""The staffing of a shift: what it and its assignments can be, and what there is to ask of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.scheduling.warnings import Warnings
from domain.shared.errors import Invalid
from domain.shared.ids import AssignmentId, PersonId, ShiftId, derived_id
from domain.shared.json_values import same_json
from domain.shared.moment import moment
from domain.shared.period import Period


class ShiftStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    DISCARDED = "discarded"
    """A draft that was given up."""


class AssignmentStatus(StrEnum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REASSIGNED = "reassigned"
    SWAPPED = "swapped"

    @property
    def holds_a_place(self) -> bool:
        return self in {AssignmentStatus.PENDING, AssignmentStatus.ACCEPTED}


LONGEST_HOURS = 7 * 24
"""A shift is work between two rests, not a season."""
MOST_PEOPLE = 1000

Notes = dict[str, object]
People = tuple[PersonId, ...]


def shift_period(start: datetime, end: datetime) -> Period:
    """Raises Invalid unless the end comes after the start and within `LONGEST_HOURS`."""
    period = Period(start, end)
    if period.hours <= 0:
        raise Invalid("The shift ends before it starts.", {"end": "must be after start"})
    if period.hours > LONGEST_HOURS:
        raise Invalid("The shift is too long.", {"end": f"at most {LONGEST_HOURS} h after start"})
    return period


def planned_people(people: Sequence[PersonId]) -> People:
    """Who is meant to be on a shift once it is published. Raises Invalid if one is named twice."""
    if len(set(people)) < len(people):
        raise Invalid("Somebody is named twice.", {"people": "must name each person once"})
    if len(people) > MOST_PEOPLE:
        raise Invalid("These are too many people.", {"people": f"at most {MOST_PEOPLE}"})
    return tuple(people)


@dataclass(frozen=True)
class Plan:
    """What a draft says of the shift that it is to become."""

    role: str
    period: Period
    headcount: int
    notes: Notes
    people: People

    def is_as(self, other: "Plan") -> bool:
        """Whether they say the same; in Python alone, 1 and true are the same note."""
        return self == other and same_json(self.notes, other.notes)


@dataclass(frozen=True)
class PlanChange:
    """What is given is changed, the rest kept."""

    role: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    headcount: int | None = None
    notes: Notes | None = None
    people: Sequence[PersonId] | None = None

    def of(self, old: Plan) -> Plan:
        """Raises Invalid when the parts don't fit together."""
        return Plan(
            role=old.role if self.role is None else self.role,
            period=shift_period(self.start or old.period.start, self.end or old.period.end),
            headcount=old.headcount if self.headcount is None else self.headcount,
            notes=old.notes if self.notes is None else self.notes,
            people=old.people if self.people is None else planned_people(self.people),
        )


def assignment_id(shift_id: ShiftId, person_id: PersonId) -> AssignmentId:
    """A person has one assignment per shift, so its id follows from the two."""
    return AssignmentId(derived_id("assignment", shift_id, person_id))


class Staffed:
    """What can be asked of a shift."""

    id: UUID
    modified_on: datetime
    role: str
    period: Period
    headcount: int
    notes: Notes
    people: People
    status: ShiftStatus
    assignments: dict[PersonId, AssignmentStatus]
    warnings: dict[PersonId, Warnings]
    overridden: dict[PersonId, Warnings]

    @property
    def is_draft(self) -> bool:
        return self.status is ShiftStatus.DRAFT

    @property
    def is_published(self) -> bool:
        return self.status is ShiftStatus.PUBLISHED

    def is_stale(self, untouched_since: datetime) -> bool:
        """Whether it is a draft that can't be published any more, since its time is over, or that
        nobody has touched since.
        """
        return self.is_draft and (
            self.period.end <= moment() or self.modified_on <= untouched_since
        )

    @property
    def plan(self) -> Plan:
        return Plan(self.role, self.period, self.headcount, self.notes, self.people)

    @property
    def accepted(self) -> list[PersonId]:
        """Who has agreed to come."""
        status = AssignmentStatus.ACCEPTED
        return [person for person, their in self.assignments.items() if their is status]

    @property
    def holders(self) -> list[PersonId]:
        """Who holds a place: people who accepted or have not answered yet."""
        return [person for person, status in self.assignments.items() if status.holds_a_place]

    @property
    def taken(self) -> int:
        return len(self.holders)

    def is_held_by(self, person_id: PersonId) -> bool:
        status = self.assignments.get(person_id)
        return status is not None and status.holds_a_place

    def told_of(self, person_id: PersonId) -> list[dict[str, object]]:
        """The warnings about an assignment that no admin has overridden."""
        return [warning.as_data() for warning in self.warnings.get(person_id, ())]

    def assignment_id(self, person_id: PersonId) -> AssignmentId:
        return assignment_id(ShiftId(self.id), person_id)
