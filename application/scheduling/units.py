"""Opening, changing and closing units."""

from application.commands import Command, command, handles
from application.unit_of_work import Work
from domain.scheduling.unit import Unit
from domain.shared.ids import UnitId


@command(needs="units:write")
class OpenUnit(Command[Unit]):
    name: str
    zone: str


@handles(OpenUnit)
async def open_unit(command: OpenUnit, work: Work) -> Unit:
    return work.add(Unit.open(work.new_id(), command.name, command.zone))


@command(needs="units:write")
class ChangeUnit(Command[Unit]):
    """None keeps what is."""

    unit_id: UnitId
    name: str | None = None
    zone: str | None = None


@handles(ChangeUnit)
async def change_unit(command: ChangeUnit, work: Work) -> Unit:
    unit = await work.get(Unit, command.unit_id)
    unit.change(name=command.name, zone=command.zone)
    return unit


@command(needs="units:write")
class CloseUnit(Command[Unit]):
    unit_id: UnitId


@handles(CloseUnit)
async def close_unit(command: CloseUnit, work: Work) -> Unit:
    unit = await work.get(Unit, command.unit_id)
    unit.close()
    return unit


@command(needs="units:write")
class ReopenUnit(Command[Unit]):
    unit_id: UnitId


@handles(ReopenUnit)
async def reopen_unit(command: ReopenUnit, work: Work) -> Unit:
    unit = await work.get(Unit, command.unit_id)
    unit.reopen()
    return unit
