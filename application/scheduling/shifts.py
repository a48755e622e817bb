"""Drafting, changing and publishing shifts, and how they end."""

from dataclasses import replace
from datetime import datetime

from application.commands import Command, command, handles
from application.scheduling.assignments import candidates_for
from application.scheduling.candidates import agendas_of, candidate_for
from application.scheduling.lapsing import lapse_swaps_of
from application.scheduling.roles import role_for_a_shift
from application.unit_of_work import Work
from domain.scheduling.person import Person
from domain.scheduling.shift import Shift
from domain.scheduling.staffing import PlanChange, planned_people, shift_period
from domain.scheduling.unit import Unit
from domain.shared.errors import RuleBroken, refuse
from domain.shared.ids import PersonId, ShiftId, UnitId
from domain.shared.refusals import Attributed, Refusal


@command(needs="shifts:write")
class DraftShift(Command[Shift]):
    """`people` are meant to be on it: they get their places when it is published."""

    unit_id: UnitId
    role: str
    start: datetime
    end: datetime
    headcount: int
    notes: dict[str, object]
    people: tuple[PersonId, ...] = ()


@handles(DraftShift)
async def draft_shift(command: DraftShift, work: Work) -> Shift:
    unit = await work.read(Unit, command.unit_id)
    unit.must_be_open()
    await must_exist(command.people, work)
    role = await role_for_a_shift(command.role, work)
    shift = Shift(
        id=work.new_id(),
        unit_id=command.unit_id,
        role=role,
        period=shift_period(command.start, command.end),
        zone=unit.zone,
        headcount=command.headcount,
        notes=command.notes,
        people=planned_people(command.people),
    )
    return work.add(shift)


@command(needs="shifts:write")
class ChangeShift(Command[Shift]):
    shift_id: ShiftId
    change: PlanChange


@handles(ChangeShift)
async def change_shift(command: ChangeShift, work: Work) -> Shift:
    shift = await work.get(Shift, command.shift_id)
    wanted = command.change
    await must_exist(tuple(wanted.people or ()), work)
    if wanted.role is not None:
        role = await role_for_a_shift(wanted.role, work, held=shift.role)
        wanted = replace(wanted, role=role)
    shift.change(wanted)
    return shift


@command(needs="shifts:write")
class DiscardShift(Command[Shift]):
    shift_id: ShiftId


@handles(DiscardShift)
async def discard_shift(command: DiscardShift, work: Work) -> Shift:
    shift = await work.get(Shift, command.shift_id)
    shift.discard()
    return shift


@command(needs="shifts:write")
class DiscardStaleDraft(Command[Shift]):
    """Unless somebody has done something about it meanwhile: then it stays as it is."""

    shift_id: ShiftId
    untouched_since: datetime


@handles(DiscardStaleDraft)
async def discard_stale_draft(command: DiscardStaleDraft, work: Work) -> Shift:
    shift = await work.get(Shift, command.shift_id)
    if shift.is_stale(command.untouched_since):
        shift.discard()
    return shift


@command(needs="shifts:write")
class PublishShift(Command[Shift]):
    """With `notify`, those who could take a place that is left are told of it."""

    shift_id: ShiftId
    notify: bool = False


@handles(PublishShift)
async def publish_shift(command: PublishShift, work: Work) -> Shift:
    shift = await work.get(Shift, command.shift_id)
    shift.publish(await candidates_for(shift.people, shift, work), notify=command.notify)
    return shift


@command(needs="shifts:write")
class PublishShifts(Command[tuple[Shift, ...]]):
    shift_ids: tuple[ShiftId, ...]
    notify: bool = False


@handles(PublishShifts)
async def publish_shifts(command: PublishShifts, work: Work) -> tuple[Shift, ...]:
    """All of them or, with every rule that is broken of each, none."""
    shifts = await _taken_in_order(command.shift_ids, work)
    refusals: list[Refusal] = []
    for shift in shifts:
        try:
            # Who is planned on several is booked on the first before the next is looked at.
            planned = await candidates_for(shift.people, shift, work)
            shift.publish(planned, notify=command.notify)
        except RuleBroken as broken:
            whose = {"shift_id": shift.id}
            refusals += [Attributed(refusal, whose) for refusal in broken.refusals]
    refuse(*refusals)
    return tuple(shifts)


@command(needs="shifts:write")
class CancelShift(Command[Shift]):
    shift_id: ShiftId
    reason: str


@handles(CancelShift)
async def cancel_shift(command: CancelShift, work: Work) -> Shift:
    shift = await work.get(Shift, command.shift_id)
    agendas = [
        agenda
        for person_id in sorted(shift.holders)
        for agenda in await agendas_of(person_id, shift.period, work)
    ]
    await lapse_swaps_of(shift.holders, shift, work)
    shift.cancel(command.reason, agendas)
    return shift


@command(needs="shifts:write")
class CompleteShift(Command[Shift]):
    shift_id: ShiftId


@handles(CompleteShift)
async def complete_shift(command: CompleteShift, work: Work) -> Shift:
    shift = await work.get(Shift, command.shift_id)
    await lapse_swaps_of(shift.holders, shift, work)
    shift.complete()
    return shift


@command(needs="shifts:write")
class RemindOfShift(Command[Shift]):
    shift_id: ShiftId


@handles(RemindOfShift)
async def remind_of_shift(command: RemindOfShift, work: Work) -> Shift:
    shift = await work.get(Shift, command.shift_id)
    shift.remind()
    return shift


async def must_exist(person_ids: tuple[PersonId, ...], work: Work) -> None:
    """Raises NotFound."""
    for person_id in person_ids:
        await work.read(Person, person_id)


async def _taken_in_order(shift_ids: tuple[ShiftId, ...], work: Work) -> list[Shift]:
    """The shifts, by their start, and the agendas of who is planned on them. Raises NotFound.

    What is taken is taken in the same order always: two commands don't wait for each other.
    """
    shifts = [await work.get(Shift, shift_id) for shift_id in sorted(set(shift_ids))]
    for person_id in sorted({person_id for shift in shifts for person_id in shift.people}):
        for shift in shifts:
            if person_id in shift.people:
                await candidate_for(person_id, shift, work)
    return sorted(shifts, key=lambda shift: (shift.period.start, shift.id))
