"""Drafting all shifts of a file at once."""

import asyncio
from dataclasses import dataclass

from application.commands import Command, command, handles
from application.scheduling.roles import role_for_a_shift
from application.unit_of_work import Work
from domain.scheduling.person import Person
from domain.scheduling.shift import Shift
from domain.scheduling.shift_import import ShiftImport, Source, imported_shift_id
from domain.scheduling.staffing import planned_people, shift_period
from domain.scheduling.unit import Unit
from domain.shared.errors import Conflict
from domain.shared.ids import ImportId, PersonId, UnitId
from domain.shared.period import Period

_SLICE = 200
"""Shifts after which others get their turn: whoever else works in this process."""


@dataclass(frozen=True)
class PlannedShift:
    """What one row of the file asks for."""

    row: int
    unit_id: UnitId
    zone: str
    """Of the unit, by whose wall clock the period was read."""
    role: str
    period: Period
    headcount: int
    people: tuple[PersonId, ...]
    notes: str


@command(needs="imports:write")
class ImportShifts(Command[ShiftImport]):
    """Asked again with the same `import_id` it does nothing, however long ago that was."""

    import_id: ImportId
    source: Source
    shifts: tuple[PlannedShift, ...]


@handles(ImportShifts)
async def import_shifts(command: ImportShifts, work: Work) -> ShiftImport:
    """Raises what `DraftShift` does, and Conflict when a unit has gone to another zone since."""
    done = await work.find(ShiftImport, command.import_id)
    if done is not None:
        return done
    names = {planned.role for planned in command.shifts}
    roles = {name: await role_for_a_shift(name, work) for name in sorted(names)}
    for number, planned in enumerate(command.shifts, start=1):
        await _draft(command.import_id, planned, roles[planned.role], work)
        if number % _SLICE == 0:
            await asyncio.sleep(0)
    made = ShiftImport(id=command.import_id, source=command.source, shifts=len(command.shifts))
    return work.add(made)


async def _draft(import_id: ImportId, planned: PlannedShift, role: str, work: Work) -> None:
    unit = await work.read(Unit, planned.unit_id)
    unit.must_be_open()
    if unit.zone != planned.zone:
        raise Conflict("A unit was put into another time zone meanwhile; try again.")
    for person_id in planned.people:
        await work.read(Person, person_id)
    shift = Shift(
        id=imported_shift_id(import_id, planned.row),
        unit_id=planned.unit_id,
        role=role,
        period=shift_period(planned.period.start, planned.period.end),
        zone=unit.zone,
        headcount=planned.headcount,
        notes={"text": planned.notes} if planned.notes else {},
        people=planned_people(planned.people),
    )
    work.add(shift)
