"""ShiftImport: a file of which shifts were made, all at once."""

from dataclasses import dataclass
from uuid import UUID

from domain.shared.aggregate import Aggregate, Created, event
from domain.shared.ids import ImportId, ShiftId, derived_id


@dataclass(frozen=True)
class Source:
    """The file, as it was sent."""

    file_name: str
    sha256: str
    """Of its bytes, in hexadecimal."""
    rows: int
    """Those that are not blank, without the heading."""


class ShiftImport(Aggregate):
    """Its shifts have ids that follow from its own, so nothing can be made of it twice."""

    TOPIC = "scheduling.ShiftImport"

    class Imported(Created):
        TOPIC = "scheduling.ShiftsImported"
        source: Source
        shifts: int
        """How many were drafted, in the same append."""

    @event(Imported)
    def __init__(self, id: UUID, source: Source, shifts: int) -> None:  # noqa: ARG002
        self.source = source
        self.shifts = shifts


def imported_shift_id(import_id: ImportId, row: int) -> ShiftId:
    """The id of the shift that is made of one row of the file, which counts from 1."""
    return ShiftId(derived_id("imported shift", import_id, row))
