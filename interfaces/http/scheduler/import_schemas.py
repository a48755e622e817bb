"""Bodies of imports."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from infrastructure.imports.staged import ImportState, Shift, StagedImport
from interfaces.http.scheduler.common import Out


class ImportedShiftOut(Out):
    """What one row of the file asked for."""

    row: int
    id: UUID | None
    """Of the draft that was made of it; null in a dry run."""
    unit_id: UUID
    role: str
    start: datetime
    """In the unit's time zone, with its offset."""
    end: datetime
    zone: str
    headcount: int
    people: list[UUID]
    notes: str

    @classmethod
    def of(cls, shift: Shift) -> Self:
        zone = ZoneInfo(shift["zone"])
        times = {
            side: datetime.fromisoformat(shift[side]).astimezone(zone) for side in ("start", "end")
        }
        return cls(**shift | times)


class FailureOut(Out):
    """Why nothing was imported."""

    message: str
    details: dict[str, Any]


class ImportSummaryOut(Out):
    id: UUID
    state: ImportState
    dry_run: bool
    file_name: str
    sha256: str
    rows_done: int
    """In the state that it is in."""
    rows_total: int | None
    """Not known before the whole file has been read."""
    created: int
    """Shifts that were drafted: all, or none."""
    created_at: datetime
    ended_at: datetime | None

    @classmethod
    def summary_of(cls, staged: StagedImport) -> "ImportSummaryOut":
        return ImportSummaryOut(**_summary(staged))


class ImportOut(ImportSummaryOut):
    shifts: list[ImportedShiftOut]
    """The first of those that were drafted or, in a dry run, would have been."""
    failure: FailureOut | None

    @classmethod
    def of(cls, staged: StagedImport) -> Self:
        told = staged.failure
        failure = told and FailureOut(message=told["message"], details=told["data"])
        shifts = [ImportedShiftOut.of(shift) for shift in staged.shifts or ()]
        return cls(**_summary(staged), shifts=shifts, failure=failure or None)


def _summary(staged: StagedImport) -> dict[str, Any]:
    return {name: getattr(staged, name) for name in ImportSummaryOut.model_fields}
