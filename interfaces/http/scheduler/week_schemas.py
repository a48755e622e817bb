"""Bodies of what is done with many shifts at once."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import BeforeValidator, Field, WithJsonSchema

from application.scheduling.weeks import CopyWeek, is_of_week
from domain.scheduling.shift import Shift
from domain.shared.ids import ShiftId, UnitId
from interfaces.http.fields import EARLIEST, LATEST, Body, example
from interfaces.http.scheduler.common import AN_ID, Out
from interfaces.http.scheduler.shift_schemas import ShiftOut

MOST_PUBLISHED = 200
_A_WEEK = "^[0-9]{4}-W[0-9]{2}$"


def _monday(week: object) -> date:
    if not isinstance(week, str) or not re.fullmatch(_A_WEEK, week):
        raise ValueError("must be an ISO week, such as 2026-W45")
    year, number = int(week[:4]), int(week[6:])
    if not EARLIEST.year <= year < LATEST.year:
        raise ValueError(f"must be between the years {EARLIEST.year} and {LATEST.year}")
    try:
        return date.fromisocalendar(year, number, 1)
    except ValueError:
        raise ValueError(f"is no week of the year {year}") from None


Week = Annotated[
    date,
    BeforeValidator(_monday),
    WithJsonSchema({"type": "string", "pattern": _A_WEEK, "examples": ["2026-W45"]}),
]
"""By its Monday."""


class CopyWeekIn(Body):
    model_config = example(from_week="2026-W45", to_week="2026-W46", people=True)

    from_week: Week
    to_week: Week
    unit_id: UUID | None = None
    """Of which unit; of all if it is left out."""
    people: bool = False
    """Whether who holds a place on a shift is planned on its copy."""

    def command(self, shift_ids: Sequence[ShiftId]) -> CopyWeek:
        return CopyWeek(
            shift_ids=tuple(shift_ids),
            from_monday=self.from_week,
            to_monday=self.to_week,
            unit_id=self.unit,
            with_people=self.people,
        )

    @property
    def unit(self) -> UnitId | None:
        return None if self.unit_id is None else UnitId(self.unit_id)


class CopiedOut(Out):
    created: list[ShiftOut]
    skipped: list[UUID]
    """Shifts that have no copy: their unit or role is closed, or in that night the clocks skip all
    of them."""

    @classmethod
    def of(cls, shifts: Sequence[Shift], body: CopyWeekIn) -> Self:
        """Of copies, and of originals that have none."""
        skipped = [shift.id for shift in shifts if is_of_week(shift, body.from_week)]
        created = [ShiftOut.of(shift) for shift in shifts if shift.id not in skipped]
        return cls(created=created, skipped=skipped)


class PublishShiftsIn(Body):
    model_config = example(shift_ids=[AN_ID], notify=True)

    shift_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=MOST_PUBLISHED)]
    notify: bool = False
    """Whether those who could take a place that is left are told of it."""


class PublishedOut(Out):
    shifts: list[ShiftOut]
    """In order of their start."""

    @classmethod
    def of(cls, shifts: Sequence[Shift]) -> Self:
        return cls(shifts=[ShiftOut.of(shift) for shift in shifts])
