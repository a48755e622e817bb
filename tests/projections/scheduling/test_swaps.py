"""Swaps, and to whom they are shown."""

from contextlib import AsyncExitStack
from uuid import UUID

import pytest

from domain.scheduling.candidate import Candidate
from domain.scheduling.swap import Swap, SwapStatus
from domain.scheduling.swap_sides import Side
from domain.shared.ids import PersonId, ShiftId, SwapId
from domain.shared.moment import happening_at
from projections.paging import PageRequest
from projections.scheduling import people, shifts
from projections.scheduling.swaps import SwapFilter, Viewer, find_swap, list_swaps, model
from tests.support.given import given, then_rows, when
from tests.support.scheduling import (
    ANA,
    BEN,
    CLEO,
    EVENING,
    FOREIGN,
    LAST_WEEK,
    MORNING,
    NOBODY,
    NOON,
    NOW,
    OTHER,
    SHIFT,
    SWAP,
    TENANT,
    WARD,
    person,
    published,
)

DORA = PersonId(UUID(int=4))
EVERYTHING = SwapFilter()


def a_swap(shift, person_id=ANA, id=SWAP, to=None):
    with happening_at(LAST_WEEK):
        return Swap.offer(id, shift, person_id, to=to, note="A wedding.")


def sides(one, other):
    ana, ben = Candidate(person(ANA)), Candidate(person(BEN))
    return Side(one, ANA, (), to=ben), Side(other, BEN, (), to=ana)


def row(**changes):
    return {
        "swap_id": SWAP,
        "tenant_id": TENANT,
        "status": SwapStatus.OFFERED,
        "shift_id": SHIFT,
        "person_id": ANA,
        "to_person_id": None,
        "note": "A wedding.",
        "return_shift_id": None,
        "taker_id": None,
        "reason": None,
        "offered_at": LAST_WEEK,
        "changed_at": LAST_WEEK,
    } | changes


TAKEN = {"return_shift_id": OTHER, "taker_id": BEN, "changed_at": NOW}


def given_a_swap(to=None):
    one, other = published(accepted=[ANA]), published(EVENING, id=OTHER, accepted=[BEN])
    given(one, other, a_swap(one, to=to))


def test_an_offer_is_listed():
    given_a_swap(to=BEN)
    then_rows(model, swaps=[row(to_person_id=BEN)])


def test_what_was_taken_tells_for_what():
    given_a_swap()
    when(lambda one, other, swap: swap.take(*sides(one, other), needs_approval=True))
    then_rows(model, swaps=[row(status=SwapStatus.TAKEN, **TAKEN)])


def test_an_exchange_is_told():
    given_a_swap()
    when(lambda one, other, swap: swap.take(*sides(one, other), needs_approval=True))
    when(lambda one, other, swap: swap.approve(*sides(one, other)))
    then_rows(model, swaps=[row(status=SwapStatus.EXCHANGED, **TAKEN)])


def test_a_rejection_tells_why():
    given_a_swap()
    when(lambda one, other, swap: swap.take(*sides(one, other), needs_approval=True))
    when(lambda *things: things[-1].reject("The ward needs her."))
    rejected = row(status=SwapStatus.REJECTED, reason="The ward needs her.", **TAKEN)
    then_rows(model, swaps=[rejected])


@pytest.mark.parametrize(
    ("end", "status"),
    [(Swap.withdraw, SwapStatus.WITHDRAWN), (Swap.lapse, SwapStatus.LAPSED)],
    ids=["withdrawn", "lapsed"],
)
def test_an_offer_that_came_to_nothing_is_told(end, status):
    given_a_swap()
    when(lambda *things: end(things[-1]))
    then_rows(model, swaps=[row(status=status, changed_at=NOW)])


def swap_id(number):
    return SwapId(UUID(int=number))


OPEN, TO_CLEO, CLEOS, WAITING, GONE, OFF, CLEO_TOO, THEIRS = map(swap_id, range(31, 39))
ALL = [OPEN, TO_CLEO, CLEOS, WAITING, GONE, OFF, CLEO_TOO]


