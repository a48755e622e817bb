"""What became of an import, as it is told to whoever sent the file."""

from dataclasses import asdict

from application.scheduling.import_rows import Problem, Problems
from application.scheduling.imports import PlannedShift
from domain.scheduling.shift_import import imported_shift_id
from domain.shared.errors import Failure, Kind
from domain.shared.ids import ImportId
from infrastructure.imports.staged import Shift
from infrastructure.spreadsheets.package import RefusedError

MOST_TOLD = 200
"""Problems in an answer; of more only the number."""


class FileInvalid(Failure):
    """The file can't be imported. ``rows`` are the first of `total` problems, by row."""

    kind = Kind.INVALID

    def __init__(self, import_id: ImportId, reason: str, rows: list[Problem], total: int) -> None:
        super().__init__(
            "The file can't be imported; nothing of it was.",
            fields={"file": reason},
            import_id=str(import_id),
            rows=[asdict(problem) for problem in rows[:MOST_TOLD]],
            total=total,
        )


def of_problems(import_id: ImportId, problems: Problems) -> FileInvalid:
    found = problems.in_order()
    cells = "one cell" if problems.total == 1 else f"{problems.total} cells"
    return FileInvalid(import_id, f"{cells} can't be used", found, problems.total)


def of_refusal(import_id: ImportId, refused: RefusedError) -> FileInvalid:
    """By row and column, if it is one place that is wrong."""
    if refused.row is None or refused.column is None:
        return FileInvalid(import_id, refused.reason, [], 0)
    problem = Problem(refused.row, refused.column, refused.reason)
    return FileInvalid(import_id, "its heading is not that of the template", [problem], 1)


def shift_of(import_id: ImportId, planned: PlannedShift, *, drafted: bool) -> Shift:
    """One that was drafted, with its id, or would be."""
    return {
        "row": planned.row,
        "id": imported_shift_id(import_id, planned.row) if drafted else None,
        "unit_id": planned.unit_id,
        "role": planned.role,
        "start": planned.period.start,
        "end": planned.period.end,
        "zone": planned.zone,
        "headcount": planned.headcount,
        "people": planned.people,
        "notes": planned.notes,
    }
