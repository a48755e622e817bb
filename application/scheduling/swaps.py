"""Offering a place in a swap, taking it, approving it."""

from application.commands import Command, command, handles
from application.scheduling.assignments import only_the_person_or
from application.scheduling.candidates import agendas_of, candidate_for
from application.scheduling.lapsing import swaps_of
from application.scheduling.policy import terms_of
from application.unit_of_work import Work
from domain.scheduling.person import Person
from domain.scheduling.shift import Shift
from domain.scheduling.swap import Swap
from domain.scheduling.swap_sides import Place, Side
from domain.shared.ids import PersonId, ShiftId, SwapId
from domain.shared.permissions import Permission

SWAP_FOR_ANYBODY = Permission.parse("swaps:write:all")

Swapped = tuple[Swap, Shift] | tuple[Swap, Shift, Shift]
"""A swap, the shift of the place that is offered and, once it is taken, that of the other."""


@command(needs="swaps:write:own")
class OfferSwap(Command[Swapped]):
    """`to_person_id` alone may take it; None is anybody who can."""

    shift_id: ShiftId
    person_id: PersonId
    to_person_id: PersonId | None = None
    note: str = ""


@handles(OfferSwap)
async def offer_swap(command: OfferSwap, work: Work) -> Swapped:
    """At most one open swap is about a place: the shift, which is stored with it, knows."""
    await only_the_person_or(SWAP_FOR_ANYBODY, command.person_id, work)
    if command.to_person_id is not None:
        await work.read(Person, command.to_person_id)
    shift = await work.get(Shift, command.shift_id)
    earlier = await swaps_of([command.person_id], shift, work)
    swap = Swap.offer(
        work.new_id(),
        shift,
        command.person_id,
        to=command.to_person_id,
        note=command.note,
        earlier=next(iter(earlier), None),
    )
    return work.add(swap), shift


@command(needs="swaps:write:own")
class AcceptSwap(Command[Swapped]):
    """The person gives the place on the shift in return."""

    swap_id: SwapId
    shift_id: ShiftId
    person_id: PersonId


@handles(AcceptSwap)
async def accept_swap(command: AcceptSwap, work: Work) -> Swapped:
    await only_the_person_or(SWAP_FOR_ANYBODY, command.person_id, work)
    swap = await work.get(Swap, command.swap_id)
    sides = await _sides(swap, Place(command.shift_id, command.person_id), work)
    others = await _others_about(sides, work)
    swap.take(*sides, needs_approval=(await terms_of(work)).swaps_need_approval)
    return _ended(swap, sides, others)


@command(needs="swaps:approve")
class ApproveSwap(Command[Swapped]):
    swap_id: SwapId


@handles(ApproveSwap)
async def approve_swap(command: ApproveSwap, work: Work) -> Swapped:
    """What was so when it was taken is asked again: it may not hold any more."""
    swap = await work.get(Swap, command.swap_id)
    sides = await _sides(swap, swap.taken_for(), work)
    others = await _others_about(sides, work)
    swap.approve(*sides)
    return _ended(swap, sides, others)


@command(needs="swaps:approve")
class RejectSwap(Command[Swapped]):
    swap_id: SwapId
    reason: str


@handles(RejectSwap)
async def reject_swap(command: RejectSwap, work: Work) -> Swapped:
    swap = await work.get(Swap, command.swap_id)
    swap.reject(command.reason)
    return await _with_shifts(swap, work)


@command(needs="swaps:write:own")
class WithdrawSwap(Command[Swapped]):
    swap_id: SwapId


@handles(WithdrawSwap)
async def withdraw_swap(command: WithdrawSwap, work: Work) -> Swapped:
    swap = await work.get(Swap, command.swap_id)
    await only_the_person_or(SWAP_FOR_ANYBODY, swap.person_id, work)
    swap.withdraw()
    return await _with_shifts(swap, work)


async def _sides(swap: Swap, in_return: Place, work: Work) -> tuple[Side, Side]:
    """What is offered, and what is given in return. Raises NotFound."""
    one, other = await work.get(Shift, swap.shift_id), await work.get(Shift, in_return.shift_id)
    holder, taker = swap.person_id, in_return.person_id
    holders = await agendas_of(holder, one.period, work)
    takers = await agendas_of(taker, other.period, work)
    # What each gives up is still booked, and does not count.
    to_taker = await candidate_for(taker, one, work, giving_up=frozenset({in_return.shift_id}))
    to_holder = await candidate_for(holder, other, work, giving_up=frozenset({swap.shift_id}))
    return Side(one, holder, holders, to_taker), Side(other, taker, takers, to_holder)


async def _others_about(sides: tuple[Side, Side], work: Work) -> list[Swap]:
    """The swaps in which the two offer these very places."""
    return [swap for side in sides for swap in await swaps_of([side.person_id], side.shift, work)]


def _ended(swap: Swap, sides: tuple[Side, Side], others: list[Swap]) -> Swapped:
    """Once the places have changed hands, no other swap can be about them."""
    if not swap.is_open:
        for other in others:
            other.lapse()
    offered, in_return = sides
    return swap, offered.shift, in_return.shift


async def _with_shifts(swap: Swap, work: Work) -> Swapped:
    offered = await work.read(Shift, swap.shift_id)
    if swap.in_return is None:
        return swap, offered
    return swap, offered, await work.read(Shift, swap.in_return.shift_id)
