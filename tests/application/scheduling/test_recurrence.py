"""Which days a recurrence rule names, and which rules are none."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import takewhile
from time import perf_counter

import pytest
from dateutil.easter import easter
from dateutil.rrule import rrulestr
from hypothesis import assume, settings
from hypothesis import given as for_all
from hypothesis import strategies as st

from application.scheduling.recurrence import occurrences, with_rule_checked
from domain.shared.errors import Invalid
from domain.shared.wall_clock import wall_day
from tests.support.scheduling import NIGHTS

BERLIN = "Europe/Berlin"
LAST = date(2199, 12, 31)


def designed(rrule, zone=BERLIN, **changes):
    return with_rule_checked(replace(NIGHTS, rrule=rrule, **changes), zone)


def days(rrule, last, first="2026-11-02", **changes):
    template = designed(rrule, **changes)
    found = occurrences(template, BERLIN, date.fromisoformat(first), date.fromisoformat(last))
    return [str(each.day)[5:] for each in found]


@pytest.mark.parametrize(
    ("rrule", "expected"),
    [
        ("FREQ=DAILY;COUNT=3", ["11-02", "11-03", "11-04"]),
        ("FREQ=DAILY;INTERVAL=10", ["11-02", "11-12", "11-22"]),
        ("FREQ=WEEKLY", ["11-02", "11-09", "11-16", "11-23", "11-30"]),
        ("FREQ=WEEKLY;BYDAY=TU,SU;UNTIL=20261110", ["11-03", "11-08", "11-10"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU", ["11-02", "11-08", "11-16", "11-22", "11-30"]),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU",
            ["11-02", "11-15", "11-16", "11-29", "11-30"],
        ),
        ("FREQ=DAILY;BYDAY=SA", ["11-07", "11-14", "11-21", "11-28"]),
        ("FREQ=MONTHLY;BYDAY=1MO,-1FR", ["11-02", "11-27"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1,15", ["11-15", "11-30"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ["11-30"]),
        ("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", ["11-26"]),
        ("FREQ=YEARLY;BYWEEKNO=46;BYDAY=WE", ["11-11"]),
        ("FREQ=YEARLY;BYYEARDAY=-32,320", ["11-16", "11-30"]),
        ("FREQ=YEARLY", ["11-02"]),
        # However it is written.
        (" rrule:freq=daily;count=+2 ", ["11-02", "11-03"]),
    ],
)
def test_a_rule_names_days(rrule, expected):
    assert days(rrule, "2026-11-30") == expected


def test_the_first_day_is_one_of_them_only_if_the_rule_names_it():
    assert days("FREQ=WEEKLY;BYDAY=WE", "2026-11-11") == ["11-04", "11-11"]


def test_days_are_counted_from_the_first_day_whichever_are_asked_for():
    assert days("FREQ=DAILY;COUNT=5", "2026-12-31", first="2026-11-05") == ["11-05", "11-06"]
    assert days("FREQ=WEEKLY;INTERVAL=2", "2026-11-30", first="2026-11-09") == ["11-16", "11-30"]


def test_there_is_none_before_the_first_or_after_the_last_day():
    template = designed("FREQ=DAILY", last_day=date(2026, 11, 4))
    found = occurrences(template, BERLIN, date(2026, 1, 1), LAST)
    assert [each.day.day for each in found] == [2, 3, 4]


def test_easter_moves():
    template = designed("FREQ=YEARLY;BYEASTER=-2,1", first_day=date(2026, 1, 1))
    found = [each.day for each in occurrences(template, BERLIN, date(2027, 1, 1), LAST)]
    sundays = [easter(year) for year in range(2027, 2200)]
    assert found == [day + timedelta(days=n) for day in sundays for n in (-2, 1)]


@pytest.mark.parametrize("offset", [-80, 249])
def test_the_farthest_days_from_easter_are_found_every_year(offset):
    template = designed(f"FREQ=YEARLY;BYEASTER={offset}", first_day=date(2000, 1, 1))
    found = [each.day for each in occurrences(template, BERLIN, date(2000, 1, 1), LAST)]
    assert found == [easter(year) + timedelta(days=offset) for year in range(2000, 2200)]


@pytest.mark.parametrize(
    ("until", "start", "zone", "kept"),
    [
        ("20261110", time(22), BERLIN, "20261110"),
        # A moment is a day by the clock on the wall: the last one whose shift has begun by then.
        ("20261110T210000Z", time(22), BERLIN, "20261110"),
        ("20261110T205959Z", time(22), BERLIN, "20261109"),
        ("20261110T230000Z", time(0), BERLIN, "20261111"),
        ("20261110T230000Z", time(22), "America/Los_Angeles", "20261109"),
        ("20261110T215959", time(22), BERLIN, "20261109"),
        ("20261110T220000", time(22), "Asia/Kathmandu", "20261110"),
    ],
)
def test_until_is_kept_as_a_day(until, start, zone, kept):
    template = designed(f"freq=daily;until={until}", zone, start=start)
    assert template.rrule == f"FREQ=DAILY;UNTIL={kept}"
    assert designed(template.rrule, zone, start=start) == template


@pytest.mark.parametrize(
    ("night", "hours"),
    [("2026-11-02", 8), ("2027-03-27", 7), ("2027-10-30", 9)],
    ids=["any", "forward", "back"],
)
def test_wall_times_stay_and_hours_do_not(night, hours):
    day = date.fromisoformat(night)
    (found,) = occurrences(designed("FREQ=DAILY"), BERLIN, day, day)
    assert (found.day, found.period.hours) == (day, hours)
    assert wall_day(found.period.start, BERLIN) == day


def test_a_night_whose_clocks_skip_the_shift_has_none():
    template = designed("FREQ=DAILY", start=time(2, 30), end=time(3))
    found = occurrences(template, BERLIN, date(2027, 3, 27), date(2027, 3, 29))
    assert [each.day.day for each in found] == [27, 29]


NOT_RULES = [
    ("", "must be written"),
    ("WEEKLY", "must be written"),
    ("FREQ=", "must be written"),
    ("FREQ=DAILY;", "must be written"),
    ("FREQ=DAILY;;COUNT=1", "must be written"),
    ("BYDAY=MO", "must say FREQ"),
    ("FREQ=HOURLY", "FREQ must be one of DAILY, WEEKLY, MONTHLY, YEARLY"),
    ("FREQ=MINUTELY", "FREQ must be"),
    ("FREQ=SECONDLY;COUNT=1", "FREQ must be"),
    ("FREQ=FORTNIGHTLY", "FREQ must be"),
    ("FREQ=DAILY;FREQ=WEEKLY", "says FREQ twice"),
    ("FREQ=DAILY;COUNT=3;UNTIL=20271231", "must not say both COUNT and UNTIL"),
    ("FREQ=DAILY;COUNT=0", "COUNT must be between 1 and 3660"),
    ("FREQ=DAILY;COUNT=3661", "COUNT must be"),
    ("FREQ=DAILY;COUNT=1,2", "COUNT must be"),
    ("FREQ=DAILY;COUNT=99999999999999999999", "COUNT must be"),
    ("FREQ=DAILY;COUNT=٣", "COUNT must be"),
    ("FREQ=DAILY;INTERVAL=0", "INTERVAL must be between 1 and 366"),
    ("FREQ=DAILY;INTERVAL=-1", "INTERVAL must be"),
    ("FREQ=DAILY;INTERVAL=367", "INTERVAL must be"),
    ("FREQ=DAILY;INTERVAL=1.5", "INTERVAL must be"),
    ("FREQ=DAILY;BYHOUR=8,20", "must not say BYHOUR: the times stand in start and end"),
    ("FREQ=DAILY;BYMINUTE=0", "must not say BYMINUTE"),
    ("FREQ=DAILY;BYSECOND=0", "must not say BYSECOND"),
    ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY must be between -31 and 31, but not 0"),
    ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY must be"),
    ("FREQ=MONTHLY;BYMONTHDAY=1,,2", "BYMONTHDAY must be"),
    ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY goes with FREQ=DAILY or MONTHLY or YEARLY"),
    ("FREQ=YEARLY;BYMONTH=13", "BYMONTH must be between 1 and 12"),
    ("FREQ=YEARLY;BYMONTH=-1", "BYMONTH must be"),
    ("FREQ=YEARLY;BYYEARDAY=367", "BYYEARDAY must be"),
    ("FREQ=MONTHLY;BYYEARDAY=1", "BYYEARDAY goes with FREQ=YEARLY"),
    ("FREQ=YEARLY;BYWEEKNO=54", "BYWEEKNO must be"),
    ("FREQ=WEEKLY;BYWEEKNO=1", "BYWEEKNO goes with FREQ=YEARLY"),
    ("FREQ=DAILY;BYSETPOS=1", "BYSETPOS chooses from the days of another part"),
    ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0", "BYSETPOS must be between -366 and 366, but not 0"),
    ("FREQ=YEARLY;BYEASTER=-81", "BYEASTER must be between -80 and 249"),
    ("FREQ=YEARLY;BYEASTER=250", "BYEASTER must be"),
    ("FREQ=DAILY;BYEASTER=0", "BYEASTER goes with FREQ=YEARLY"),
    ("FREQ=YEARLY;BYEASTER=0;BYMONTH=4", "BYEASTER goes with no other part"),
    ("FREQ=YEARLY;BYEASTER=0;BYSETPOS=1", "BYEASTER goes with no other part"),
    ("FREQ=WEEKLY;BYDAY=XX", "BYDAY must be days such as MO, or 1MO and -1FR"),
    ("FREQ=WEEKLY;BYDAY=", "must be written"),
    ("FREQ=WEEKLY;BYDAY=MO,", "BYDAY must be"),
    ("FREQ=MONTHLY;BYDAY=0MO", "BYDAY must be"),
    ("FREQ=YEARLY;BYDAY=54MO", "BYDAY must be"),
    ("FREQ=MONTHLY;BYDAY=MO(+1)", "BYDAY must be"),
    ("FREQ=WEEKLY;BYDAY=1MO", "BYDAY numbers its days, as in 1MO, only in a month or a year"),
    ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "BYDAY numbers"),
    ("FREQ=WEEKLY;WKST=1", "WKST must be a day such as MO"),
    ("FREQ=DAILY;UNTIL=2026-12-31", "UNTIL must be a day such as 20271231"),
    ("FREQ=DAILY;UNTIL=20260230", "UNTIL must be"),
    ("FREQ=DAILY;UNTIL=20261231T250000Z", "UNTIL must be"),
    ("FREQ=DAILY;UNTIL=20261231T220000+0100", "UNTIL must be"),
    ("FREQ=DAILY;UNTIL=tomorrow", "UNTIL must be"),
    ("FREQ=DAILY;DTSTART=20261102", "says DTSTART, which is not known here"),
    ("FREQ=DAILY;__CLASS__=1", "says something, which is not known here"),
    ("FREQ=DAILY;" + "X" * 90 + "=1", "says " + "X" * 20 + ", which"),
    ("DTSTART:20261102\nRRULE:FREQ=DAILY", "says something, which is not known here"),
    ("FREQ=DAILY\nEXDATE=20261103", "FREQ must be"),
    ("FREQ=WEEKLY;BYDAY=" + ",".join(["MO"] * 200), "has more than 500 characters"),
    # Nothing is wrong with the parts, but there is no such day.
    ("FREQ=DAILY;UNTIL=20261101", "names no day from first_day on and until last_day"),
    ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "names no day"),
    ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31", "names no day"),
    ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", "names no day"),
    ("FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2;BYMONTH=2", "names no day"),
    ("FREQ=MONTHLY;BYDAY=6MO", "names no day"),
    ("FREQ=MONTHLY;INTERVAL=12;BYMONTH=2;COUNT=1", "names no day"),
]


@pytest.mark.parametrize(("rrule", "wrong"), NOT_RULES)
def test_what_is_no_rule_is_told_in_a_moment(rrule, wrong):
    begun = perf_counter()
    with pytest.raises(Invalid) as told:
        designed(rrule)
    assert list(told.value.data["fields"]) == ["rrule"]
    assert told.value.data["fields"]["rrule"].startswith(wrong)
    assert perf_counter() - begun < 2


def test_the_days_of_a_rule_must_come_before_the_last_day():
    with pytest.raises(Invalid, match="rule"):
        designed("FREQ=YEARLY;BYMONTH=10", last_day=date(2027, 9, 30))


def numbers(low, high, most=3):
    each = st.integers(low, high).filter(lambda number: number != 0)
    return st.lists(each, min_size=1, max_size=most).map(lambda found: ",".join(map(str, found)))


WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
SOME_DAYS = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=4).map(",".join)


@st.composite
def rules(draw):
    """Rules of every sort, whether or not they name a day."""
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    optional = {
        "INTERVAL": st.integers(1, 40).map(str),
        "WKST": st.sampled_from(WEEKDAYS),
        "BYMONTH": numbers(1, 12),
        "BYDAY": SOME_DAYS,
    }
    if frequency != "WEEKLY":
        optional["BYMONTHDAY"] = numbers(-31, 31)
    if frequency == "YEARLY":
        optional |= {"BYYEARDAY": numbers(-366, 366), "BYWEEKNO": numbers(-53, 53)}
    chosen = draw(st.lists(st.sampled_from(sorted(optional)), unique=True, max_size=3))
    parts = [f"FREQ={frequency}", *(f"{name}={draw(optional[name])}" for name in chosen)]
    if any(name.startswith("BY") for name in chosen):
        parts += draw(st.sampled_from([[], ["BYSETPOS=1"], ["BYSETPOS=-1,2"]]))
    parts += draw(st.sampled_from([[], ["COUNT=20"], ["UNTIL=20401231"]]))
    return ";".join(parts)


FIRST_DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))
modestly = settings(max_examples=60, deadline=None)


def read(rrule, first_day):
    """The template, if the rule names a day at all."""
    try:
        return designed(rrule, first_day=first_day)
    except Invalid as refused:
        assert refused.data["fields"]["rrule"].startswith("names no day")  # noqa: PT017
        assume(False)


@modestly
@for_all(rules(), FIRST_DAYS)
def test_a_rule_names_what_its_library_says_without_our_detour(rrule, first_day):
    template = read(rrule, first_day)
    last = first_day + timedelta(days=3000)
    until = datetime.combine(last, time())
    direct = rrulestr(template.rrule, dtstart=datetime.combine(first_day, time()))
    expected = [found.date() for found in takewhile(lambda found: found <= until, direct)]
    assert [each.day for each in occurrences(template, "UTC", first_day, last)] == expected


@modestly
@for_all(rules(), FIRST_DAYS, st.integers(0, 900), st.integers(0, 900))
def test_days_come_in_order_and_once_however_they_are_asked_for(rrule, first_day, one, other):
    template = read(rrule, first_day)
    first = first_day + timedelta(days=100)
    middle = first + timedelta(days=one)
    last = middle + timedelta(days=1 + other)
    whole = occurrences(template, BERLIN, first, last)
    parts = occurrences(template, BERLIN, first, middle)
    parts += occurrences(template, BERLIN, middle + timedelta(days=1), last)
    assert parts == whole
    found = [each.day for each in whole]
    assert found == sorted(set(found))
    assert all(first <= day <= last for day in found)


@modestly
@for_all(st.text(st.sampled_from("FREQ=DAILYWK;BYMO,TU-10 9\n:"), max_size=60))
def test_whatever_is_written_is_a_rule_or_is_refused_by_name(text):
    try:
        template = designed(text)
    except Invalid as refused:
        assert list(refused.data["fields"]) == ["rrule"]  # noqa: PT017
    else:
        assert designed(template.rrule) == template
