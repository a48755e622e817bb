"""Recurrence: the days that an RRULE names, found by `python-dateutil`."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from application.scheduling.rrule_parts import not_a_rule, parts_of, until_of
from domain.scheduling.pattern import Template
from domain.shared.period import Period
from domain.shared.wall_clock import wall_period

_CALENDAR = 400
"""Years after which the Gregorian calendar repeats, weekdays and leap years alike."""
_LATE = 19 * _CALENDAR


@dataclass(frozen=True)
class Occurrence:
    """A day of a pattern, and when its shift is."""

    day: date
    period: Period


def with_rule_checked(template: Template, zone: str) -> Template:
    """The same with its rule as it is kept: in capitals, and with a day for UNTIL.

    Raises Invalid when the rule can't be read or names no day at all.
    """
    parts = parts_of(template.rrule)
    if "UNTIL" in parts:
        last = _last_day_by(until_of(parts["UNTIL"]), template.start, zone)
        parts["UNTIL"] = f"{last:%Y%m%d}"
    kept = replace(template, rrule=";".join(f"{name}={value}" for name, value in parts.items()))
    if next(_days(kept), None) is None:
        not_a_rule("names no day from first_day on and until last_day")
    return kept


def occurrences(template: Template, zone: str, first: date, last: date) -> list[Occurrence]:
    """Of the days from `first` to `last`, both included, those of the pattern.

    A night whose clocks skip all of the shift has no such shift.
    """
    found = []
    for day in takewhile(lambda day: day <= last, _days(template)):
        if day >= first:
            period = wall_period(day, template.start, template.end, zone)
            if period.hours > 0:
                found.append(Occurrence(day, period))
    return found


def _days(template: Template) -> Iterator[date]:
    """Every day of the pattern, the first first; ends always, and after 0.2 s at the latest.

    A rule that names no day, such as the 30th of February, would be followed through the 8000 years
    that Python knows. So it is asked what it says in the last 400 of them, which are the same. Only
    Easter is not: but where that is named, it is in every year.
    """
    parts = parts_of(template.rrule)
    late = 0 if "BYEASTER" in parts else _LATE
    last = template.last_day
    if "UNTIL" in parts:
        until = datetime.strptime(parts.pop("UNTIL"), "%Y%m%d").date()  # noqa: DTZ007 - a day
        last = until if last is None else min(last, until)
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    rule = rrulestr(text, dtstart=datetime.combine(_moved(template.first_day, late), time()))
    # The last week of the year 9999 ends in one that no calendar has.
    with suppress(ValueError, OverflowError):
        for found in rule:
            day = _moved(found.date(), -late)
            if last is not None and day > last:
                return
            yield day


def _moved(day: date, years: int) -> date:
    return day.replace(year=day.year + years)


def _last_day_by(until: date | datetime, start: time, zone: str) -> date:
    """The last day whose shift starts by then."""
    if not isinstance(until, datetime):
        return until
    wall = until if until.tzinfo is None else until.astimezone(ZoneInfo(zone))
    return wall.date() if start <= wall.time() else wall.date() - timedelta(days=1)
