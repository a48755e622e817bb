"""Swaps lapse when who offered the place leaves it, or its shift is over."""

from collections.abc import Iterable

from application.unit_of_work import Work
from domain.scheduling.shift import Shift
from domain.scheduling.swap import Swap
from domain.shared.ids import PersonId


async def swaps_of(people: Iterable[PersonId], shift: Shift, work: Work) -> list[Swap]:
    """The last swap in which each of them offered his or her place on the shift."""
    offers = [shift.offers[person_id] for person_id in people if person_id in shift.offers]
    return [await work.get(Swap, swap_id) for swap_id in offers]


async def lapse_swaps_of(people: Iterable[PersonId], shift: Shift, work: Work) -> None:
    """Say it before they leave: after that the shift does not know of their offers any more."""
    for swap in await swaps_of(people, shift, work):
        swap.lapse()
