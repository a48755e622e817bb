"""A calendar as RFC 5545 writes it."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard

from domain.scheduling.staffing import AssignmentStatus
from projections.scheduling.calendar import Entry

MEDIA_TYPE = "text/calendar; charset=utf-8"
_PRODUCT = "-//opstream//Scheduler//EN"
_REFRESH = timedelta(hours=1)
_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)


def calendar(entries: Sequence[Entry]) -> bytes:
    """The same entries give the same bytes."""
    made = Calendar()
    made.add("prodid", _PRODUCT)
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    for zone, first, last in _zones(entries):
        made.add_component(_timezone(zone, first, last))
    for entry in entries:
        made.add_component(_event(entry))
    written: bytes = made.to_ical()
    return written


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", f"{entry.assignment_id}@opstream")
    event.add("sequence", entry.sequence)
    event.add("status", _status(entry))
    event.add("summary", entry.role)
    event.add("location", entry.unit)
    event.add("dtstart", _on_the_wall(entry.starts_at, entry.zone))
    event.add("dtend", _on_the_wall(entry.ends_at, entry.zone))
    event.add("created", entry.given_at.astimezone(UTC))
    event.add("last-modified", entry.changed_at.astimezone(UTC))
    event.add("dtstamp", entry.changed_at.astimezone(UTC))
    event.add("transp", "TRANSPARENT" if entry.is_cancelled else "OPAQUE")
    return event


def _status(entry: Entry) -> str:
    if entry.is_cancelled:
        return "CANCELLED"
    return "CONFIRMED" if entry.status is AssignmentStatus.ACCEPTED else "TENTATIVE"


def _on_the_wall(moment: datetime, zone: str) -> datetime:
    """In wall time or, where a wall time comes twice and this is the second, in UTC: by RFC 5545,
    3.3.5, the wall time alone means the first.
    """
    local = moment.astimezone(ZoneInfo(zone))
    return moment.astimezone(UTC) if local.fold or _is_utc(zone) else local


def _is_utc(zone: str) -> bool:
    """RFC 5545 writes such times with a Z and without a time zone."""
    return zone in {"UTC", "Etc/UTC"}


def _zones(entries: Sequence[Entry]) -> Iterator[tuple[str, int, int]]:
    """Each zone that is named, with the first and the last year in which it is."""
    for zone in sorted({entry.zone for entry in entries if not _is_utc(entry.zone)}):
        theirs = [entry for entry in entries if entry.zone == zone]
        first = min(entry.starts_at for entry in theirs).year
        yield zone, first - 1, max(entry.ends_at for entry in theirs).year + 1


@lru_cache(maxsize=512)
def _timezone(zone: str, first: int, last: int) -> Timezone:
    """What its clocks do from the first year to the last, both whole.

    The library's own maker names onsets by the clock after the change, and so is an hour late in
    spring; RFC 5545, 3.6.5, names them by the clock before it.
    """
    made = Timezone()
    made.add("tzid", zone)
    clock = ZoneInfo(zone)
    start = datetime(first, 1, 1, tzinfo=UTC)
    made.add_component(_observance(clock, start, start))
    for change in _changes(clock, start, datetime(last + 1, 1, 1, tzinfo=UTC)):
        made.add_component(_observance(clock, change - _SECOND, change))
    return made


def _observance(
    clock: ZoneInfo, before: datetime, onset: datetime
) -> TimezoneStandard | TimezoneDaylight:
    """What clocks show from the onset on, told by what they showed before."""
    after = onset.astimezone(clock)
    offset = before.astimezone(clock).utcoffset() or timedelta()
    made = TimezoneDaylight() if after.dst() else TimezoneStandard()
    made.add("dtstart", (onset + offset).replace(tzinfo=None))
    made.add("tzoffsetfrom", offset)
    made.add("tzoffsetto", after.utcoffset() or timedelta())
    made.add("tzname", after.tzname() or clock.key)
    return made


def _changes(clock: ZoneInfo, start: datetime, end: datetime) -> Iterator[datetime]:
    """The moments, to the second, at which the clocks are set anew."""
    day = start
    while day < end:
        if _shown(clock, day) != _shown(clock, day + _DAY):
            low, high = day, day + _DAY
            while high - low > _SECOND:
                middle = low + (high - low) // 2 // _SECOND * _SECOND
                if _shown(clock, middle) == _shown(clock, day):
                    low = middle
                else:
                    high = middle
            yield high
        day += _DAY


def _shown(clock: ZoneInfo, moment: datetime) -> tuple[timedelta | None, str | None]:
    local = moment.astimezone(clock)
    return local.utcoffset(), local.tzname()
