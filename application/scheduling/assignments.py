"""Putting people on shifts, and their answers."""

from application.commands import Command, command, handles
from application.work import Work
from domain.scheduling.agenda import Agenda
from domain.scheduling.person import Person
from domain.scheduling.shift import Shift
from domain.shared.errors import Forbidden
from domain.shared.ids import PersonId, ShiftId
from domain.shared.period import Period
from domain.shared.permissions import Permission

ANSWER_FOR_ANYBODY = Permission.parse("assignments:answer:all")


@command(needs="shifts:write")
class AssignPeople(Command[Shift]):
    shift_id: ShiftId
    person_ids: tuple[PersonId, ...]


@handles(AssignPeople)
async def assign_people(command: AssignPeople, work: Work) -> Shift:
    """All of them or none."""
    shift = await work.get(Shift, command.shift_id)
    # Always in the same order, so that two commands for the same people don't wait for each other.
    people = [
        (await work.read(Person, person_id), await agendas_of(person_id, shift.period, work))
        for person_id in sorted(command.person_ids)
    ]
    shift.assign_all(people)
    return shift


@command(needs="assignments:answer:own")
class AcceptAssignment(Command[Shift]):
    shift_id: ShiftId
    person_id: PersonId


@handles(AcceptAssignment)
async def accept_assignment(command: AcceptAssignment, work: Work) -> Shift:
    await only_the_assignee_or_a_coordinator(command.person_id, work)
    shift = await work.get(Shift, command.shift_id)
    shift.accept(command.person_id)
    return shift


@command(needs="assignments:answer:own")
class DeclineAssignment(Command[Shift]):
    shift_id: ShiftId
    person_id: PersonId


@handles(DeclineAssignment)
async def decline_assignment(command: DeclineAssignment, work: Work) -> Shift:
    await only_the_assignee_or_a_coordinator(command.person_id, work)
    shift = await work.get(Shift, command.shift_id)
    shift.decline(command.person_id, await agendas_of(command.person_id, shift.period, work))
    return shift


@command(needs="assignments:answer:own")
class ReassignAssignment(Command[Shift]):
    shift_id: ShiftId
    person_id: PersonId
    to_person_id: PersonId


@handles(ReassignAssignment)
async def reassign_assignment(command: ReassignAssignment, work: Work) -> Shift:
    await only_the_assignee_or_a_coordinator(command.person_id, work)
    shift = await work.get(Shift, command.shift_id)
    shift.reassign(
        command.person_id,
        await agendas_of(command.person_id, shift.period, work),
        to=await work.read(Person, command.to_person_id),
        their_agendas=await agendas_of(command.to_person_id, shift.period, work),
    )
    return shift


async def only_the_assignee_or_a_coordinator(person_id: PersonId, work: Work) -> None:
    """Raises Forbidden. Source: the Scheduler document, "Staff Accept/Decline"."""
    if work.actor.may(ANSWER_FOR_ANYBODY):
        return
    person = await work.read(Person, person_id)
    if person.account_id != work.actor.account_id:
        raise Forbidden("Only the assignee or a coordinator may answer for an assignment.")


async def agendas_of(person_id: PersonId, period: Period, work: Work) -> list[Agenda]:
    """The person's agendas of every month that the period touches, opened where there is none."""
    agendas = []
    for month in period.months():
        agenda_id = Agenda.id_of(work.tenant_id, person_id, month)
        agenda = await work.find(Agenda, agenda_id)
        if agenda is None:
            agenda = work.add(Agenda(id=agenda_id, person_id=person_id, month=str(month)))
        agendas.append(agenda)
    return agendas
