"""Calendars as RFC 5545 writes them, over every change of clocks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from icalendar import Calendar

from domain.scheduling.staffing import AssignmentStatus
from domain.shared.ids import AssignmentId, derived_id
from interfaces.http.scheduler.ical import calendar
from projections.scheduling.calendar import Entry

START = datetime(2026, 11, 2, 8, tzinfo=UTC)
ENTRY = Entry(
    assignment_id=AssignmentId(derived_id("an assignment")),
    sequence=3,
    role="nurse",
    unit="Ward 1",
    zone="Europe/Berlin",
    starts_at=START,
    ends_at=START + timedelta(hours=6),
    status=AssignmentStatus.ACCEPTED,
    is_cancelled=False,
    given_at=START - timedelta(days=9),
    changed_at=START - timedelta(days=8),
)
ZONES = [
    *("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"),
    *("Pacific/Apia", "Asia/Kathmandu", "Etc/UTC", "UTC", "America/St_Johns", "GMT"),
]


def read(*entries):
    return Calendar.from_ical(calendar(entries))


def lines(*entries):
    """Unfolded (RFC 5545, 3.1)."""
    return calendar(entries).decode().replace("\r\n ", "").split("\r\n")


def at(entry, start, hours=8):
    return replace(entry, starts_at=start, ends_at=start + timedelta(hours=hours))


def test_a_calendar_is_told_whole():
    assert lines(ENTRY) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//opstream//Scheduler//EN",
        "METHOD:PUBLISH",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "BEGIN:VTIMEZONE",
        "TZID:Europe/Berlin",
        *observance("STANDARD", "20250101T010000", "CET", "+0100", "+0100"),
        *observance("DAYLIGHT", "20250330T020000", "CEST", "+0100", "+0200"),
        *observance("STANDARD", "20251026T030000", "CET", "+0200", "+0100"),
        *observance("DAYLIGHT", "20260329T020000", "CEST", "+0100", "+0200"),
        *observance("STANDARD", "20261025T030000", "CET", "+0200", "+0100"),
        *observance("DAYLIGHT", "20270328T020000", "CEST", "+0100", "+0200"),
        *observance("STANDARD", "20271031T030000", "CET", "+0200", "+0100"),
        "END:VTIMEZONE",
        "BEGIN:VEVENT",
        "SUMMARY:nurse",
        "DTSTART;TZID=Europe/Berlin:20261102T090000",
        "DTEND;TZID=Europe/Berlin:20261102T150000",
        "DTSTAMP:20261025T080000Z",
        f"UID:{ENTRY.assignment_id}@opstream",
        "SEQUENCE:3",
        "CREATED:20261024T080000Z",
        "LAST-MODIFIED:20261025T080000Z",
        "LOCATION:Ward 1",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def observance(kind, onset, name, before, after):
    return [
        f"BEGIN:{kind}",
        f"DTSTART:{onset}",
        f"TZNAME:{name}",
        f"TZOFFSETFROM:{before}",
        f"TZOFFSETTO:{after}",
        f"END:{kind}",
    ]


@pytest.mark.parametrize(
    ("change", "status", "transparency"),
    [
        ({}, "CONFIRMED", "OPAQUE"),
        ({"status": AssignmentStatus.PENDING}, "TENTATIVE", "OPAQUE"),
        ({"is_cancelled": True}, "CANCELLED", "TRANSPARENT"),
        (
            {"status": AssignmentStatus.SWAPPED, "is_cancelled": True},
            "CANCELLED",
            "TRANSPARENT",
        ),
    ],
)
def test_who_is_to_come_is_told(change, status, transparency):
    (event,) = read(replace(ENTRY, **change)).walk("VEVENT")
    assert (event["status"], event["transp"]) == (status, transparency)


def test_an_empty_calendar_is_one():
    assert read().walk("VEVENT") == []


def test_the_same_calendar_is_the_same_bytes():
    assert calendar([ENTRY, ENTRY]) == calendar([ENTRY, ENTRY])


def test_what_people_write_can_not_become_anything_else():
    hostile = "Ward\r\nEND:VEVENT\nATTACH:http://evil.example;x,y\\"
    (event,) = read(replace(ENTRY, unit=hostile)).walk("VEVENT")
    assert "attach" not in event
    assert not any(line.startswith("ATTACH") for line in lines(replace(ENTRY, unit=hostile)))
    assert "ATTACH:http://evil.example;x,y\\" in event["location"]


def test_utc_needs_no_time_zone():
    assert "DTSTART:20261102T080000Z" in lines(replace(ENTRY, zone="UTC"))
    assert read(replace(ENTRY, zone="UTC")).walk("VTIMEZONE") == []


def test_the_second_of_two_same_wall_times_is_told_in_utc():
    """02:30 comes twice in the night to October 25th; the wall time alone means the first."""
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    second = first + timedelta(hours=1)
    assert "DTSTART;TZID=Europe/Berlin:20261025T023000" in lines(at(ENTRY, first))
    assert "DTSTART:20261025T013000Z" in lines(at(ENTRY, second))


moments = st.integers(0, 2 * 366 * 24 * 4).map(
    lambda quarters: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * quarters)
)
nights = st.sampled_from(
    [
        datetime(2026, month, day, 20, tzinfo=UTC) + timedelta(minutes=15 * quarters)
        for month, day in ((3, 7), (3, 28), (4, 4), (10, 3), (10, 24), (10, 31))
        for quarters in range(0, 48, 3)
    ]
)


@settings(max_examples=80, deadline=None)
@for_all(
    st.lists(
        st.tuples(st.one_of(moments, nights), st.integers(1, 30), st.sampled_from(ZONES)),
        min_size=1,
        max_size=5,
    )
)
def test_every_time_is_read_as_it_was_over_every_change_of_clocks(shifts):
    entries = [replace(at(ENTRY, start, hours), zone=zone) for start, hours, zone in shifts]
    read_again = read(*entries)
    zones = {str(zone["tzid"]): zone for zone in read_again.walk("VTIMEZONE")}
    for entry, event in zip(entries, read_again.walk("VEVENT"), strict=True):
        for name, moment in (("dtstart", entry.starts_at), ("dtend", entry.ends_at)):
            assert event.decoded(name).astimezone(UTC) == moment
            if (zone := event[name].params.get("tzid")) is not None:
                shown = event.decoded(name).replace(tzinfo=None)
                assert shown - offset_at(zones[zone], moment) == moment.replace(tzinfo=None)
                assert (
                    offset_at(zones[zone], moment) == moment.astimezone(ZoneInfo(zone)).utcoffset()
                )


def offset_at(zone, moment):
    """As RFC 5545, 3.6.5, reads the calendar's own time zone: by the latest onset before it."""
    onsets = {
        each["dtstart"].dt - each["tzoffsetfrom"].td: each["tzoffsetto"].td
        for each in zone.subcomponents
    }
    before = [onset for onset in onsets if onset <= moment.replace(tzinfo=None)]
    return onsets[max(before)]
