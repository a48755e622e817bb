"""Bodies of swaps."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import StringConstraints

from application.scheduling.swaps import Swapped
from domain.scheduling.shift import Shift
from domain.scheduling.staffing import assignment_id
from domain.scheduling.swap import SwapStatus
from domain.shared.ids import PersonId, ShiftId
from domain.shared.texts import LONGEST_TEXT
from interfaces.http.fields import Body, Reason, Storable, example
from interfaces.http.scheduler.common import AN_ID, Out, Row

Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_TEXT), Storable]


class OfferIn(Body):
    """`to_person_id` alone may take it; left out, anybody who can."""

    model_config = example(assignment_id=AN_ID, note="My sister marries on that day.")

    assignment_id: UUID
    note: Note = ""
    to_person_id: UUID | None = None


class AcceptIn(Body):
    """The own assignment that is given in return."""

    model_config = example(assignment_id=AN_ID)

    assignment_id: UUID


class RejectIn(Body):
    model_config = example(reason="The ward needs her on Friday.")

    reason: Reason


class PlaceOut(Out):
    """A place on a shift, and who gives it away."""

    assignment_id: UUID
    shift_id: UUID
    person_id: UUID
    unit_id: UUID
    role: str
    start: datetime
    """In the unit's time zone, with its offset."""
    end: datetime

    @classmethod
    def of(cls, shift: Shift, person_id: PersonId) -> Self:
        zone = ZoneInfo(shift.zone)
        return cls(
            assignment_id=shift.assignment_id(person_id),
            shift_id=shift.id,
            person_id=person_id,
            unit_id=shift.unit_id,
            role=shift.role,
            start=shift.period.start.astimezone(zone),
            end=shift.period.end.astimezone(zone),
        )

    @classmethod
    def of_row(cls, row: Row, side: str, shift_id: UUID, person_id: UUID) -> Self:
        told = {name: getattr(row, f"{side}_{name}") for name in ("unit_id", "role")}
        zone = ZoneInfo(getattr(row, f"{side}_zone"))
        return cls(
            assignment_id=assignment_id(ShiftId(shift_id), PersonId(person_id)),
            shift_id=shift_id,
            person_id=person_id,
            start=getattr(row, f"{side}_starts_at").astimezone(zone),
            end=getattr(row, f"{side}_ends_at").astimezone(zone),
            **told,
        )


class SwapOut(Out):
    id: UUID
    status: SwapStatus
    offered: PlaceOut
    in_return: PlaceOut | None
    """Once somebody has taken it."""
    to_person_id: UUID | None
    note: str
    reason: str | None
    """Why it was rejected."""

    @classmethod
    def of(cls, swapped: Swapped) -> Self:
        swap, shift, *returned = swapped
        taker = swap.in_return
        return cls(
            id=swap.id,
            status=swap.status,
            offered=PlaceOut.of(shift, swap.person_id),
            in_return=PlaceOut.of(returned[0], taker.person_id) if returned and taker else None,
            to_person_id=swap.to_person_id,
            note=swap.note,
            reason=swap.reason,
        )

    @classmethod
    def of_row(cls, row: Row) -> Self:
        given = row.return_shift_id, row.taker_id
        return cls(
            id=row.swap_id,
            status=row.status,
            offered=PlaceOut.of_row(row, "offered", row.shift_id, row.person_id),
            in_return=PlaceOut.of_row(row, "returned", *given) if row.taker_id else None,
            to_person_id=row.to_person_id,
            note=row.note,
            reason=row.reason,
        )
