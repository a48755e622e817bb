"""How well units are staffed."""

from datetime import date, timedelta
from uuid import uuid4

from domain.scheduling.unit import Unit
from domain.shared.moment import happening_at
from projections.paging import PageRequest
from projections.reporting import staffing as report
from projections.reporting.fill import FillFilter, list_fill
from tests.support.given import given
from tests.support.scheduling import (
    ANA,
    BEN,
    CLEO,
    FOREIGN,
    KITCHEN,
    LAST_WEEK,
    MORNING,
    OTHER,
    TENANT,
    WARD,
    draft,
    hours,
    published,
    ward,
)

MONDAY = date(2026, 11, 2)


def shifts_of_a_week():
    """Three places taken of six in the ward, and none of one in the kitchen."""
    given(ward(), kitchen(), draft(hours(1, 2), id=uuid4(), headcount=9))
    given(published(headcount=3, accepted=[ANA, BEN], pending=[CLEO]))
    over = published(hours(8, 9, day=4), id=OTHER, headcount=3, accepted=[ANA], declined=[BEN])
    with happening_at(hours(10, 11, day=4).start):
        over.complete()
    given(over)
    off = published(hours(10, 12, day=4), id=uuid4(), headcount=9, accepted=[CLEO])
    with happening_at(LAST_WEEK):
        off.cancel("The kitchen is flooded.", ())
    given(off)
    given(published(hours(8, 9, day=5), id=uuid4()), tenant=FOREIGN)


def kitchen():
    with happening_at(LAST_WEEK):
        unit = Unit(id=KITCHEN, name="Kitchen?", zone="UTC")
        unit.change(name="Kitchen")
    return unit


ASKED = [
    (FillFilter(), [("Ward 1", 2, 6, 3, 1)]),
    (FillFilter(first=MONDAY, last=MONDAY), [("Ward 1", 1, 3, 2, 1)]),
    (FillFilter(first=MONDAY + timedelta(days=1)), [("Ward 1", 1, 3, 1, 0)]),
    (FillFilter(first=MONDAY + timedelta(days=3)), []),
    (FillFilter(unit_id=WARD), [("Ward 1", 2, 6, 3, 1)]),
    (FillFilter(unit_id=KITCHEN), []),
]


async def test_of_the_places_that_were_published_so_many_are_filled(asking):
    shifts_of_a_week()
    async with asking(report.model) as connection:
        for wanted, expected in ASKED:
            found = await list_fill(connection, TENANT, wanted, PageRequest())
            told = [(r.name, r.shifts, r.places, r.accepted, r.pending) for r in found.items]
            assert told == expected, wanted


async def test_units_come_by_name_in_pages(asking):
    given(ward(), kitchen(), published(MORNING, id=OTHER))
    given(published(unit=KITCHEN))
    async with asking(report.model) as connection:
        pages = [
            await list_fill(connection, TENANT, FillFilter(), PageRequest(number, 1))
            for number in (1, 2, 3)
        ]
    assert [[row.name for row in page.items] for page in pages] == [["Kitchen"], ["Ward 1"], []]
    assert {page.total for page in pages} == {2}
