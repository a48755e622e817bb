"""Shifts, places and rates, as reports find them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain.scheduling.candidate import Candidate
from domain.scheduling.person import PersonKind
from domain.scheduling.role import Role, RoleChange
from domain.scheduling.staffing import PlanChange
from domain.shared.ids import SwapId
from domain.shared.moment import happening_at
from domain.shared.period import Period
from domain.shared.wall_clock import weeks_of
from projections.fold import Fact, fold
from projections.reporting import staffing as report
from projections.rows import Rows
from tests.support.appends import news_of
from tests.support.given import given, then_rows, when
from tests.support.scheduling import (
    ANA,
    BEN,
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

SWAP = SwapId(SHIFT)
MONDAY, TUESDAY = date(2026, 11, 2), date(2026, 11, 3)
LONG_AGO = datetime(2025, 12, 1, tzinfo=UTC)


def row(period, role="nurse", **changes):
    return {
        "shift_id": SHIFT,
        "tenant_id": TENANT,
        "unit_id": WARD,
        "role": role,
        "role_id": Role.id_of(TENANT, role),
        "starts_at": period.start,
        "ends_at": period.end,
        "zone": "Europe/Berlin",
        "day": MONDAY,
        "headcount": 1,
        "status": "draft",
        **changes,
    }


def place(who, accepted=None):
    return {"shift_id": SHIFT, "person_id": who, "accepted": accepted}


def week(name="2026-W45", hours=6):
    return {"shift_id": SHIFT, "tenant_id": TENANT, "week": name, "seconds": hours * 3600}


def folded(shift, rows):
    facts = [Fact(number, TENANT, event) for number, event in enumerate(news_of(shift), 1)]
    fold(report.model, facts, rows)
    return rows


def test_a_shift_counts_on_the_day_on_which_it_begins_on_the_wall():
    late = hours(23.5, 30)
    given(draft(late))
    then_rows(report.model, shifts=[row(late, day=TUESDAY)])


def test_a_draft_that_is_changed_is_told_as_it_is_now():
    given(draft())
    start, end = hours(23, 24).start, hours(0, 6, day=3).end
    when(lambda shift: shift.change(PlanChange(role="cook", start=start, end=end, headcount=2)))
    now = row(Period(start, end), role="cook", day=TUESDAY, headcount=2)
    then_rows(report.model, shifts=[now], weeks=[])


def test_a_draft_writes_one_row_and_asks_for_none():
    rows = folded(draft(), Rows(report.model.tables))
    written = {table.name: len(of_table.written()) for table, of_table in rows}
    assert {name: number for name, number in written.items() if number} == {"shifts": 1}


@pytest.mark.parametrize(
    ("act", "held", "weeks"),
    [
        (lambda shift: shift.accept(ANA), [place(ANA, 4)], [week()]),
        (lambda shift: shift.decline(ANA, ()), [], []),
        (lambda shift: shift.reassign(ANA, (), Candidate(person(BEN))), [place(BEN)], []),
        (
            lambda shift: shift.reassign(ANA, (), Candidate(person(BEN)), SWAP),
            [place(BEN, 4)],
            [week()],
        ),
        (
            lambda shift: shift.claim(Candidate(person(BEN))),
            [place(ANA), place(BEN, 4)],
            [week()],
        ),
    ],
    ids=["accepted", "declined", "reassigned", "swapped", "claimed"],
)
def test_a_place_is_held_by_whoever_has_it_now_and_worked_once_it_is_accepted(act, held, weeks):
    given(published(headcount=2, pending=[ANA]))
    when(act)
    then_rows(report.model, places=held, weeks=weeks)


def test_the_weeks_of_two_places_are_there_once():
    given(published(hours(20, 30, day=8), headcount=2, accepted=[ANA, BEN]))
    then_rows(report.model, weeks=[week("2026-W45", 3), week("2026-W46", 7)])


def test_rates_are_kept_by_their_place_in_the_log():
    given(role(rate=euros("24.50")), person(ANA, kind=PersonKind.STAFF))
    when(lambda nurse, _: nurse.change(RoleChange(hourly_rate=None)))
    nurse = Role.id_of(TENANT, "nurse")
    then_rows(
        report.model,
        role_rates=[
            {"role_id": nurse, "since": 1, "rate": Decimal("24.50"), "currency": "EUR"},
            {"role_id": nurse, "since": 3, "rate": None, "currency": None},
        ],
        own_rates=[
            {"person_id": ANA, "since": 2, "is_staff": True, "rate": None, "currency": None}
        ],
    )


PERIODS = st.builds(
    lambda start, length: Period(start, start + length),
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.timedeltas(timedelta(seconds=1), timedelta(days=7)),
)


@settings(max_examples=50, deadline=None)
@for_all(st.lists(PERIODS, min_size=1, max_size=4))
def test_the_weeks_of_a_shift_are_those_of_the_last_period_of_its_draft(periods):
    first, *later = periods
    shift = draft(first)
    with happening_at(LONG_AGO):
        for period in later:
            shift.change(PlanChange(start=period.start, end=period.end))
        shift.publish()
        shift.claim(Candidate(person(ANA)))
    rows = folded(shift, Rows(report.model.tables, complete=True))
    kept = {row["week"]: row["seconds"] for row in rows[report.weeks].all()}
    split = dict(weeks_of(periods[-1], "Europe/Berlin"))
    assert kept == {week: periods[-1].seconds_within(whole) for week, whole in split.items()}
