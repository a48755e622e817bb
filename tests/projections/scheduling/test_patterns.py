"""Shift patterns, listed."""

from dataclasses import replace
from datetime import date, time
from uuid import uuid4

import pytest

from domain.scheduling.pattern import ShiftPattern
from domain.shared.moment import happening_at
from projections.paging import PageRequest
from projections.scheduling import patterns
from projections.scheduling.patterns import (
    PatternFilter,
    find_pattern,
    list_patterns,
    patterns_drafted_ahead,
    template_of,
)
from tests.support.given import given, then_rows, when
from tests.support.scheduling import (
    ANA,
    FOREIGN,
    KITCHEN,
    LAST_WEEK,
    NIGHTS,
    PATTERN,
    TENANT,
    WARD,
    pattern,
)

FULL = replace(
    NIGHTS,
    last_day=date(2027, 2, 28),
    headcount=2,
    notes={"bring": ["lamp"]},
    people=(ANA,),
    weeks_ahead=4,
)


def row(template=NIGHTS, **changes):
    told = {**vars(template), "people": list(template.people)}
    whose = {"pattern_id": PATTERN, "tenant_id": TENANT, "unit_id": WARD, "active": True}
    return whose | told | changes


def test_a_pattern_that_was_designed_is_listed():
    given(pattern(FULL))
    then_rows(patterns.model, patterns=[row(FULL)])


def test_a_pattern_is_listed_as_it_is_now():
    given(pattern())
    when(lambda nights: nights.change(FULL))
    then_rows(patterns.model, patterns=[row(FULL)])
    when(lambda nights: nights.end())
    then_rows(patterns.model, patterns=[row(FULL, active=False)])


def designed(*, unit=WARD, ended=False, **changes):
    with happening_at(LAST_WEEK):
        made = ShiftPattern(id=uuid4(), unit_id=unit, template=replace(NIGHTS, **changes))
        if ended:
            made.end()
    return made


async def listed(connection, wanted=PatternFilter(), page=PageRequest()):  # noqa: B008 - frozen
    found = await list_patterns(connection, TENANT, wanted, page)
    return [each.role for each in found.items], found.total


@pytest.mark.parametrize(
    ("wanted", "roles"),
    [
        (PatternFilter(), ["early", "nurse", "late"]),
        (PatternFilter(active=True), ["nurse", "late"]),
        (PatternFilter(active=False), ["early"]),
        (PatternFilter(role="nurse"), ["nurse"]),
        (PatternFilter(unit_id=KITCHEN), ["late"]),
        (PatternFilter(unit_id=KITCHEN, active=False), []),
    ],
    ids=str,
)
async def test_patterns_are_found_in_the_order_of_their_days_and_times(asking, wanted, roles):
    given(
        designed(role="late", unit=KITCHEN, first_day=date(2026, 12, 1)),
        designed(role="nurse"),
        designed(role="early", start=time(6), ended=True),
    )
    given(designed(role="theirs"), tenant=FOREIGN)
    async with asking(patterns.model) as connection:
        assert await listed(connection, wanted) == (roles, len(roles))


async def test_a_page_shows_its_part_and_how_many_there_are(asking):
    given(*(designed(role=f"role {n}", start=time(n)) for n in range(5)))
    async with asking(patterns.model) as connection:
        assert await listed(connection, page=PageRequest(2, 2)) == (["role 2", "role 3"], 5)
        assert await listed(connection, page=PageRequest(4, 2)) == ([], 5)


@pytest.mark.parametrize("said", [NIGHTS, FULL], ids=["little", "everything"])
async def test_a_row_says_what_the_pattern_says(asking, said):
    given(pattern(said))
    async with asking(patterns.model) as connection:
        found = await find_pattern(connection, TENANT, PATTERN)
        assert template_of(found) == said
        assert await find_pattern(connection, FOREIGN, PATTERN) is None


async def test_a_job_is_told_of_what_goes_on_and_is_drafted_ahead(asking):
    theirs = designed(weeks_ahead=1)
    given(pattern(FULL), designed(), designed(weeks_ahead=2, ended=True))
    given(theirs, tenant=FOREIGN)
    async with asking(patterns.model) as connection:
        assert await patterns_drafted_ahead(connection, TENANT) == [PATTERN]
        assert await patterns_drafted_ahead(connection, FOREIGN) == [theirs.id]
