"""Drafting, changing and publishing shifts."""

from datetime import datetime

from application.commands import Command, command, handles
from application.work import Work
from domain.scheduling.shift import Shift, shift_period
from domain.scheduling.unit import Unit
from domain.shared.ids import ShiftId, UnitId


@command(needs="shifts:write")
class DraftShift(Command[Shift]):
    unit_id: UnitId
    role: str
    start: datetime
    end: datetime
    headcount: int
    notes: dict[str, object]


@handles(DraftShift)
async def draft_shift(command: DraftShift, work: Work) -> Shift:
    unit = await work.read(Unit, command.unit_id)
    unit.must_be_open()
    shift = Shift(
        id=work.new_id(),
        unit_id=command.unit_id,
        role=command.role,
        period=shift_period(command.start, command.end),
        zone=unit.zone,
        headcount=command.headcount,
        notes=command.notes,
    )
    return work.add(shift)


@command(needs="shifts:write")
class ChangeShift(Command[Shift]):
    """None keeps what is."""

    shift_id: ShiftId
    role: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    headcount: int | None = None
    notes: dict[str, object] | None = None


@handles(ChangeShift)
async def change_shift(command: ChangeShift, work: Work) -> Shift:
    shift = await work.get(Shift, command.shift_id)
    shift.change(
        role=command.role,
        start=command.start,
        end=command.end,
        headcount=command.headcount,
        notes=command.notes,
    )
    return shift


@command(needs="shifts:write")
class PublishShift(Command[Shift]):
    shift_id: ShiftId


@handles(PublishShift)
async def publish_shift(command: PublishShift, work: Work) -> Shift:
    shift = await work.get(Shift, command.shift_id)
    shift.publish()
    return shift
