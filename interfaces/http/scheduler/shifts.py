"""Shifts: drafted, changed, published, staffed."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from application.scheduling.assignments import AssignPeople
from application.scheduling.shifts import ChangeShift, DraftShift, PublishShift
from domain.scheduling.shift import ShiftStatus
from domain.shared.ids import PersonId, ShiftId, UnitId
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.fields import Moment, Text
from interfaces.http.scheduler.common import PageOut, Paging
from interfaces.http.scheduler.dialect import scheduler_router
from interfaces.http.scheduler.shift_schemas import AssignIn, ShiftChangeIn, ShiftIn, ShiftOut
from projections.scheduling.shifts import ShiftFilter, list_shifts

router = scheduler_router()


@router.get("/shifts", tags=["shifts"], dependencies=[needs("shifts:read")])
async def get_shifts(
    call: Call,
    paging: Paging,
    unit_id: Annotated[UUID | None, Query()] = None,
    status: Annotated[ShiftStatus | None, Query()] = None,
    role: Annotated[Text | None, Query()] = None,
    person_id: Annotated[UUID | None, Query(description="Who is or was on it.")] = None,
    start_before: Annotated[Moment | None, Query()] = None,
    end_after: Annotated[Moment | None, Query()] = None,
) -> PageOut[ShiftOut]:
    """Shifts with their assignments, in order of their start."""
    wanted = ShiftFilter(
        unit_id=None if unit_id is None else UnitId(unit_id),
        status=status,
        role=role,
        person_id=None if person_id is None else PersonId(person_id),
        starts_before=start_before,
        ends_after=end_after,
    )
    page = await call.ask(list_shifts, call.actor.tenant_id, wanted, paging)
    return PageOut[ShiftOut].of(page, [ShiftOut.of_row(found) for found in page.items])


@router.post("/shifts", status_code=201, tags=["shifts"], dependencies=[needs(DraftShift)])
async def draft_shift(body: ShiftIn, call: Call) -> ShiftOut:
    """Draft a shift. Nobody sees it before it is published."""
    command = DraftShift(
        UnitId(body.unit_id), body.role, body.start, body.end, body.headcount, body.notes
    )
    return await call.run(command, ShiftOut.of)


@router.patch("/shifts/{shift_id}", tags=["shifts"], dependencies=[needs(ChangeShift)])
async def change_shift(shift_id: UUID, body: ShiftChangeIn, call: Call) -> ShiftOut:
    """Change a draft."""
    command = ChangeShift(
        ShiftId(shift_id), body.role, body.start, body.end, body.headcount, body.notes
    )
    return await call.run(command, ShiftOut.of)


@router.post("/shifts/{shift_id}/publish", tags=["shifts"], dependencies=[needs(PublishShift)])
async def publish_shift(shift_id: UUID, call: Call) -> ShiftOut:
    """Open a draft for staffing."""
    return await call.run(PublishShift(ShiftId(shift_id)), ShiftOut.of)


@router.post("/shifts/{shift_id}/assign", tags=["shifts"], dependencies=[needs(AssignPeople)])
async def assign_people(shift_id: UUID, body: AssignIn, call: Call) -> ShiftOut:
    """Put people on a published shift: all of them or, with every broken rule named, none."""
    people = tuple(PersonId(person_id) for person_id in body.person_ids)
    return await call.run(AssignPeople(ShiftId(shift_id), people), ShiftOut.of)
