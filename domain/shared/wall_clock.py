"""Wall time: what the clock on a unit's wall shows, turned into moments.

Where clocks change a wall time may come twice or not at all. It is read as calendars read it (RFC
5545, 3.3.5): of two the first, and one that is skipped by the offset before the change, so that a
shift from 02:30 in the night in which clocks go forward begins at 03:30.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain.shared.period import Period

_WEEK = timedelta(days=7)


def at_wall_time(day: date, clock: time, zone: str) -> datetime:
    """The moment, in UTC, at which the wall clock of that zone shows that day and time."""
    # Of a clock that was read in the second of two same hours, only what it showed is asked.
    return datetime.combine(day, clock.replace(fold=0), ZoneInfo(zone)).astimezone(UTC)


def wall_period(day: date, start: time, end: time, zone: str) -> Period:
    """From `start` of the day to the next time that the clock shows `end`: a night shift ends on
    the day after.

    Elapsed hours follow from the zone; a period whose start is skipped may even end before it.
    """
    last = day if end > start else day + timedelta(days=1)
    return Period(at_wall_time(day, start, zone), at_wall_time(last, end, zone))


def copied(period: Period, zone: str, later: timedelta, to_zone: str) -> Period:
    """The same times of the clock on the wall, so many whole days later, maybe on another wall."""
    start, end = (_moved(moment, zone, later, to_zone) for moment in (period.start, period.end))
    return Period(start, end)


def _moved(moment: datetime, zone: str, later: timedelta, to_zone: str) -> datetime:
    wall = moment.astimezone(ZoneInfo(zone)) + later
    return at_wall_time(wall.date(), wall.time(), to_zone)


def wall_day(moment: datetime, zone: str) -> date:
    """The day that the calendar on the wall shows at that moment."""
    return moment.astimezone(ZoneInfo(zone)).date()


def monday_of(day: date) -> date:
    """The first day of the day's ISO week."""
    return day - timedelta(days=day.weekday())


def week_name(day: date) -> str:
    """The ISO week of that day, such as ``2026-W45``; later weeks have greater names."""
    year, week, _ = day.isocalendar()
    return f"{year:04}-W{week:02}"


def weeks_of(period: Period, zone: str) -> Iterator[tuple[str, Period]]:
    """Every ISO week that the period touches, by name, from Monday to Monday on the wall."""
    monday = monday_of(wall_day(period.start, zone))
    while (week := _week(monday, zone))[1].start < period.end:
        yield week
        monday += _WEEK


@lru_cache(maxsize=4096)
def _week(monday: date, zone: str) -> tuple[str, Period]:
    # Asked for every shift, of few weeks.
    start, end = (at_wall_time(day, time(0), zone) for day in (monday, monday + _WEEK))
    return week_name(monday), Period(start, end)
