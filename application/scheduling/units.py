"""Opening units."""

from application.commands import Command, command, handles
from application.work import Work
from domain.scheduling.unit import Unit


@command(needs="units:write")
class OpenUnit(Command[Unit]):
    name: str
    zone: str


@handles(OpenUnit)
async def open_unit(command: OpenUnit, work: Work) -> Unit:
    return work.add(Unit(id=work.new_id(), name=command.name, zone=command.zone))
