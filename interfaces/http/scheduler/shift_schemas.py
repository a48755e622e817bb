"""Bodies of shifts and assignments."""

from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field

from domain.scheduling.shift import Shift
from domain.scheduling.staffing import MOST_PEOPLE, PlanChange, ShiftStatus, assignment_id
from domain.shared.ids import ShiftId
from interfaces.http.fields import Body, Moment, Notes, Reason, Text, Whole, example
from interfaces.http.scheduler.assignment_schemas import AssignmentOut, assignment_out
from interfaces.http.scheduler.common import AN_ID, Out, Row, person_ids
from projections.scheduling.shift_queries import ShiftWithAssignments

People = Annotated[tuple[UUID, ...], Field(max_length=MOST_PEOPLE)]
Headcount = Annotated[Whole, Field(ge=1, le=1000)]


class ShiftIn(Body):
    model_config = example(
        unit_id=AN_ID,
        role="nurse",
        start="2027-03-01T08:00:00+01:00",
        end="2027-03-01T16:00:00+01:00",
        headcount=3,
        notes={"bring": "ID card"},
    )

    unit_id: UUID
    role: Text
    start: Moment
    end: Moment
    headcount: Headcount = 1
    notes: Notes = Field(default_factory=dict)
    people: People = ()
    """Who is meant to be on it; they get their places when it is published."""


class ShiftChangeIn(Body):
    """What is left out stays as it is."""

    model_config = example(headcount=4)

    role: Text | None = None
    start: Moment | None = None
    end: Moment | None = None
    headcount: Headcount | None = None
    notes: Notes | None = None
    people: People | None = None

    def change(self) -> PlanChange:
        people = None if self.people is None else person_ids(self.people)
        return PlanChange(self.role, self.start, self.end, self.headcount, self.notes, people)


class ShiftOut(Out):
    id: UUID
    unit_id: UUID
    role: str
    start: datetime
    """In the unit's time zone, with its offset."""
    end: datetime
    zone: str
    headcount: int
    taken: int
    status: ShiftStatus
    notes: dict[str, Any]
    people: list[UUID]
    assignments: list[AssignmentOut]

    @classmethod
    def of(cls, shift: Shift) -> Self:
        zone = ZoneInfo(shift.zone)
        return cls(
            id=shift.id,
            unit_id=shift.unit_id,
            role=shift.role,
            start=shift.period.start.astimezone(zone),
            end=shift.period.end.astimezone(zone),
            zone=shift.zone,
            headcount=shift.headcount,
            taken=shift.taken,
            status=shift.status,
            notes=shift.notes,
            people=list(shift.people),
            assignments=[
                assignment_out(
                    assignment_id(ShiftId(shift.id), person_id),
                    person_id,
                    status,
                    shift.told_of(person_id),
                )
                for person_id, status in sorted(shift.assignments.items())
            ],
        )

    @classmethod
    def of_row(cls, found: ShiftWithAssignments) -> Self:
        row: Row = found.shift
        zone = ZoneInfo(row.zone)
        return cls(
            id=row.shift_id,
            unit_id=row.unit_id,
            role=row.role,
            start=row.starts_at.astimezone(zone),
            end=row.ends_at.astimezone(zone),
            zone=row.zone,
            headcount=row.headcount,
            taken=row.taken,
            status=row.status,
            notes=row.notes,
            people=row.people,
            assignments=[
                assignment_out(
                    of_one.assignment_id, of_one.person_id, of_one.answer, of_one.warnings
                )
                for of_one in sorted(found.assignments, key=attrgetter("person_id"))
            ],
        )


class CancelIn(Body):
    model_config = example(reason="The kitchen is flooded.")

    reason: Reason
