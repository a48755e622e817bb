"""Swaps: offered, taken, approved."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from application.commands import Deferred
from application.scheduling.swaps import (
    AcceptSwap,
    ApproveSwap,
    OfferSwap,
    RejectSwap,
    WithdrawSwap,
)
from domain.scheduling.swap import SwapStatus
from domain.shared.ids import AssignmentId, PersonId, SwapId
from domain.shared.permissions import Permission
from infrastructure.bootstrap import now
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.scheduler.common import PageOut, Paging, existing
from interfaces.http.scheduler.dialect import scheduler_router
from interfaces.http.scheduler.own_person import own_person
from interfaces.http.scheduler.places import place_of
from interfaces.http.scheduler.swap_schemas import AcceptIn, OfferIn, RejectIn, SwapOut
from projections.scheduling.swaps import SwapFilter, Viewer, find_swap, list_swaps

ALL_SWAPS = Permission.parse("swaps:read:all")

router = scheduler_router()


@router.get("/swaps", tags=["swaps"], dependencies=[needs("swaps:read:own")])
async def get_swaps(
    call: Call, paging: Paging, status: Annotated[SwapStatus | None, Query()] = None
) -> PageOut[SwapOut]:
    """Swaps, the newest first: to a coordinator all, to others their own and those that they could
    take. Whether a rule is in the way, such as a rest that is too short, accepting tells.
    """
    viewer = await _viewer(call)
    page = await call.ask(list_swaps, call.actor.tenant_id, viewer, SwapFilter(status), paging)
    return PageOut[SwapOut].of(page, [SwapOut.of_row(row) for row in page.items])


@router.post("/swaps", status_code=201, tags=["swaps"], dependencies=[needs(OfferSwap)])
async def offer_swap(body: OfferIn, call: Call) -> SwapOut:
    """Offer a place that one holds for a place on another shift. One open swap is about a place at
    most; it lapses when the place is left, or the shift is cancelled or over.
    """
    to = None if body.to_person_id is None else PersonId(body.to_person_id)

    async def found() -> OfferSwap:
        place = await place_of(call, AssignmentId(body.assignment_id))
        return OfferSwap(*place, to, body.note)

    return await call.run(Deferred(OfferSwap, found), SwapOut.of)


@router.get("/swaps/{swap_id}", tags=["swaps"], dependencies=[needs("swaps:read:own")])
async def get_swap(swap_id: UUID, call: Call) -> SwapOut:
    """One swap, whatever became of it; to others than coordinators as in the list."""
    viewer = await _viewer(call)
    row = await call.ask(find_swap, call.actor.tenant_id, viewer, SwapId(swap_id))
    return SwapOut.of_row(existing(row, "swap", swap_id))


@router.post("/swaps/{swap_id}/accept", tags=["swaps"], dependencies=[needs(AcceptSwap)])
async def accept_swap(swap_id: UUID, body: AcceptIn, call: Call) -> SwapOut:
    """Give an own place in return. Both places change hands at once or, where the policy wants it,
    when a coordinator approves; or, with every broken rule named, nothing happens.
    """

    async def found() -> AcceptSwap:
        place = await place_of(call, AssignmentId(body.assignment_id))
        return AcceptSwap(SwapId(swap_id), *place)

    return await call.run(Deferred(AcceptSwap, found), SwapOut.of)


@router.post("/swaps/{swap_id}/approve", tags=["swaps"], dependencies=[needs(ApproveSwap)])
async def approve_swap(swap_id: UUID, call: Call) -> SwapOut:
    """Let the places change hands, if all still holds."""
    return await call.run(ApproveSwap(SwapId(swap_id)), SwapOut.of)


@router.post("/swaps/{swap_id}/reject", tags=["swaps"], dependencies=[needs(RejectSwap)])
async def reject_swap(swap_id: UUID, body: RejectIn, call: Call) -> SwapOut:
    """Let everybody keep his or her place."""
    return await call.run(RejectSwap(SwapId(swap_id), body.reason), SwapOut.of)


@router.post("/swaps/{swap_id}/withdraw", tags=["swaps"], dependencies=[needs(WithdrawSwap)])
async def withdraw_swap(swap_id: UUID, call: Call) -> SwapOut:
    """Take an offer back, as long as the places have not changed hands; for who made it, or a
    coordinator.
    """
    return await call.run(WithdrawSwap(SwapId(swap_id)), SwapOut.of)


async def _viewer(call: Call) -> Viewer | None:
    """None is shown everything. Raises NotFound when the account acts for nobody."""
    if call.actor.may(ALL_SWAPS):
        return None
    return Viewer(await own_person(call), now())
