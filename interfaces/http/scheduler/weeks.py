"""What is done with many shifts at once: a week is copied, drafts are published."""

from application.commands import Deferred
from application.scheduling.shifts import PublishShifts
from application.scheduling.weeks import COPIED, CopyWeek
from domain.shared.ids import ShiftId
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.scheduler.dialect import scheduler_router
from interfaces.http.scheduler.week_schemas import (
    CopiedOut,
    CopyWeekIn,
    PublishedOut,
    PublishShiftsIn,
)
from projections.scheduling.shift_queries import WeekFilter, shifts_of_week

router = scheduler_router()


@router.post("/shifts/copy-week", tags=["shifts"], dependencies=[needs(CopyWeek)])
async def copy_week(body: CopyWeekIn, call: Call) -> CopiedOut:
    """Draft the shifts of one week, at most 1000, again in another, at the same wall times: all
    that are drafts, published or completed. Asked again without an Idempotency-Key, again.
    """

    async def found() -> CopyWeek:
        wanted = WeekFilter(body.from_week, COPIED, body.unit)
        return body.command(await call.ask_newest(shifts_of_week, call.actor.tenant_id, wanted))

    return await call.run(Deferred(CopyWeek, found), lambda shifts: CopiedOut.of(shifts, body))


@router.post("/shifts/publish", tags=["shifts"], dependencies=[needs(PublishShifts)])
async def publish_shifts(body: PublishShiftsIn, call: Call) -> PublishedOut:
    """Open drafts for staffing, and give those who are planned on them their places: all of them
    or, with every broken rule of every shift named, none.
    """
    shift_ids = tuple(ShiftId(shift_id) for shift_id in body.shift_ids)
    return await call.run(PublishShifts(shift_ids, body.notify), PublishedOut.of)
