"""Putting people on shifts, and their answers."""

from collections.abc import Iterable

from application.commands import Command, command, handles
from application.scheduling.candidates import agendas_of, candidate_for
from application.scheduling.lapsing import lapse_swaps_of
from application.unit_of_work import Work
from domain.scheduling.candidate import Candidate
from domain.scheduling.person import Person
from domain.scheduling.shift import Shift
from domain.scheduling.warnings import Override
from domain.shared.errors import Forbidden
from domain.shared.ids import PersonId, ShiftId
from domain.shared.permissions import Permission
from domain.shared.texts import text_of

ANSWER_FOR_ANYBODY = Permission.parse("assignments:answer:all")
OVERRIDE = Permission.parse("warnings:override:all")


@command(needs="shifts:write")
class AssignPeople(Command[Shift]):
    """`force`, with its reason, lets the assignments be in spite of their warnings."""

    shift_id: ShiftId
    person_ids: tuple[PersonId, ...]
    force: bool = False
    reason: str = ""


@handles(AssignPeople)
async def assign_people(command: AssignPeople, work: Work) -> Shift:
    """All of them or none. Raises Forbidden when force is not the actor's to use."""
    override = override_by(work, command.reason) if command.force else None
    shift = await work.get(Shift, command.shift_id)
    shift.assign_all(await candidates_for(command.person_ids, shift, work), override)
    return shift


@command(needs="warnings:override")
class OverrideWarnings(Command[Shift]):
    shift_id: ShiftId
    person_id: PersonId
    reason: str


@handles(OverrideWarnings)
async def override_warnings(command: OverrideWarnings, work: Work) -> Shift:
    shift = await work.get(Shift, command.shift_id)
    shift.override_warnings(command.person_id, override_by(work, command.reason))
    return shift


@command(needs="assignments:answer:own")
class AcceptAssignment(Command[Shift]):
    shift_id: ShiftId
    person_id: PersonId


@handles(AcceptAssignment)
async def accept_assignment(command: AcceptAssignment, work: Work) -> Shift:
    await only_the_person_or(ANSWER_FOR_ANYBODY, command.person_id, work)
    shift = await work.get(Shift, command.shift_id)
    shift.accept(command.person_id)
    return shift


@command(needs="assignments:answer:own")
class DeclineAssignment(Command[Shift]):
    shift_id: ShiftId
    person_id: PersonId


@handles(DeclineAssignment)
async def decline_assignment(command: DeclineAssignment, work: Work) -> Shift:
    await only_the_person_or(ANSWER_FOR_ANYBODY, command.person_id, work)
    shift = await work.get(Shift, command.shift_id)
    await lapse_swaps_of([command.person_id], shift, work)
    shift.decline(command.person_id, await agendas_of(command.person_id, shift.period, work))
    return shift


@command(needs="assignments:answer:own")
class ReassignAssignment(Command[Shift]):
    shift_id: ShiftId
    person_id: PersonId
    to_person_id: PersonId


@handles(ReassignAssignment)
async def reassign_assignment(command: ReassignAssignment, work: Work) -> Shift:
    await only_the_person_or(ANSWER_FOR_ANYBODY, command.person_id, work)
    shift = await work.get(Shift, command.shift_id)
    await lapse_swaps_of([command.person_id], shift, work)
    shift.reassign(
        command.person_id,
        await agendas_of(command.person_id, shift.period, work),
        to=await candidate_for(command.to_person_id, shift, work),
    )
    return shift


def override_by(work: Work, reason: str) -> Override:
    """Raises Forbidden when overriding is not the actor's to do, and Invalid without a reason.

    Source: the Scheduler document, "Conflict Detection".
    """
    work.actor.must(OVERRIDE)
    return Override(text_of("reason", reason, "reason"))


async def candidates_for(
    person_ids: Iterable[PersonId], shift: Shift, work: Work
) -> list[Candidate]:
    """Raises NotFound."""
    # Always in the same order, so that two commands for the same people don't wait for each other.
    return [await candidate_for(person_id, shift, work) for person_id in sorted(person_ids)]


async def only_the_person_or(others: Permission, person_id: PersonId, work: Work) -> None:
    """Raises Forbidden unless the actor is the person, or may do so for anybody.

    Source: the Scheduler document, "Staff Accept/Decline".
    """
    if work.actor.may(others):
        return
    person = await work.read(Person, person_id)
    if person.account_id != work.actor.account_id:
        raise Forbidden("This is for the person concerned, or for a coordinator.")
