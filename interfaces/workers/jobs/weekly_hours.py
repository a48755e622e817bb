"""The nightly digest: who is above the weekly cap, and where places are open."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

from application.scheduling.digests import (
    MOST_PEOPLE,
    MOST_SHIFTS,
    RecalculateWeeklyHours,
    weeks_above_cap,
)
from application.unit_of_work import Work
from domain.scheduling.warnings import Warnings
from domain.shared.ids import PersonId
from interfaces.workers.jobs.turn import Turn
from projections.scheduling.nightly import people_with_a_cap, shifts_with_open_places

_WEEK = timedelta(days=7)


async def recalculate_weekly_hours(turn: Turn) -> int:
    """One command about those whom a first look at the log finds above the cap, the worst first.

    That look is taken batch by batch, since no command has the time to look at everybody.
    """
    day = turn.slot.start.date()
    above = [found async for found in _above_cap(turn)]
    above.sort(key=lambda one: max(each.hours - each.cap for each in one), reverse=True)
    start = turn.slot.now
    command = RecalculateWeeklyHours(
        day=day,
        person_ids=tuple(PersonId(one[0].person_id) for one in above[:MOST_PEOPLE]),
        shift_ids=tuple(await turn.ask(shifts_with_open_places, start, start + _WEEK, MOST_SHIFTS)),
        left_out=max(0, len(above) - MOST_PEOPLE),
    )
    return await turn.do(command, "digest")


async def _above_cap(turn: Turn) -> AsyncIterator[Warnings]:
    """What there is to be told, person by person."""
    after: PersonId | None = None
    while people := await turn.ask(people_with_a_cap, after, MOST_PEOPLE):
        for found in await _look_at(people, turn):
            yield found
        after = people[-1]


async def _look_at(people: Sequence[PersonId], turn: Turn) -> list[Warnings]:
    day = turn.slot.start.date()

    async def question(work: Work) -> list[Warnings]:
        every = [await weeks_above_cap(person_id, day, work) for person_id in people]
        return [found for found in every if found]

    return await turn.look(question)
