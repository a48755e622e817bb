"""Reference data: kinds of users and tasks, and which have to do with each other.

The lists are remembered by each API process until it hears that something of them has changed.
"""

from functools import partial
from uuid import UUID

from fastapi import Response

from application.work.reference import (
    AddTaskType,
    AddUserType,
    ChangeTaskType,
    ChangeUserType,
    MapEligibility,
    ReopenTaskType,
    RetireTaskType,
    UnmapEligibility,
)
from domain.shared.ids import TaskTypeId, UserTypeId
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.conditional import Known
from interfaces.http.eventflow.common import ListOut
from interfaces.http.eventflow.dialect import eventflow_router
from interfaces.http.eventflow.reference_schemas import (
    EligibleOut,
    MappingIn,
    MappingOut,
    TaskTypeChangeIn,
    TaskTypeIn,
    TaskTypeOut,
    UserTypeChangeIn,
    UserTypeIn,
    UserTypeOut,
)
from interfaces.http.eventflow.remembering import REMEMBERED, remembered_list
from projections.work.reference import every_mapping, every_task_type, every_user_type, model

router = eventflow_router()
remembered = partial(
    router.get, tags=["reference"], dependencies=[needs("reference:read")], responses=REMEMBERED
)
"""A route for a list that each API process remembers."""


@remembered("/api/user-types", response_model=ListOut[UserTypeOut])
async def get_user_types(call: Call, known: Known) -> Response:
    """Kinds of users and what each may do, by name."""
    return await remembered_list(call, known, every_user_type, UserTypeOut.of_row, model.name)


@router.post("/api/user-types", tags=["reference"], dependencies=[needs(AddUserType)])
async def add_user_type(body: UserTypeIn, call: Call) -> UserTypeOut:
    """Add a kind of user. A name is there once, however it is spelled."""
    command = AddUserType(body.name, body.description, body.permissions, body.read_only)
    return await call.run(command, UserTypeOut.of)


@router.patch(
    "/api/user-types/{userTypeId}", tags=["reference"], dependencies=[needs(ChangeUserType)]
)
async def change_user_type(userTypeId: UUID, body: UserTypeChangeIn, call: Call) -> UserTypeOut:
    """Change what users of a kind may do, from the next request on."""
    return await call.run(ChangeUserType(UserTypeId(userTypeId), body.change()), UserTypeOut.of)


@remembered("/api/task-types", response_model=ListOut[TaskTypeOut])
async def get_task_types(call: Call, known: Known) -> Response:
    """Kinds of tasks and how long each takes, by name; retired ones too."""
    return await remembered_list(call, known, every_task_type, TaskTypeOut.of_row, model.name)


@router.post("/api/task-types", tags=["reference"], dependencies=[needs(AddTaskType)])
async def add_task_type(body: TaskTypeIn, call: Call) -> TaskTypeOut:
    """Add a kind of task. A name is there once, however it is spelled."""
    return await call.run(AddTaskType(body.name, body.description, body.minutes), TaskTypeOut.of)


@router.patch(
    "/api/task-types/{taskTypeId}", tags=["reference"], dependencies=[needs(ChangeTaskType)]
)
async def change_task_type(taskTypeId: UUID, body: TaskTypeChangeIn, call: Call) -> TaskTypeOut:
    """Change what is said of a kind of task, or how long one takes."""
    return await call.run(ChangeTaskType(TaskTypeId(taskTypeId), body.change()), TaskTypeOut.of)


@router.post(
    "/api/task-types/{taskTypeId}/retire", tags=["reference"], dependencies=[needs(RetireTaskType)]
)
async def retire_task_type(taskTypeId: UUID, call: Call) -> TaskTypeOut:
    """Let nothing new have the type; tasks that have it keep it."""
    return await call.run(RetireTaskType(TaskTypeId(taskTypeId)), TaskTypeOut.of)


@router.post(
    "/api/task-types/{taskTypeId}/reopen", tags=["reference"], dependencies=[needs(ReopenTaskType)]
)
async def reopen_task_type(taskTypeId: UUID, call: Call) -> TaskTypeOut:
    """Use a retired type again."""
    return await call.run(ReopenTaskType(TaskTypeId(taskTypeId)), TaskTypeOut.of)


@remembered("/api/eligibility-mappings", response_model=ListOut[MappingOut])
async def get_eligibility_mappings(call: Call, known: Known) -> Response:
    """Which kinds of users have to do with which kinds of tasks."""
    return await remembered_list(call, known, every_mapping, MappingOut.of_row, model.name)


@router.post("/api/eligibility-mappings", tags=["reference"], dependencies=[needs(MapEligibility)])
async def map_eligibility(body: MappingIn, call: Call) -> EligibleOut:
    """Let users of a kind have to do with tasks of a kind."""
    command = MapEligibility(UserTypeId(body.user_type_id), TaskTypeId(body.task_type_id))
    return await call.run(command, EligibleOut.of)


@router.delete(
    "/api/eligibility-mappings/{userTypeId}/{taskTypeId}",
    tags=["reference"],
    dependencies=[needs(UnmapEligibility)],
)
async def unmap_eligibility(userTypeId: UUID, taskTypeId: UUID, call: Call) -> EligibleOut:
    """Let them have nothing to do with each other; tasks that somebody has stay his or hers."""
    command = UnmapEligibility(UserTypeId(userTypeId), TaskTypeId(taskTypeId))
    return await call.run(command, EligibleOut.of)
