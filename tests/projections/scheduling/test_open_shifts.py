"""What is open to whom."""

from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from domain.shared.moment import happening_at
from projections.paging import PageRequest
from projections.scheduling import people, shifts, units
from projections.scheduling.open_shifts import OpenFilter, list_open_shifts
from tests.support.given import given
from tests.support.scheduling import (
    ANA,
    BEN,
    CLEO,
    EVENING,
    FOREIGN,
    KITCHEN,
    LAST_WEEK,
    MORNING,
    NOBODY,
    NOON,
    NOW,
    OTHER,
    OVER,
    SHIFT,
    TENANT,
    WARD,
    draft,
    person,
    published,
    ward,
)

EVERYTHING = OpenFilter()


def shift_id(number):
    return type(SHIFT)(int=number)


FULL, DRAFT, ENDED, THEIRS, OFF, REFUSED = map(shift_id, range(21, 27))


def called_off():
    shift = published(NOON, id=OFF)
    with happening_at(LAST_WEEK):
        shift.cancel("The kitchen is flooded.", ())
    return shift


def given_some_shifts():
    given(
        ward(),
        person(ANA),
        person(BEN, roles=("cook", "nurse")),
        person(CLEO, roles=("cook",)),
        published(EVENING, id=SHIFT, headcount=2, pending=[BEN]),
        published(MORNING, id=OTHER),
        published(NOON, id=FULL, accepted=[BEN]),
        published(MORNING, id=REFUSED, declined=[ANA]),
        published(OVER, id=ENDED),
        draft(NOON, id=DRAFT),
        called_off(),
    )
    given(published(MORNING, id=THEIRS), tenant=FOREIGN)


@pytest.fixture
async def open_to(asking):
    """The page of what is open to somebody, of all that was given before the first question."""
    async with AsyncExitStack() as stack:
        connections = []

        async def open_to(who, wanted=EVERYTHING, page=PageRequest(), now=NOW):  # noqa: B008 - frozen
            if not connections:
                models = (units.model, people.model, shifts.model)
                connections.extend(
                    [await stack.enter_async_context(asking(each)) for each in models]
                )
            return await list_open_shifts(connections[0], TENANT, who, now, wanted, page)

        yield open_to


def ids(page):
    assert page.total == len(page.items)
    return [row.shift_id for row in page.items]


async def test_open_is_what_is_published_and_not_over_and_has_places_left(open_to):
    given_some_shifts()
    assert ids(await open_to(ANA)) == [REFUSED, OTHER, SHIFT]


async def test_open_is_only_what_one_is_not_on_and_has_the_role_for(open_to):
    given_some_shifts()
    assert ids(await open_to(BEN)) == [REFUSED, OTHER]
    assert ids(await open_to(CLEO)) == []
    assert ids(await open_to(NOBODY)) == []


async def test_a_shift_is_open_until_it_ends(open_to):
    given_some_shifts()
    assert ids(await open_to(ANA, now=EVENING.end - timedelta(seconds=1))) == [SHIFT]
    assert ids(await open_to(ANA, now=EVENING.end)) == []


async def test_open_shifts_are_found(open_to):
    given_some_shifts()
    for wanted, found in (
        (OpenFilter(unit_id=WARD), [REFUSED, OTHER, SHIFT]),
        (OpenFilter(unit_id=KITCHEN), []),
        (OpenFilter(starts_before=EVENING.start), [REFUSED, OTHER]),
        (OpenFilter(ends_after=MORNING.end), [SHIFT]),
        (OpenFilter(starts_before=EVENING.start, ends_after=MORNING.end), []),
    ):
        assert ids(await open_to(ANA, wanted)) == found, wanted


async def test_open_shifts_come_in_pages_with_their_unit(open_to):
    given_some_shifts()
    page = await open_to(ANA, page=PageRequest(2, 2))
    (row,) = page.items
    assert page.total == 3
    assert (row.shift_id, row.unit, row.headcount, row.taken) == (SHIFT, "Ward 1", 2, 1)


async def test_a_unit_that_is_not_known_yet_hides_no_shift(open_to):
    given(person(ANA), published(id=SHIFT))
    page = await open_to(ANA)
    assert [(row.shift_id, row.unit) for row in page.items] == [(SHIFT, None)]
