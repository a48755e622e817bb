"""Copying a week."""

from datetime import date

from application.commands import Command, command, handles
from application.scheduling.roles import is_open_role
from application.unit_of_work import Work
from domain.scheduling.shift import Shift
from domain.scheduling.staffing import LONGEST_HOURS, People, ShiftStatus
from domain.scheduling.unit import Unit
from domain.shared.errors import Invalid
from domain.shared.ids import ShiftId, UnitId
from domain.shared.wall_clock import copied, monday_of, wall_day

MOST_SHIFTS = 1000
COPIED = (ShiftStatus.DRAFT, ShiftStatus.PUBLISHED, ShiftStatus.COMPLETED)
"""What is cancelled or discarded is not wanted again."""


@command(needs="shifts:write")
class CopyWeek(Command[tuple[Shift, ...]]):
    """Drafts of another week at the same wall times, and if asked for with the same people.

    `shift_ids` are those that were found in the week; what has left it meanwhile is left out.
    Answers with the drafts, and before them with the shifts of which there can be none: their unit
    or role is closed, or in that night the clocks skip all of them.
    """

    shift_ids: tuple[ShiftId, ...]
    from_monday: date
    to_monday: date
    unit_id: UnitId | None
    with_people: bool


@handles(CopyWeek)
async def copy_week(command: CopyWeek, work: Work) -> tuple[Shift, ...]:
    if command.from_monday == command.to_monday:
        raise Invalid("A week is copied into another.", {"to_week": "must not be from_week"})
    if len(command.shift_ids) > MOST_SHIFTS:
        raise Invalid(
            "These are too many shifts.",
            {"from_week": f"has more than {MOST_SHIFTS} shifts: name a unit_id"},
        )
    if command.unit_id is not None:
        (await work.read(Unit, command.unit_id)).must_be_open()
    originals = [await work.read(Shift, shift_id) for shift_id in command.shift_ids]
    skipped, copies = [], []
    for shift in originals:
        if is_of_week(shift, command.from_monday) and shift.status in COPIED:
            copy = await _copy(shift, command, work)
            if copy is None:
                skipped.append(shift)
            else:
                copies.append(copy)
    return (*skipped, *copies)


def is_of_week(shift: Shift, monday: date) -> bool:
    """Whether it starts in that week by its unit's wall clock."""
    return monday_of(wall_day(shift.period.start, shift.zone)) == monday


async def _copy(shift: Shift, command: CopyWeek, work: Work) -> Shift | None:
    unit = await work.read(Unit, shift.unit_id)
    later = command.to_monday - command.from_monday
    period = copied(shift.period, shift.zone, later, unit.zone)
    is_open = unit.active and await is_open_role(shift.role, work)
    if not is_open or not 0 < period.hours <= LONGEST_HOURS:
        return None
    return work.add(
        Shift(
            id=work.new_id(),
            unit_id=shift.unit_id,
            role=shift.role,
            period=period,
            zone=unit.zone,
            headcount=shift.headcount,
            notes=shift.notes,
            people=_people_of(shift) if command.with_people else (),
        )
    )


def _people_of(shift: Shift) -> People:
    return shift.people if shift.is_draft else tuple(shift.holders)
