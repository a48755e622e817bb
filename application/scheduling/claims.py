"""Taking a place on an open shift, for oneself."""

from application.commands import Command, command, handles
from application.scheduling.assignments import only_the_person_or
from application.scheduling.candidates import candidate_for
from application.unit_of_work import Work
from domain.scheduling.shift import Shift
from domain.shared.ids import PersonId, ShiftId
from domain.shared.permissions import Permission

CLAIM_FOR_ANYBODY = Permission.parse("shifts:claim:all")


@command(needs="shifts:claim:own")
class ClaimShift(Command[Shift]):
    shift_id: ShiftId
    person_id: PersonId


@handles(ClaimShift)
async def claim_shift(command: ClaimShift, work: Work) -> Shift:
    """Of all who want the last place, one gets it: the shift's next version is stored once."""
    await only_the_person_or(CLAIM_FOR_ANYBODY, command.person_id, work)
    shift = await work.get(Shift, command.shift_id)
    shift.claim(await candidate_for(command.person_id, shift, work))
    return shift
