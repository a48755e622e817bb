"""Weekly hours: in which weeks a person is booked for more than the cap, and nobody settled it.

Source: the Scheduler document, "Background Jobs & Scheduling".
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from domain.scheduling.person import Person
from domain.scheduling.shift import Shift
from domain.scheduling.warnings import WeeklyHoursAboveCap
from domain.shared.ids import PersonId
from domain.shared.period import Period, hours_in
from domain.shared.wall_clock import monday_of, week_name, weeks_of

WEEKS = 9
"""The current week and the eight after it."""
_WEEK = timedelta(days=7)
_EASTERNMOST, _WESTERNMOST = timedelta(hours=14), timedelta(hours=12)
"""How far the wall clocks of the world are ahead of UTC, and behind it."""


def weeks_from(day: date) -> dict[str, Period]:
    """The ISO week of the day and those after it, by name: all the time that belongs to each
    anywhere in the world.
    """
    mondays = [monday_of(day) + number * _WEEK for number in range(WEEKS)]
    return {week_name(monday): _anywhere(monday) for monday in mondays}


def could_be_above(cap: float, bookings: Sequence[Period], weeks: Iterable[Period]) -> bool:
    """Whether in some zone one of the weeks holds more hours than the cap; no means no."""
    return any(hours_in(week, bookings) > cap for week in weeks)


def hours_above_cap(
    person: Person, shifts: Sequence[Shift], weeks: Iterable[str]
) -> list[WeeklyHoursAboveCap]:
    """What there is to be told of these weeks. `shifts` are all that the person is booked for.

    A week is counted on the wall calendar of each shift in it, as when somebody is put on a shift.
    Where an admin has let as many hours be, under a cap that was no higher, there is nothing to be
    told.
    """
    cap, wanted = person.weekly_hour_cap, set(weeks)
    if cap is None or not person.active:
        return []
    bookings = [shift.period for shift in shifts]
    hours: dict[str, float] = {}
    for shift in shifts:
        for name, week in weeks_of(shift.period, shift.zone):
            hours[name] = max(hours.get(name, 0), hours_in(week, bookings))
    return [
        WeeklyHoursAboveCap(PersonId(person.id), name, round(hours[name], 2), cap)
        for name in sorted(hours.keys() & wanted)
        if hours[name] > cap and round(hours[name], 2) > _settled(person, shifts, name)
    ]


def _settled(person: Person, shifts: Iterable[Shift], week: str) -> float:
    """The most hours that an admin let be in this week, under a cap that was no higher."""
    return max(
        (
            warning.hours
            for shift in shifts
            for warning in shift.overridden.get(PersonId(person.id), ())
            if warning.week == week and warning.cap <= (person.weekly_hour_cap or 0)
        ),
        default=0.0,
    )


def _anywhere(monday: date) -> Period:
    midnight = datetime.combine(monday, time(0), UTC)
    return Period(midnight - _EASTERNMOST, midnight + _WEEK + _WESTERNMOST)
