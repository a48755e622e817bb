"""Open shifts, and claiming a place on one."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from application.commands import Deferred
from application.scheduling.claims import ClaimShift
from domain.shared.ids import ShiftId, UnitId
from infrastructure.bootstrap import now
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.fields import Moment
from interfaces.http.scheduler.claim_schemas import OpenShiftOut
from interfaces.http.scheduler.common import PageOut, Paging
from interfaces.http.scheduler.dialect import scheduler_router
from interfaces.http.scheduler.own_person import own_person
from interfaces.http.scheduler.shift_schemas import ShiftOut
from projections.scheduling.open_shifts import OpenFilter, list_open_shifts

router = scheduler_router()


@router.get("/shifts/open", tags=["shifts"], dependencies=[needs("shifts:claim:own")])
async def get_open_shifts(
    call: Call,
    paging: Paging,
    unit_id: Annotated[UUID | None, Query()] = None,
    start_before: Annotated[Moment | None, Query()] = None,
    end_after: Annotated[Moment | None, Query()] = None,
) -> PageOut[OpenShiftOut]:
    """Shifts with places left in a role of one's own that one is not on, in order of their start.

    Whether another rule is in the way, such as a rest that is too short, claiming tells.
    """
    wanted = OpenFilter(None if unit_id is None else UnitId(unit_id), start_before, end_after)
    person_id = await own_person(call)
    page = await call.ask(list_open_shifts, call.actor.tenant_id, person_id, now(), wanted, paging)
    return PageOut[OpenShiftOut].of(page, [OpenShiftOut.of_row(row) for row in page.items])


@router.post("/shifts/{shift_id}/claim", tags=["shifts"], dependencies=[needs(ClaimShift)])
async def claim_shift(shift_id: UUID, call: Call) -> ShiftOut:
    """Take a free place for oneself; it needs no further answer. Of all who want the last place
    one gets it.
    """

    async def own() -> ClaimShift:
        return ClaimShift(ShiftId(shift_id), await own_person(call))

    return await call.run(Deferred(ClaimShift, own), ShiftOut.of)
