"""Bodies of assignments and of the answers to them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from application.scheduling.candidates import Examined
from domain.scheduling.staffing import AssignmentStatus, ShiftStatus
from domain.shared.ids import AssignmentId, PersonId
from interfaces.http.fields import Body, Reason, example
from interfaces.http.scheduler.common import AN_ID, Out, Row


class WarningOut(Out):
    """What is to be told of an assignment and does not keep it from being made."""

    rule: str
    message: str
    week: str
    """An ISO week on the unit's wall calendar."""
    hours: float
    cap: float


class ReasonOut(Out):
    rule: str
    message: str


class AssignmentOut(Out):
    id: UUID
    person_id: UUID
    status: AssignmentStatus
    warnings: list[WarningOut]
    """Without those that an admin has overridden."""


def assignment_out(
    assignment_id: AssignmentId,
    person_id: PersonId,
    status: AssignmentStatus,
    warnings: Sequence[Mapping[str, Any]],
) -> AssignmentOut:
    return AssignmentOut(
        id=assignment_id,
        person_id=person_id,
        status=status,
        warnings=[WarningOut(**_known(warning)) for warning in warnings],
    )


def _known(warning: Mapping[str, Any]) -> dict[str, Any]:
    return {name: warning[name] for name in WarningOut.model_fields}


class CandidateOut(Out):
    person_id: UUID
    name: str
    eligible: bool
    """Whether nothing keeps the person from being put on the shift now."""
    reasons: list[ReasonOut]
    warnings: list[WarningOut]

    @classmethod
    def of(cls, found: Examined, name: str) -> Self:
        return cls(
            person_id=found.candidate.id,
            name=name,
            eligible=not found.refusals,
            reasons=[ReasonOut(rule=each.name, message=each.message) for each in found.refusals],
            warnings=[WarningOut(**_known(each.as_data())) for each in found.warnings],
        )


class OverrideIn(Body):
    model_config = example(reason="Agreed with her for this week.")

    reason: Reason


class AssignIn(Body):
    """`force` is for admins: the assignments are let be in spite of their warnings."""

    model_config = example(person_ids=[AN_ID])

    person_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=100)]
    force: bool = False
    reason: Annotated[Reason | None, Field(validate_default=True)] = None

    @field_validator("reason")
    @classmethod
    def _goes_with_force(cls, reason: str | None, info: ValidationInfo) -> str | None:
        if (force := info.data.get("force")) is not None and force != (reason is not None):
            raise ValueError("goes with force, and force only with it")
        return reason


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
    shift_status: ShiftStatus

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
            shift_status=row.shift_status,
        )
