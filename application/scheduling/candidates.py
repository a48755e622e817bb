"""Gathering what the rules ask of a person around a shift."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from application.scheduling.policy import terms_of
from application.unit_of_work import Work
from domain.scheduling import rules
from domain.scheduling.agenda import Agenda
from domain.scheduling.availability import Availability
from domain.scheduling.candidate import Candidate
from domain.scheduling.person import Person
from domain.scheduling.shift import Shift
from domain.scheduling.warnings import Warnings, warnings_about
from domain.shared.ids import PersonId, ShiftId
from domain.shared.period import Month, Period
from domain.shared.refusals import Refusal
from domain.shared.wall_clock import weeks_of

NOTHING: frozenset[ShiftId] = frozenset()


async def candidate_for(
    person_id: PersonId, shift: Shift, work: Work, giving_up: frozenset[ShiftId] = NOTHING
) -> Candidate:
    """Somebody who is to get a place. Raises NotFound.

    Agendas in which a booking could be in the way are there when this returns, opened where there
    were none: of two decisions that book the same person near each other, only one is stored.
    """
    rest = timedelta(hours=(await terms_of(work)).minimum_rest_hours)
    agendas = await agendas_of(person_id, shift.period.widened(rest), work)
    agendas += await _also_of(person_id, shift, {agenda.month for agenda in agendas}, work)
    return await _candidate(person_id, agendas, rest, giving_up, work)


async def glanced_at(person_id: PersonId, shift: Shift, work: Work) -> Candidate:
    """Somebody who might get a place, only to tell whether he or she could. Raises NotFound."""
    rest = timedelta(hours=(await terms_of(work)).minimum_rest_hours)
    months = dict.fromkeys([*shift.period.widened(rest).months(), *_months_of_weeks(shift)])
    found = [await _glance(person_id, month, work) for month in months]
    agendas = [agenda for agenda in found if agenda is not None]
    return await _candidate(person_id, agendas, rest, NOTHING, work)


@dataclass(frozen=True)
class Examined:
    """What the rules say of one person on one shift, were he or she put on it now."""

    candidate: Candidate
    refusals: tuple[Refusal, ...]
    warnings: Warnings


async def examined(shift_id: ShiftId, person_ids: Iterable[PersonId], work: Work) -> list[Examined]:
    """Each of them as if alone. Raises NotFound."""
    shift = await work.read(Shift, shift_id)
    candidates = [await glanced_at(person_id, shift, work) for person_id in person_ids]
    return [_examined(shift, candidate) for candidate in candidates]


def _examined(shift: Shift, candidate: Candidate) -> Examined:
    answers = [*rules.not_open(shift), *rules.reasons_against(shift, [candidate])]
    refusals = tuple(answer for answer in answers if answer is not None)
    return Examined(candidate, refusals, warnings_about(shift, candidate))


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


async def _candidate(
    person_id: PersonId,
    agendas: list[Agenda],
    rest: timedelta,
    giving_up: frozenset[ShiftId],
    work: Work,
) -> Candidate:
    availability_id = Availability.id_of(work.tenant_id, person_id)
    availability = await work.glance(Availability, availability_id)
    return Candidate(
        person=await work.read(Person, person_id),
        agendas=agendas,
        calendar=None if availability is None else availability.calendar,
        minimum_rest=rest,
        giving_up=giving_up,
    )


async def _also_of(
    person_id: PersonId, shift: Shift, besides: set[str], work: Work
) -> list[Agenda]:
    """The agendas of the other months that the shift's weeks touch: hours are counted by week."""
    months = {month for month in _months_of_weeks(shift) if str(month) not in besides}
    found = [await _glance(person_id, month, work) for month in sorted(months)]
    return [agenda for agenda in found if agenda is not None]


def _months_of_weeks(shift: Shift) -> Iterator[Month]:
    for _, week in weeks_of(shift.period, shift.zone):
        yield from week.months()


async def _glance(person_id: PersonId, month: Month, work: Work) -> Agenda | None:
    return await work.glance(Agenda, Agenda.id_of(work.tenant_id, person_id, month))
