"""When people can work."""

from functools import partial
from uuid import UUID

from application.commands import Command, Deferred
from application.scheduling.availability import StateAvailability, availability_of
from domain.scheduling.availability import Availability
from domain.shared.ids import PersonId
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.conditional import VERSIONED, Seen, tell_version
from interfaces.http.scheduler.availability_schemas import AvailabilityIn, AvailabilityOut
from interfaces.http.scheduler.dialect import scheduler_router
from interfaces.http.scheduler.own_person import own_person

router = scheduler_router()


@router.get(
    "/availability/me",
    tags=["availability"],
    dependencies=[needs("availability:read:own")],
    responses=VERSIONED,
)
async def get_own_availability(call: Call) -> AvailabilityOut:
    """What one said of when one can work; its ETag goes into the If-Match of a change."""
    return await _shown(call, await own_person(call))


@router.put(
    "/availability/me",
    tags=["availability"],
    dependencies=[needs(StateAvailability)],
    responses=VERSIONED,
)
async def put_own_availability(body: AvailabilityIn, call: Call, seen: Seen) -> AvailabilityOut:
    """Say when one can work: the whole document, in place of what there was."""

    async def mine() -> Command[Availability]:
        return StateAvailability(await own_person(call), body.calendar(), seen)

    return await call.run(Deferred(StateAvailability, mine), partial(_told, call))


@router.get(
    "/people/{person_id}/availability",
    tags=["availability"],
    dependencies=[needs("availability:read")],
    responses=VERSIONED,
)
async def get_availability(person_id: UUID, call: Call) -> AvailabilityOut:
    """What a person said of when he or she can work."""
    return await _shown(call, PersonId(person_id))


@router.put(
    "/people/{person_id}/availability",
    tags=["availability"],
    dependencies=[needs(StateAvailability)],
    responses=VERSIONED,
)
async def put_availability(
    person_id: UUID, body: AvailabilityIn, call: Call, seen: Seen
) -> AvailabilityOut:
    """Say it for somebody who has no account, or asked for it."""
    command = StateAvailability(PersonId(person_id), body.calendar(), seen)
    return await call.run(command, partial(_told, call))


async def _shown(call: Call, person_id: PersonId) -> AvailabilityOut:
    found = await call.look(partial(availability_of, person_id))
    tell_version(call, 0 if found is None else found.version)
    return AvailabilityOut.of(person_id, found)


def _told(call: Call, availability: Availability) -> AvailabilityOut:
    tell_version(call, availability.version)
    return AvailabilityOut.of(availability.person_id, availability)
