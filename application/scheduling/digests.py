"""Recalculating weekly hours, and telling coordinators what came of it."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from application.commands import Command, command, handles
from application.unit_of_work import Work
from domain.scheduling.agenda import Agenda
from domain.scheduling.digest import Digest, HoursAboveCap, OpenPlaces
from domain.scheduling.person import Person
from domain.scheduling.shift import Shift
from domain.scheduling.unit import Unit
from domain.scheduling.warnings import Warnings
from domain.scheduling.weekly_hours import could_be_above, hours_above_cap, weeks_from
from domain.shared.ids import PersonId, ShiftId, UnitId
from domain.shared.period import Period

MOST_PEOPLE = 50
MOST_SHIFTS = 500
"""What one command looks at: it has few seconds, and nothing it saw may change meanwhile."""


@command(needs="digests:issue")
class RecalculateWeeklyHours(Command[Digest | None]):
    """Everybody and every shift named is looked at in the log; what is not so there is not told.

    `left_out` more people were found. At most `MOST_PEOPLE` and `MOST_SHIFTS` are looked at.
    """

    day: date
    person_ids: tuple[PersonId, ...]
    shift_ids: tuple[ShiftId, ...]
    left_out: int


@handles(RecalculateWeeklyHours)
async def recalculate_weekly_hours(command: RecalculateWeeklyHours, work: Work) -> Digest | None:
    """The day's digest, also when it was issued before; None where there is nothing to tell."""
    digest_id = Digest.id_of(work.tenant_id, command.day)
    if (issued := await work.find(Digest, digest_id)) is not None:
        return issued
    hours = [
        line
        for person_id in command.person_ids[:MOST_PEOPLE]
        for line in await _lines(person_id, command.day, work)
    ]
    open_places = await _open_places(command.shift_ids[:MOST_SHIFTS], work)
    if not hours and not open_places:
        return None
    return work.add(
        Digest(
            id=digest_id,
            day=command.day,
            hours=tuple(hours),
            left_out=command.left_out,
            open_places=open_places,
        )
    )


async def _lines(person_id: PersonId, day: date, work: Work) -> list[HoursAboveCap]:
    found = await weeks_above_cap(person_id, day, work)
    if not found:
        return []
    name = (await work.read(Person, person_id)).name
    return [HoursAboveCap(person_id, name, each.week, each.hours, each.cap) for each in found]


async def weeks_above_cap(person_id: PersonId, day: date, work: Work) -> Warnings:
    """The person's unsettled weeks, from that of the day on, as agendas and shifts tell them.

    Agendas are few and tell most people apart; shifts are only read of who could be above the cap.
    """
    person = await work.glance(Person, person_id)
    if person is None or person.weekly_hour_cap is None or not person.active:
        return ()
    weeks = weeks_from(day)
    booked = await _booked(person_id, list(weeks.values()), work)
    if not could_be_above(person.weekly_hour_cap, list(booked.values()), weeks.values()):
        return ()
    shifts = [await work.read(Shift, shift_id) for shift_id in sorted(booked)]
    return tuple(hours_above_cap(person, shifts, weeks))


async def _booked(person_id: PersonId, weeks: list[Period], work: Work) -> dict[ShiftId, Period]:
    """What the person's agendas hold in these weeks."""
    horizon = Period(weeks[0].start, weeks[-1].end)
    booked: dict[ShiftId, Period] = {}
    for month in horizon.months():
        agenda = await work.glance(Agenda, Agenda.id_of(work.tenant_id, person_id, month))
        if agenda is not None:
            booked |= agenda.bookings
    return {shift_id: period for shift_id, period in booked.items() if period.overlaps(horizon)}


async def _open_places(shift_ids: Iterable[ShiftId], work: Work) -> tuple[OpenPlaces, ...]:
    shifts: Counter[UnitId] = Counter()
    places: Counter[UnitId] = Counter()
    for shift_id in shift_ids:
        shift = await work.glance(Shift, shift_id)
        if shift is not None and shift.is_published and shift.taken < shift.headcount:
            shifts[shift.unit_id] += 1
            places[shift.unit_id] += shift.headcount - shift.taken
    units = [await work.read(Unit, unit_id) for unit_id in sorted(shifts)]
    return tuple(
        OpenPlaces(unit_id, unit.name, shifts[unit_id], places[unit_id])
        for unit_id, unit in zip(sorted(shifts), units, strict=True)
    )
