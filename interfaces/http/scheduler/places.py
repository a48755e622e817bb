"""Which place an assignment's id means."""

from domain.shared.errors import NotFound
from domain.shared.ids import AssignmentId, PersonId, ShiftId
from interfaces.http.call import Call
from projections.scheduling.shift_queries import find_assignment


async def place_of(call: Call, assignment_id: AssignmentId) -> tuple[ShiftId, PersonId]:
    """Raises NotFound. What an assignment ties together never changes: once found, it is right."""
    found = await call.find(find_assignment, call.actor.tenant_id, assignment_id)
    if found is None:
        raise NotFound("assignment", assignment_id)
    return found
