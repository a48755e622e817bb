"""Warnings: what is told of an assignment and does not keep it from being made.

Source: the Scheduler document, "Conflict Detection".
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.scheduling.candidate import Candidate
from domain.shared.ids import PersonId, ShiftId
from domain.shared.period import hours_in
from domain.shared.refusals import Refusal
from domain.shared.wall_clock import weeks_of

if TYPE_CHECKING:
    from domain.scheduling.shift import Shift


@dataclass(frozen=True)
class WeeklyHoursAboveCap(Refusal):
    """`week` is an ISO week, such as ``2026-W45``, on the wall calendar of the shift's unit."""

    person_id: PersonId
    week: str
    hours: float
    cap: float

    @property
    def message(self) -> str:
        return f"The person has {self.hours:g} h in week {self.week}; the cap is {self.cap:g} h."


Warnings = tuple[WeeklyHoursAboveCap, ...]


@dataclass(frozen=True)
class Override:
    """Why an admin lets an assignment be in spite of its warnings."""

    reason: str


def weekly_hours_are_within_the_cap(shift: "Shift", candidate: Candidate) -> Warnings:
    cap = candidate.person.weekly_hour_cap
    if cap is None:
        return ()
    periods = [each.period for each in candidate.bookings(besides=ShiftId(shift.id))]
    found = []
    for name, week in weeks_of(shift.period, shift.zone):
        if (hours := hours_in(week, [*periods, shift.period])) > cap:
            found.append(WeeklyHoursAboveCap(candidate.id, name, round(hours, 2), cap))
    return tuple(found)


WARNED_OF: tuple[Callable[["Shift", Candidate], Warnings], ...] = (weekly_hours_are_within_the_cap,)


def warnings_about(shift: "Shift", candidate: Candidate) -> Warnings:
    """All that there is to be told of this person on this shift."""
    return tuple(warning for rule in WARNED_OF for warning in rule(shift, candidate))
