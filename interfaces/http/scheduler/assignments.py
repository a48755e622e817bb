"""Answers to assignments."""

from uuid import UUID

from application.commands import Command, Deferred
from application.scheduling.assignments import (
    AcceptAssignment,
    DeclineAssignment,
    OverrideWarnings,
    ReassignAssignment,
)
from domain.scheduling.shift import Shift
from domain.shared.ids import AssignmentId, PersonId
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.scheduler.assignment_schemas import Answer, AnswerIn, OverrideIn
from interfaces.http.scheduler.dialect import scheduler_router
from interfaces.http.scheduler.places import place_of
from interfaces.http.scheduler.shift_schemas import ShiftOut

router = scheduler_router()


@router.post(
    "/assignments/{assignment_id}/status",
    tags=["assignments"],
    dependencies=[needs(AcceptAssignment)],
)
async def answer_assignment(assignment_id: UUID, body: AnswerIn, call: Call) -> ShiftOut:
    """Accept, decline, or hand on; for the assignee or a coordinator."""
    which = AssignmentId(assignment_id)
    command = Deferred(_KINDS[body.status], lambda: _command(call, which, body))
    return await call.run(command, ShiftOut.of)


@router.post(
    "/assignments/{assignment_id}/override",
    tags=["assignments"],
    dependencies=[needs(OverrideWarnings)],
)
async def override_warnings(assignment_id: UUID, body: OverrideIn, call: Call) -> ShiftOut:
    """Let an assignment be in spite of its warnings."""
    which = AssignmentId(assignment_id)

    async def found() -> Command[Shift]:
        return OverrideWarnings(*await place_of(call, which), body.reason)

    return await call.run(Deferred(OverrideWarnings, found), ShiftOut.of)


_KINDS: dict[Answer, type[Command[Shift]]] = {
    Answer.ACCEPTED: AcceptAssignment,
    Answer.DECLINED: DeclineAssignment,
    Answer.REASSIGNED: ReassignAssignment,
}


async def _command(call: Call, which: AssignmentId, body: AnswerIn) -> Command[Shift]:
    shift_id, person_id = await place_of(call, which)
    if body.status is Answer.ACCEPTED:
        return AcceptAssignment(shift_id, person_id)
    if body.person_id is not None:
        return ReassignAssignment(shift_id, person_id, PersonId(body.person_id))
    return DeclineAssignment(shift_id, person_id)
