"""Drafting, changing and publishing shifts."""

from application.commands import Command, command, handles
from application.work import Work
from domain.scheduling.shift import Shift
from domain.scheduling.unit import Unit
from domain.shared.ids import ShiftId, UnitId
from domain.shared.period import Period


@command(needs="shifts:write")
class DraftShift(Command[Shift]):
    unit_id: UnitId
    role: str
    period: Period
    headcount: int
    notes: dict[str, object]


@handles(DraftShift)
async def draft_shift(command: DraftShift, work: Work) -> Shift:
    unit = await work.read(Unit, command.unit_id)
    shift = Shift(
        id=work.new_id(),
        unit_id=command.unit_id,
        role=command.role,
        period=command.period,
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
    period: Period | None = None
    headcount: int | None = None
    notes: dict[str, object] | None = None


@handles(ChangeShift)
async def change_shift(command: ChangeShift, work: Work) -> Shift:
    shift = await work.get(Shift, command.shift_id)
    shift.change(
        role=command.role,
        period=command.period,
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
