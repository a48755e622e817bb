"""Hours and their cost, per person and week."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from domain.scheduling.candidate import Candidate
from domain.scheduling.person import PersonKind, ProfileChange
from domain.scheduling.role import RoleChange
from domain.scheduling.staffing import PlanChange
from domain.shared.ids import SwapId
from domain.shared.moment import happening_at
from domain.shared.money import Money
from domain.shared.period import Period
from domain.shared.wall_clock import wall_period
from projections.paging import PageRequest
from projections.reporting import staffing as report
from projections.reporting.hours import HoursFilter, list_hours
from tests.support.given import given, when
from tests.support.scheduling import (
    ANA,
    BEN,
    CLEO,
    EVENING,
    FOREIGN,
    KITCHEN,
    MORNING,
    OTHER,
    SHIFT,
    TENANT,
    WARD,
    draft,
    euros,
    hours,
    person,
    published,
    role,
)

STAFF, SWAP = PersonKind.STAFF, SwapId(SHIFT)
SPRING, AUTUMN = date(2027, 3, 27), date(2026, 10, 24)
MONDAY, SUNDAY = date(2026, 11, 2), date(2026, 11, 8)


@pytest.fixture
def told(asking):
    """What the report tells: who, which week, how many hours, and what they cost."""

    async def told():
        async with asking(report.model) as connection:
            return await lines(connection)

    return told


async def lines(connection, tenant=TENANT, page=PageRequest(), **wanted):  # noqa: B008 - frozen
    found = await list_hours(connection, tenant, HoursFilter(**wanted), page)
    return [
        (one.person, one.week, one.seconds / 3600, one.cost and str(one.cost.amount))
        for one in found.items
    ]


async def test_staff_cost_what_their_role_does_and_volunteers_nothing(told):
    given(role(rate=euros("24.50")), person(ANA, kind=STAFF), person(BEN))
    given(published(headcount=2, accepted=[ANA, BEN]))
    assert await told() == [
        ("Ana", "2026-W45", 6.0, "147.00"),
        ("Ben", "2026-W45", 6.0, None),
    ]


async def test_an_own_rate_goes_before_the_role_s_also_for_volunteers(told):
    given(role(rate=euros("24.50")), person(ANA, kind=STAFF, rate=euros("30")))
    given(person(BEN, rate=euros("5")), person(CLEO, kind=STAFF, rate=euros("0")))
    given(published(headcount=3, accepted=[ANA, BEN, CLEO]))
    assert await told() == [
        ("Ana", "2026-W45", 6.0, "180.00"),
        ("Ben", "2026-W45", 6.0, "30.00"),
        ("Cleo", "2026-W45", 6.0, "0.00"),
    ]


async def test_the_rate_counts_that_was_in_force_when_the_place_was_accepted(told):
    given(role(rate=euros("20")), person(ANA, kind=STAFF), person(BEN, kind=STAFF))
    given(published(headcount=2, pending=[ANA, BEN]))
    when(lambda *things: things[-1].accept(ANA))
    when(lambda nurse, *_: nurse.change(RoleChange(hourly_rate=euros("25"))))
    when(lambda *things: things[-1].accept(BEN))
    when(lambda nurse, *_: nurse.change(RoleChange(hourly_rate=None)))
    when(lambda _nurse, ana, *_: ana.change(ProfileChange(hourly_rate=euros("99"))))
    when(lambda _nurse, _ana, ben, *_: ben.change(ProfileChange(kind=PersonKind.VOLUNTEER)))
    assert await told() == [
        ("Ana", "2026-W45", 6.0, "120.00"),
        ("Ben", "2026-W45", 6.0, "150.00"),
    ]


async def test_a_role_without_a_rate_costs_nothing_and_so_does_one_of_no_catalogue(told):
    given(person(ANA, kind=STAFF), published(accepted=[ANA]))
    assert await told() == [("Ana", "2026-W45", 6.0, None)]


async def test_rates_in_two_currencies_are_told_apart_and_from_none(told):
    given(person(ANA), role())
    given(published(MORNING, accepted=[ANA]))
    when(lambda ana, *_: ana.change(ProfileChange(hourly_rate=euros("10"))))
    given(published(EVENING, id=OTHER, accepted=[ANA]))
    when(lambda ana, *_: ana.change(ProfileChange(hourly_rate=Money(Decimal(9), "CHF"))))
    given(published(hours(8, 9, day=4), id=BEN, accepted=[ANA]))
    assert await told() == [
        ("Ana", "2026-W45", 1.0, "9.00"),
        ("Ana", "2026-W45", 8.0, "80.00"),
        ("Ana", "2026-W45", 6.0, None),
    ]


def acting(act):
    """On the shift, which was given last."""
    return lambda *things: act(things[-1])


@pytest.mark.parametrize(
    ("act", "who"),
    [
        (lambda shift: shift.decline(ANA, ()), []),
        (lambda shift: shift.reassign(ANA, (), Candidate(person(BEN))), []),
        (lambda shift: shift.reassign(ANA, (), Candidate(person(BEN)), SWAP), ["Ben"]),
        (lambda shift: shift.claim(Candidate(person(BEN))), ["Ana", "Ben"]),
        (lambda shift: shift.assign_all([Candidate(person(BEN))]), ["Ana"]),
    ],
    ids=["declined", "reassigned", "swapped", "claimed", "assigned"],
)
async def test_hours_are_of_who_has_accepted_a_place(told, act, who):
    given(person(ANA), person(BEN), published(headcount=2, accepted=[ANA]))
    when(acting(act))
    assert [line[0] for line in await told()] == who


async def test_a_cancelled_shift_is_not_worked(told):
    given(person(ANA), published(accepted=[ANA]))
    when(acting(lambda shift: shift.cancel("The kitchen is flooded.", ())))
    assert await told() == []


async def test_what_is_over_stays_worked(told):
    shift = published(accepted=[ANA])
    with happening_at(MORNING.end):
        shift.complete()
    given(person(ANA), shift)
    assert await told() == [("Ana", "2026-W45", 6.0, None)]


async def test_a_swapped_place_costs_what_its_taker_does(told):
    given(role(rate=euros("20")), person(ANA, rate=euros("40")), person(BEN, kind=STAFF))
    given(published(accepted=[ANA]))
    when(acting(lambda shift: shift.reassign(ANA, (), Candidate(person(BEN)), SWAP)))
    assert await told() == [("Ben", "2026-W45", 6.0, "120.00")]


async def test_a_night_to_monday_is_worked_in_two_weeks(told):
    night = Period(datetime(2026, 11, 8, 21, tzinfo=UTC), datetime(2026, 11, 9, 5, tzinfo=UTC))
    given(person(ANA, rate=euros("10.01")), published(night, accepted=[ANA]))
    assert await told() == [
        ("Ana", "2026-W45", 2.0, "20.02"),
        ("Ana", "2026-W46", 6.0, "60.06"),
    ]


@pytest.mark.parametrize(("night", "worked"), [(SPRING, 7.0), (AUTUMN, 9.0)], ids=str)
async def test_a_night_in_which_the_clocks_change_is_paid_as_it_is_worked(told, night, worked):
    period = wall_period(night, time(22), time(6), "Europe/Berlin")
    with happening_at(period.start - timedelta(days=30)):
        shift = draft(period)
        shift.publish([Candidate(person(ANA))])
        shift.accept(ANA)
    given(person(ANA, rate=euros("10")), shift)
    found = await told()
    assert [(hours, cost) for *_, hours, cost in found] == [(worked, f"{worked * 10:.2f}")]


async def test_a_draft_that_is_changed_is_worked_as_it_is_now(told):
    given(person(ANA), draft(hours(20, 30, day=8)))
    when(lambda _, shift: shift.change(PlanChange(start=EVENING.start, end=EVENING.end)))
    when(lambda ana, shift: shift.publish([Candidate(ana)]))
    when(acting(lambda shift: shift.accept(ANA)))
    assert await told() == [("Ana", "2026-W45", 8.0, None)]


ASKED = [
    ({"first": SUNDAY, "last": SUNDAY}, ["Ana 45", "Ben 45"]),
    ({"last": MONDAY}, ["Ana 45", "Ben 45"]),
    ({"first": SUNDAY + timedelta(days=1)}, ["Ana 46"]),
    ({"person_id": ANA}, ["Ana 45", "Ana 46"]),
    ({"unit_id": WARD}, ["Ana 45", "Ben 45", "Ana 46"]),
    ({"unit_id": KITCHEN}, []),
    ({"page": PageRequest(2, 2)}, ["Ana 46"]),
    ({"tenant": FOREIGN}, []),
]


async def test_hours_are_filtered_and_come_in_pages(asking):
    given(person(ANA), person(BEN))
    given(published(MORNING, headcount=2, accepted=[ANA, BEN]))
    given(published(hours(8, 9, day=9), id=OTHER, accepted=[ANA]))
    async with asking(report.model) as connection:
        for asked, expected in ASKED:
            found = await lines(connection, **asked)
            assert [f"{who} {week[-2:]}" for who, week, *_ in found] == expected, asked
