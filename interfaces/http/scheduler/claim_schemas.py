"""Bodies of open shifts."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from interfaces.http.scheduler.common import Out, Row


class OpenShiftOut(Out):
    """A shift with places left, without who is on it."""

    id: UUID
    unit_id: UUID
    unit: str | None
    role: str
    start: datetime
    """In the unit's time zone, with its offset."""
    end: datetime
    zone: str
    places_left: int
    notes: dict[str, Any]

    @classmethod
    def of_row(cls, row: Row) -> Self:
        zone = ZoneInfo(row.zone)
        return cls(
            id=row.shift_id,
            unit_id=row.unit_id,
            unit=row.unit,
            role=row.role,
            start=row.starts_at.astimezone(zone),
            end=row.ends_at.astimezone(zone),
            zone=row.zone,
            places_left=row.headcount - row.taken,
            notes=row.notes,
        )
