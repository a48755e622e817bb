"""Answers to assignments."""

from uuid import UUID

from application.commands import Command
from application.scheduling.assignments import (
    AcceptAssignment,
    DeclineAssignment,
    ReassignAssignment,
)
from domain.scheduling.shift import Shift
from domain.shared.errors import NotFound
from domain.shared.ids import AssignmentId, PersonId, ShiftId
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.scheduler.dialect import scheduler_router
from interfaces.http.scheduler.shift_schemas import Answer, AnswerIn, ShiftOut
from projections.scheduling.shifts import find_assignment

router = scheduler_router()


@router.post(
    "/assignments/{assignment_id}/status",
    tags=["assignments"],
    dependencies=[needs(AcceptAssignment)],
)
async def answer_assignment(assignment_id: UUID, body: AnswerIn, call: Call) -> ShiftOut:
    """Accept, decline, or hand on; for the assignee or a coordinator."""
    shift_id, person_id = await _where(call, AssignmentId(assignment_id))
    return await call.run(_command(shift_id, person_id, body), ShiftOut.of)


async def _where(call: Call, assignment_id: AssignmentId) -> tuple[ShiftId, PersonId]:
    """Raises NotFound. What an assignment ties together never changes, so any read is right."""
    found = await call.ask(find_assignment, call.actor.tenant_id, assignment_id)
    if found is None:
        raise NotFound("assignment", assignment_id)
    return found


def _command(shift_id: ShiftId, person_id: PersonId, body: AnswerIn) -> Command[Shift]:
    if body.status is Answer.ACCEPTED:
        return AcceptAssignment(shift_id, person_id)
    if body.person_id is not None:
        return ReassignAssignment(shift_id, person_id, PersonId(body.person_id))
    return DeclineAssignment(shift_id, person_id)
