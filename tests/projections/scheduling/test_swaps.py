"""Swaps, and to whom they are shown."""

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
def ask(asking):
    async def ask(query, *arguments):
        async with asking(people.model), asking(shifts.model), asking(model) as connection:
            return await query(connection, TENANT, *arguments)

    return ask


@pytest.mark.parametrize(
    ("who", "found"),
    [
        (None, ALL),
        (ANA, ALL),
        (BEN, [OPEN, CLEOS, WAITING, CLEO_TOO]),
        (CLEO, [OPEN, TO_CLEO, CLEOS]),
        (DORA, []),
        (NOBODY, []),
    ],
    ids=["a coordinator", "who offers", "a taker", "who was meant", "a cook", "nobody"],
)
async def test_everybody_is_shown_own_swaps_and_those_that_could_be_taken(ask, who, found):
    given_many_swaps()
    viewer = None if who is None else Viewer(who, NOW)
    page = await ask(list_swaps, viewer, EVERYTHING, PageRequest())
    assert [each.swap_id for each in page.items] == found
    assert page.total == len(found)


async def test_what_is_over_can_not_be_taken(ask):
    given_many_swaps()
    page = await ask(list_swaps, Viewer(BEN, MORNING.end), EVERYTHING, PageRequest())
    assert [each.swap_id for each in page.items] == [CLEOS, WAITING]


@pytest.mark.parametrize(
    ("status", "found"),
    [
        (SwapStatus.OFFERED, [OPEN, TO_CLEO, CLEOS, OFF, CLEO_TOO]),
        (SwapStatus.TAKEN, [WAITING]),
        (SwapStatus.WITHDRAWN, [GONE]),
        (SwapStatus.EXCHANGED, []),
    ],
)
async def test_swaps_are_found_by_their_status(ask, status, found):
    given_many_swaps()
    page = await ask(list_swaps, None, SwapFilter(status), PageRequest())
    assert [each.swap_id for each in page.items] == found


async def test_swaps_come_in_pages(ask):
    given_many_swaps()
    page = await ask(list_swaps, None, EVERYTHING, PageRequest(2, 5))
    assert [each.swap_id for each in page.items] == [OFF, CLEO_TOO]
    assert page.total == len(ALL)


async def test_a_swap_tells_of_both_shifts(ask):
    given_many_swaps()
    found = await ask(find_swap, Viewer(BEN, NOW), WAITING)
    told = {name: found._mapping[name] for name in found._mapping}
    assert (told["offered_unit_id"], told["returned_unit_id"]) == (WARD, WARD)
    assert (told["offered_starts_at"], told["returned_ends_at"]) == (MORNING.start, EVENING.end)
    assert (told["offered_role"], told["returned_zone"]) == ("nurse", "Europe/Berlin")


@pytest.mark.parametrize("which", [GONE, TO_CLEO, THEIRS], ids=["withdrawn", "meant", "foreign"])
async def test_a_swap_of_others_is_not_there_for_who_could_not_take_it(ask, which):
    given_many_swaps()
    assert await ask(find_swap, Viewer(BEN, NOW), which) is None
