"""Designing shift patterns, and making drafts of them."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from application.attempt import Request
from application.scheduling.patterns import (
    ChangePattern,
    DesignPattern,
    DraftAhead,
    DraftPattern,
    EndPattern,
)
from application.scheduling.shifts import ChangeShift, DiscardShift
from domain.scheduling.pattern import PatternHasEnded, ShiftPattern, TemplateChange
from domain.scheduling.role import RoleIsClosed
from domain.scheduling.shift import Shift
from domain.scheduling.staffing import PlanChange
from domain.scheduling.unit import Unit, UnitIsClosed
from domain.shared.errors import Forbidden, Invalid, NotFound, RuleBroken
from domain.shared.moment import happening_at
from domain.shared.period import Period
from domain.shared.wall_clock import wall_period
from tests.support.given import (
    given,
    happened,
    then,
    then_failed,
    then_nothing,
    then_refused,
    when_asked,
)
from tests.support.scheduling import (
    ANA,
    ANA_HERSELF,
    BEN,
    FOREIGN,
    LAST_WEEK,
    NIGHTS,
    NOBODY,
    PATTERN,
    SYSTEM,
    WARD,
    pattern,
    person,
    role,
    ward,
)

BERLIN = "Europe/Berlin"
MONDAY, SUNDAY = date(2026, 11, 2), date(2026, 11, 8)
DESIGN = DesignPattern(WARD, NIGHTS)
THIS_WEEK = DraftPattern(PATTERN, MONDAY, SUNDAY)


def closed():
    unit = ward()
    with happening_at(LAST_WEEK):
        unit.close()
    return unit


def night(day, zone=BERLIN):
    return wall_period(day, time(22), time(6), zone)


def drafted(day, **changes):
    """A night of the pattern on that day."""
    fields = {
        "originator_id": pattern().shift_on(day),
        "unit_id": WARD,
        "role": "nurse",
        "period": night(day),
        "zone": BERLIN,
        "headcount": 1,
        "notes": {},
        "people": (),
    }
    return happened(Shift.Drafted, **fields | changes)


async def test_a_pattern_is_designed():
    given(ward(), role())
    done = await when_asked(DESIGN)
    then(happened(ShiftPattern.Designed, unit_id=WARD, template=NIGHTS))
    assert done.result.active


async def test_its_rule_is_kept_in_capitals_and_by_day():
    given(ward("Asia/Kathmandu"), role())
    rrule = "RRULE:freq=daily;until=20261110T161500Z"
    await when_asked(DesignPattern(WARD, replace(NIGHTS, rrule=rrule)))
    kept = replace(NIGHTS, rrule="FREQ=DAILY;UNTIL=20261110")
    then(happened(ShiftPattern.Designed, unit_id=WARD, template=kept))


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("rrule", {"rrule": "FREQ=SECONDLY"}),
        ("rrule", {"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}),
        ("weeks_ahead", {"weeks_ahead": 53}),
        ("people", {"people": (ANA, ANA)}),
    ],
    ids=str,
)
async def test_what_can_not_be_is_refused_by_name(field, changes):
    given(ward(), role(), person(ANA), pattern())
    await when_asked(DesignPattern(WARD, replace(NIGHTS, **changes)))
    assert list(then_failed(Invalid).data["fields"]) == [field]
    await when_asked(ChangePattern(PATTERN, TemplateChange(**changes)))
    assert list(then_failed(Invalid).data["fields"]) == [field]


async def test_a_pattern_is_for_a_unit_that_is_there_and_open():
    await when_asked(DESIGN)
    then_failed(NotFound, what="unit", id=str(WARD))


async def test_a_pattern_is_for_no_closed_unit():
    given(closed(), role())
    await when_asked(DESIGN)
    then_refused(UnitIsClosed)


async def test_who_is_planned_must_be_somebody_here():
    given(ward(), role(), person(ANA), pattern())
    given(person(BEN), tenant=FOREIGN)
    for stranger in (BEN, NOBODY):
        people = (ANA, stranger)
        await when_asked(DesignPattern(WARD, replace(NIGHTS, people=people)))
        then_failed(NotFound, what="person", id=str(stranger))
        await when_asked(ChangePattern(PATTERN, TemplateChange(people=people)))
        then_failed(NotFound, what="person", id=str(stranger))


async def test_a_pattern_is_for_a_role_of_the_catalogue_that_is_open():
    given(ward(), role(), role("cook", active=False), pattern())
    for name, failure in (("Nurse", None), ("cook", RuleBroken), ("driver", Invalid)):
        await when_asked(DesignPattern(WARD, replace(NIGHTS, role=name)))
        if failure is None:
            then(happened(ShiftPattern.Designed, unit_id=WARD, template=NIGHTS))
        else:
            then_failed(failure)
        await when_asked(ChangePattern(PATTERN, TemplateChange(role=name)))
        if failure is None:
            then_nothing()
        else:
            then_failed(failure)


async def test_a_pattern_whose_role_is_closed_is_changed_but_makes_no_drafts():
    ahead = replace(NIGHTS, weeks_ahead=2)
    given(ward(), role(active=False), pattern(ahead))
    await when_asked(ChangePattern(PATTERN, TemplateChange(headcount=2)))
    then(happened(ShiftPattern.Changed, template=replace(ahead, headcount=2)))
    await when_asked(THIS_WEEK)
    then_refused(RoleIsClosed, role="nurse")
    await when_asked(DraftAhead(PATTERN), by=SYSTEM)
    then_nothing()


async def test_a_pattern_is_changed_where_it_is_asked_for():
    given(ward(), role(), pattern(), person(ANA))
    await when_asked(ChangePattern(PATTERN, TemplateChange(rrule="freq=daily", people=(ANA,))))
    now = replace(NIGHTS, rrule="FREQ=DAILY", people=(ANA,))
    then(happened(ShiftPattern.Changed, template=now))
    await when_asked(ChangePattern(PATTERN, TemplateChange(rrule="FREQ=DAILY")))
    then_nothing()


async def test_a_pattern_is_ended_and_changed_no_more():
    given(ward(), role(), pattern())
    await when_asked(EndPattern(PATTERN))
    then(happened(ShiftPattern.Ended))
    await when_asked(EndPattern(PATTERN))
    then_nothing()
    await when_asked(ChangePattern(PATTERN, TemplateChange(headcount=2)))
    then_refused(PatternHasEnded)


async def test_the_days_of_a_pattern_are_drafted():
    template = replace(NIGHTS, headcount=2, notes={"dog": True}, people=(ANA,))
    given(ward(), role(), pattern(template), person(ANA))
    done = await when_asked(THIS_WEEK)
    said = {"headcount": 2, "notes": {"dog": True}, "people": (ANA,)}
    then(drafted(MONDAY, **said), drafted(date(2026, 11, 5), **said))
    kinds = [type(each) for each in done.result]
    assert kinds == [ShiftPattern, Unit, Shift, Shift]


async def test_a_night_is_as_long_as_its_clocks_make_it():
    given(ward(), role(), pattern(replace(NIGHTS, rrule="FREQ=DAILY")))
    day = date(2027, 3, 27)
    await when_asked(DraftPattern(PATTERN, day, day))
    assert night(day).hours == 7
    then(drafted(day))


async def test_the_wall_clock_is_the_one_that_the_unit_has_by_now():
    given(ward("Asia/Kathmandu"), role(), pattern())
    await when_asked(DraftPattern(PATTERN, MONDAY, MONDAY))
    kathmandu = {"zone": "Asia/Kathmandu", "period": night(MONDAY, "Asia/Kathmandu")}
    then(drafted(MONDAY, **kathmandu))


async def test_a_day_is_drafted_once_whatever_became_of_its_draft():
    given(ward(), role(), pattern(replace(NIGHTS, rrule="FREQ=DAILY")))
    for day in (MONDAY, date(2026, 11, 3)):
        await when_asked(DraftPattern(PATTERN, day, day))
    await when_asked(DiscardShift(pattern().shift_on(MONDAY)))
    moved = Period(night(MONDAY).start, night(MONDAY).start + timedelta(hours=1))
    change = PlanChange(role="cook", start=moved.start, end=moved.end)
    await when_asked(ChangeShift(pattern().shift_on(date(2026, 11, 3)), change))
    await when_asked(ChangePattern(PATTERN, TemplateChange(start=time(20))))
    await when_asked(DraftPattern(PATTERN, MONDAY, date(2026, 11, 4)))
    later = wall_period(date(2026, 11, 4), time(20), time(6), BERLIN)
    then(drafted(date(2026, 11, 4), period=later))
    await when_asked(DraftPattern(PATTERN, MONDAY, date(2026, 11, 4)))
    then_nothing()


async def test_two_who_draft_the_same_days_at_once_draft_each_once(story):
    given(ward(), role(), pattern())
    beside = story.another_process(story.log.beside())
    story.log.meanwhile(lambda: beside.run(THIS_WEEK, Request(SYSTEM, "request-2"), len))
    done = await when_asked(THIS_WEEK, view=len)
    assert done.result == 2, "the pattern and its unit, and no draft"
    shifts = [e.event for e in story.log.truth.entries if isinstance(e.event, Shift.Drafted)]
    assert len(shifts) == 2


async def test_a_year_is_drafted_in_one_append(story):
    given(ward(), role(), pattern(replace(NIGHTS, rrule="FREQ=DAILY")))
    last = MONDAY + timedelta(days=365)
    await when_asked(DraftPattern(PATTERN, MONDAY, last))
    (append,) = story.log.appends
    assert len(append.events) == 366
    await when_asked(DraftPattern(PATTERN, MONDAY, last + timedelta(days=1)))
    then_failed(Invalid, fields={"to": "at most 366 days, with from"})


async def test_days_do_not_end_before_they_begin():
    given(ward(), role(), pattern())
    await when_asked(DraftPattern(PATTERN, SUNDAY, MONDAY))
    then_failed(Invalid, fields={"to": "must not be before from"})


async def test_nothing_is_drafted_of_what_has_ended_or_at_a_closed_unit():
    given(ward(), role(), pattern(ended=True))
    await when_asked(THIS_WEEK)
    then_refused(PatternHasEnded)


async def test_nothing_is_drafted_at_a_closed_unit():
    given(closed(), role(), pattern(replace(NIGHTS, weeks_ahead=2)))
    await when_asked(THIS_WEEK)
    then_refused(UnitIsClosed)
    await when_asked(DraftAhead(PATTERN), by=SYSTEM)
    then_nothing()


@pytest.mark.parametrize(("weeks", "drafts"), [(0, 0), (1, 3), (2, 5), (52, 105)])
async def test_a_job_drafts_so_many_weeks_ahead(weeks, drafts):
    given(ward(), role(), pattern(replace(NIGHTS, weeks_ahead=weeks)))
    done = await when_asked(DraftAhead(PATTERN), by=SYSTEM, view=len)
    assert done.result == drafts
    await when_asked(DraftAhead(PATTERN), by=SYSTEM)
    then_nothing()


async def test_a_job_begins_with_the_day_that_it_is_at_the_unit():
    """Six in the morning in UTC, on Monday the second, is still Sunday the first in Honolulu."""
    honolulu = "Pacific/Honolulu"
    daily = replace(NIGHTS, rrule="FREQ=DAILY", first_day=date(2026, 10, 1), weeks_ahead=1)
    given(ward(honolulu), role(), pattern(daily))
    done = await when_asked(DraftAhead(PATTERN), by=SYSTEM)
    days = [date(2026, 11, 1) + timedelta(days=n) for n in range(8)]
    assert [shift.id for shift in done.result] == [pattern().shift_on(day) for day in days]


async def test_a_job_drafts_nothing_of_what_has_ended():
    given(ward(), role(), pattern(replace(NIGHTS, weeks_ahead=2), ended=True))
    await when_asked(DraftAhead(PATTERN), by=SYSTEM)
    then_nothing()


@pytest.mark.parametrize(
    "command",
    [ChangePattern(PATTERN, TemplateChange()), EndPattern(PATTERN), THIS_WEEK, DraftAhead(PATTERN)],
    ids=lambda command: type(command).__name__,
)
async def test_a_pattern_that_is_not_there_is_named(command):
    given(pattern(), tenant=FOREIGN)
    await when_asked(command)
    then_failed(NotFound, what="shift pattern", id=str(PATTERN))


@pytest.mark.parametrize(
    "command",
    [DESIGN, ChangePattern(PATTERN, TemplateChange()), EndPattern(PATTERN), THIS_WEEK],
    ids=lambda command: type(command).__name__,
)
async def test_a_volunteer_may_not(command):
    given(ward(), role(), pattern())
    await when_asked(command, by=ANA_HERSELF)
    then_failed(Forbidden, needs="shifts:write:all")
