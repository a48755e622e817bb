"""Bodies and lines of reports."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from interfaces.http.money import MoneyOut
from interfaces.http.scheduler.common import Out, Row
from projections.reporting.hours import Worked
from projections.reporting.staffing import What


class HoursOut(Out):
    """What a person has worked in an ISO week, at rates in one currency, or without any at none."""

    HEADING: ClassVar = ("week", "person_id", "person", "hours", "cost", "currency")

    week: str
    person_id: UUID
    person: str
    hours: float
    """Elapsed, to the hundredth."""
    cost: MoneyOut | None

    @classmethod
    def of(cls, worked: Worked) -> Self:
        return cls(
            week=worked.week,
            person_id=worked.person_id,
            person=worked.person,
            hours=round(worked.seconds / 3600, 2),
            cost=MoneyOut.of(worked.cost),
        )

    @classmethod
    def line(cls, worked: Worked) -> Sequence[object]:
        told, cost = cls.of(worked), worked.cost
        money = (None, None) if cost is None else (cost.amount, cost.currency)
        return told.week, told.person_id, told.person, told.hours, *money


class FillOut(Out):
    """Of a unit's published shifts, how many places there are, and how many are filled."""

    HEADING: ClassVar = (
        *("unit_id", "unit", "shifts", "places"),
        *("accepted", "pending", "fill_rate"),
    )

    unit_id: UUID
    unit: str
    shifts: int
    places: int
    accepted: int
    pending: int
    fill_rate: float
    """Accepted places of all, from 0 to 1."""

    @classmethod
    def of(cls, row: Row) -> Self:
        return cls(
            unit_id=row.unit_id,
            unit=row.name,
            shifts=row.shifts,
            places=row.places,
            accepted=row.accepted,
            pending=row.pending,
            fill_rate=round(row.accepted / row.places, 4),
        )

    @classmethod
    def line(cls, row: Row) -> Sequence[object]:
        return tuple(getattr(cls.of(row), name) for name in cls.HEADING)


class AnswersOut(Out):
    """A place that was declined, or warnings that an admin overrode and why."""

    HEADING: ClassVar = (
        *("what", "at", "person_id", "person", "unit_id", "unit", "shift_id", "role", "start"),
        *("reason", "warnings"),
    )

    what: What
    at: datetime
    person_id: UUID
    person: str
    unit_id: UUID
    unit: str
    shift_id: UUID
    role: str
    start: datetime
    """Of the shift, in the unit's time zone."""
    reason: str | None
    warnings: list[str]

    @classmethod
    def of(cls, row: Row) -> Self:
        zone = ZoneInfo(row.zone)
        return cls(
            what=row.what,
            at=row.at,
            person_id=row.person_id,
            person=row.person,
            unit_id=row.unit_id,
            unit=row.unit,
            shift_id=row.shift_id,
            role=row.role,
            start=row.starts_at.astimezone(zone),
            reason=row.reason,
            warnings=row.warnings,
        )

    @classmethod
    def line(cls, row: Row) -> Sequence[object]:
        told = cls.of(row)
        return (
            *(told.what.value, told.at.isoformat(), told.person_id, told.person, told.unit_id),
            *(told.unit, told.shift_id, told.role, told.start.isoformat(), told.reason),
            " ".join(told.warnings),
        )