def given_many_swaps():
    """Places of Ana's but for one, and what Ben gives is the evening."""
    opened, meant, waited, gone, off, shared = (
        published(MORNING, id=ShiftId(UUID(int=number)), headcount=2, accepted=[ANA])
        for number in range(51, 57)
    )
    cleos = published(NOON, id=SHIFT, accepted=[CLEO])
    evening = published(EVENING, id=OTHER, accepted=[BEN])
    swaps = [
        a_swap(opened, id=OPEN),
        a_swap(meant, id=TO_CLEO, to=CLEO),
        a_swap(cleos, CLEO, id=CLEOS),
        a_swap(waited, id=WAITING),
        a_swap(gone, id=GONE),
        a_swap(off, id=OFF),
        a_swap(shared, id=CLEO_TOO),
    ]
    with happening_at(LAST_WEEK):
        swaps[3].take(*sides(waited, evening), needs_approval=True)
        swaps[4].withdraw()
        off.cancel("Flooded.", ())
        shared.assign_all([Candidate(person(CLEO))])
    given(person(ANA), person(BEN), person(CLEO), person(DORA, roles=["cook"]))
    given(opened, meant, waited, gone, off, shared, cleos, evening, *swaps)
    foreign = published(accepted=[ANA], id=ShiftId(UUID(int=59)))
    given(foreign, a_swap(foreign, id=THEIRS), tenant=FOREIGN)


@pytest.fixture
async def ask(asking):
    """An answer to a query, of all that was given before the first."""
    async with AsyncExitStack() as stack:
        connections = []

        async def ask(query, *arguments):
            if not connections:
                models = (people.model, shifts.model, model)
                connections.extend(
                    [await stack.enter_async_context(asking(each)) for each in models]
                )
            return await query(connections[0], TENANT, *arguments)

        yield ask


async def listed(ask, viewer=None, wanted=EVERYTHING):
    page = await ask(list_swaps, viewer, wanted, PageRequest())
    assert page.total == len(page.items)
    return [each.swap_id for each in page.items]


async def test_everybody_is_shown_own_swaps_and_those_that_could_be_taken(ask):
    given_many_swaps()
    assert await listed(ask) == ALL
    for who, found in (
        (ANA, ALL),
        (BEN, [OPEN, CLEOS, WAITING, CLEO_TOO]),
        (CLEO, [OPEN, TO_CLEO, CLEOS]),
        (DORA, []),
        (NOBODY, []),
    ):
        assert await listed(ask, Viewer(who, NOW)) == found, who
    assert await listed(ask, Viewer(BEN, MORNING.end)) == [CLEOS, WAITING]


async def test_swaps_are_found_by_their_status(ask):
    given_many_swaps()
    for status, found in (
        (SwapStatus.OFFERED, [OPEN, TO_CLEO, CLEOS, OFF, CLEO_TOO]),
        (SwapStatus.TAKEN, [WAITING]),
        (SwapStatus.WITHDRAWN, [GONE]),
        (SwapStatus.EXCHANGED, []),
    ):
        assert await listed(ask, None, SwapFilter(status)) == found


async def test_swaps_come_in_pages(ask):
    given_many_swaps()
    page = await ask(list_swaps, None, EVERYTHING, PageRequest(2, 5))
    assert [each.swap_id for each in page.items] == [OFF, CLEO_TOO]
    assert page.total == len(ALL)


async def test_one_swap_tells_of_both_shifts_to_whom_it_is_shown(ask):
    given_many_swaps()
    found = await ask(find_swap, Viewer(BEN, NOW), WAITING)
    assert (found.offered_unit_id, found.returned_unit_id) == (WARD, WARD)
    assert (found.offered_starts_at, found.returned_ends_at) == (MORNING.start, EVENING.end)
    assert (found.offered_role, found.returned_zone) == ("nurse", "Europe/Berlin")
    for others in (GONE, TO_CLEO, THEIRS):
        assert await ask(find_swap, Viewer(BEN, NOW), others) is None
