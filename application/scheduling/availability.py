"""Saying when one can work."""

from application.commands import Command, command, handles
from application.scheduling.assignments import only_the_person_or
from application.unit_of_work import Work
from domain.scheduling.availability import Availability, Calendar
from domain.scheduling.person import Person
from domain.shared.errors import Stale
from domain.shared.ids import PersonId
from domain.shared.permissions import Permission

STATE_FOR_ANYBODY = Permission.parse("availability:write:all")


@command(needs="availability:write:own")
class StateAvailability(Command[Availability]):
    """The whole document; `seen` is the version that the client has seen, 0 where there was none,
    and None to replace whatever there is.
    """

    person_id: PersonId
    calendar: Calendar
    seen: int | None = None


@handles(StateAvailability)
async def state_availability(command: StateAvailability, work: Work) -> Availability:
    await only_the_person_or(STATE_FOR_ANYBODY, command.person_id, work)
    await work.read(Person, command.person_id)
    availability_id = Availability.id_of(work.tenant_id, command.person_id)
    availability = await work.find(Availability, availability_id)
    version = 0 if availability is None else availability.version
    if command.seen not in {None, version}:
        raise Stale("The availability has been changed since.", version=version)
    if availability is None:
        return work.add(Availability.state(availability_id, command.person_id, command.calendar))
    availability.replace(command.calendar)
    return availability


async def availability_of(person_id: PersonId, work: Work) -> Availability | None:
    """What the person said, or None. Raises NotFound when there is no such person."""
    await work.read(Person, person_id)
    return await work.glance(Availability, Availability.id_of(work.tenant_id, person_id))
