"""Shifts: drafted, changed, published, staffed."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Query

from application.scheduling.assignments import AssignPeople
from application.scheduling.candidates import examined
from application.scheduling.shifts import (
    CancelShift,
    ChangeShift,
    CompleteShift,
    DiscardShift,
    DraftShift,
    PublishShift,
)
from domain.scheduling.staffing import ShiftStatus
from domain.shared.ids import PersonId, ShiftId, UnitId
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.fields import Moment, Text
from interfaces.http.scheduler.assignment_schemas import AssignIn, CandidateOut
from interfaces.http.scheduler.common import PageOut, Paging, existing, person_ids
from interfaces.http.scheduler.dialect import scheduler_router
from interfaces.http.scheduler.shift_schemas import CancelIn, ShiftChangeIn, ShiftIn, ShiftOut
from projections.scheduling.people import PeopleFilter, list_people
from projections.scheduling.shift_queries import ShiftFilter, find_shift, list_shifts

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


@router.get("/shifts/{shift_id}", tags=["shifts"], dependencies=[needs("shifts:read")])
async def get_shift(shift_id: UUID, call: Call) -> ShiftOut:
    """One shift, whatever became of it."""
    found = await call.ask(find_shift, call.actor.tenant_id, ShiftId(shift_id))
    return ShiftOut.of_row(existing(found, "shift", shift_id))


@router.get("/shifts/{shift_id}/candidates", tags=["shifts"], dependencies=[needs("shifts:write")])
async def get_candidates(shift_id: UUID, call: Call, paging: Paging) -> PageOut[CandidateOut]:
    """Everybody in service, by name: who could take a place now and, of who can't, why not."""
    wanted = PeopleFilter(active=True)
    page = await call.ask(list_people, call.actor.tenant_id, wanted, paging)
    names = {PersonId(row.person_id): row.name for row in page.items}
    found = await call.look(partial(examined, ShiftId(shift_id), tuple(names)))
    return PageOut[CandidateOut].of(
        page, [CandidateOut.of(each, names[each.candidate.id]) for each in found]
    )


@router.post("/shifts", status_code=201, tags=["shifts"], dependencies=[needs(DraftShift)])
async def draft_shift(body: ShiftIn, call: Call) -> ShiftOut:
    """Draft a shift. Nobody sees it before it is published."""
    command = DraftShift(
        UnitId(body.unit_id),
        body.role,
        body.start,
        body.end,
        body.headcount,
        body.notes,
        person_ids(body.people),
    )
    return await call.run(command, ShiftOut.of)


@router.patch("/shifts/{shift_id}", tags=["shifts"], dependencies=[needs(ChangeShift)])
async def change_shift(shift_id: UUID, body: ShiftChangeIn, call: Call) -> ShiftOut:
    """Change a draft."""
    return await call.run(ChangeShift(ShiftId(shift_id), body.change()), ShiftOut.of)


@router.delete("/shifts/{shift_id}", tags=["shifts"], dependencies=[needs(DiscardShift)])
async def discard_shift(shift_id: UUID, call: Call) -> ShiftOut:
    """Give a draft up; it stays in the history. A published shift is cancelled instead."""
    return await call.run(DiscardShift(ShiftId(shift_id)), ShiftOut.of)


@router.post("/shifts/{shift_id}/publish", tags=["shifts"], dependencies=[needs(PublishShift)])
async def publish_shift(
    shift_id: UUID,
    call: Call,
    notify: Annotated[
        bool, Query(description="Tell those who could take a place that is left.")
    ] = False,
) -> ShiftOut:
    """Open a draft for staffing, and give those who are planned on it their places: all of them
    or, with every broken rule named, none.
    """
    return await call.run(PublishShift(ShiftId(shift_id), notify), ShiftOut.of)


@router.post("/shifts/{shift_id}/cancel", tags=["shifts"], dependencies=[needs(CancelShift)])
async def cancel_shift(shift_id: UUID, body: CancelIn, call: Call) -> ShiftOut:
    """Call a published shift off; whoever is on it is told, and free at that time."""
    return await call.run(CancelShift(ShiftId(shift_id), body.reason), ShiftOut.of)


@router.post("/shifts/{shift_id}/complete", tags=["shifts"], dependencies=[needs(CompleteShift)])
async def complete_shift(shift_id: UUID, call: Call) -> ShiftOut:
    """Close the books on a shift that has ended; a nightly job does the same."""
    return await call.run(CompleteShift(ShiftId(shift_id)), ShiftOut.of)


@router.post("/shifts/{shift_id}/assign", tags=["shifts"], dependencies=[needs(AssignPeople)])
async def assign_people(shift_id: UUID, body: AssignIn, call: Call) -> ShiftOut:
    """Put people on a published shift: all of them or, with every broken rule named, none."""
    people = person_ids(body.person_ids)
    command = AssignPeople(ShiftId(shift_id), people, body.force, body.reason or "")
    return await call.run(command, ShiftOut.of)
