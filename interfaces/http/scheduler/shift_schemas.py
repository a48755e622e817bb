"""Bodies of shifts and assignments."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from domain.scheduling.shift import AssignmentStatus, Shift, ShiftStatus, assignment_id
from domain.shared.ids import PersonId, ShiftId
from interfaces.http.fields import Body, Moment, Notes, Text, Whole, example
from interfaces.http.scheduler.common import Out, Row
from projections.scheduling.shifts import ShiftWithAssignments

_AN_ID = "3fa85f64-5717-4562-b3fc-2c963f66afa6"

Headcount = Annotated[Whole, Field(ge=1, le=1000)]


class ShiftIn(Body):
    model_config = example(
        unit_id=_AN_ID,
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


class ShiftChangeIn(Body):
    """What is left out stays as it is."""

    model_config = example(headcount=4)

    role: Text | None = None
    start: Moment | None = None
    end: Moment | None = None
    headcount: Headcount | None = None
    notes: Notes | None = None


class AssignmentOut(Out):
    id: UUID
    person_id: UUID
    status: AssignmentStatus


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
    assignments: Sequence[AssignmentOut]

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
            assignments=_assignments(ShiftId(shift.id), shift.assignments),
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
            assignments=_assignments(row.shift_id, found.assignments),
        )


def _assignments(
    shift_id: ShiftId, statuses: Mapping[PersonId, AssignmentStatus]
) -> list[AssignmentOut]:
    return [
        AssignmentOut(id=assignment_id(shift_id, person_id), person_id=person_id, status=status)
        for person_id, status in sorted(statuses.items())
    ]


class AssignIn(Body):
    model_config = example(person_ids=[_AN_ID])

    person_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=100)]


class Answer(StrEnum):
    """The document writes them with a capital letter; both are understood."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    REASSIGNED = "reassigned"


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


class AnswerIn(Body):
    """`person_id` says to whom, and goes with ``reassigned`` alone."""

    model_config = example(status="accepted")

    status: Annotated[Answer, BeforeValidator(_lower)]
    person_id: Annotated[UUID | None, Field(validate_default=True)] = None

    @field_validator("person_id")
    @classmethod
    def _goes_with_reassigned(cls, person_id: UUID | None, info: ValidationInfo) -> UUID | None:
        status = info.data.get("status")
        if status is not None and (status is Answer.REASSIGNED) != (person_id is not None):
            raise ValueError("goes with the status reassigned, and only with it")
        return person_id


class UpcomingOut(Out):
    """An assignment to a shift that has not ended."""

    assignment_id: UUID
    shift_id: UUID
    role: str
    start: datetime
    end: datetime
    status: AssignmentStatus

    @classmethod
    def of_row(cls, row: Row) -> Self:
        zone = ZoneInfo(row.zone)
        return cls(
            assignment_id=row.assignment_id,
            shift_id=row.shift_id,
            role=row.role,
            start=row.starts_at.astimezone(zone),
            end=row.ends_at.astimezone(zone),
            status=row.status,
        )
