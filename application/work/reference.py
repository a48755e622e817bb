"""What kinds of users and tasks there are, and which have to do with each other."""

from collections.abc import Mapping

from application.commands import Command, command, handles
from application.unit_of_work import Work
from domain.shared.errors import Invalid, refuse
from domain.shared.ids import TaskTypeId, UserTypeId
from domain.work.task_type import TaskType, TaskTypeChange, TaskTypeExists
from domain.work.user_type import TaskPermission, UserType, UserTypeChange, UserTypeExists


@command(needs="reference:write")
class AddUserType(Command[UserType]):
    name: str
    description: str = ""
    permissions: tuple[TaskPermission, ...] = ()
    read_only: bool = False


@handles(AddUserType)
async def add_user_type(command: AddUserType, work: Work) -> UserType:
    """Raises Invalid, or RuleBroken when there is one of that name."""
    made = UserType.add(
        *(work.tenant_id, command.name, command.description, command.permissions),
        read_only=command.read_only,
    )
    known = await work.glance(UserType, made.id)
    refuse(None if known is None else UserTypeExists(UserTypeId(made.id)))
    return work.add(made)


@command(needs="reference:write")
class ChangeUserType(Command[UserType]):
    user_type_id: UserTypeId
    change: UserTypeChange


@handles(ChangeUserType)
async def change_user_type(command: ChangeUserType, work: Work) -> UserType:
    user_type = await work.get(UserType, command.user_type_id)
    user_type.change(command.change)
    return user_type


@command(needs="reference:write")
class MapEligibility(Command[UserType]):
    """Users of this type have to do with tasks of that type."""

    user_type_id: UserTypeId
    task_type_id: TaskTypeId


@handles(MapEligibility)
async def map_eligibility(command: MapEligibility, work: Work) -> UserType:
    user_type = await work.get(UserType, command.user_type_id)
    await work.read(TaskType, command.task_type_id)
    user_type.map(command.task_type_id)
    return user_type


@command(needs="reference:write")
class UnmapEligibility(Command[UserType]):
    user_type_id: UserTypeId
    task_type_id: TaskTypeId


@handles(UnmapEligibility)
async def unmap_eligibility(command: UnmapEligibility, work: Work) -> UserType:
    user_type = await work.get(UserType, command.user_type_id)
    await work.read(TaskType, command.task_type_id)
    user_type.unmap(command.task_type_id)
    return user_type


@command(needs="reference:write")
class AddTaskType(Command[TaskType]):
    """`minutes` is how long such a task takes."""

    name: str
    description: str = ""
    minutes: int = 60


@handles(AddTaskType)
async def add_task_type(command: AddTaskType, work: Work) -> TaskType:
    """Raises Invalid, or RuleBroken when there is one of that name, retired or not."""
    made = TaskType.add(work.tenant_id, command.name, command.description, command.minutes)
    known = await work.glance(TaskType, made.id)
    refuse(None if known is None else TaskTypeExists(TaskTypeId(made.id)))
    return work.add(made)


@command(needs="reference:write")
class ChangeTaskType(Command[TaskType]):
    task_type_id: TaskTypeId
    change: TaskTypeChange


@handles(ChangeTaskType)
async def change_task_type(command: ChangeTaskType, work: Work) -> TaskType:
    task_type = await work.get(TaskType, command.task_type_id)
    task_type.change(command.change)
    return task_type


@command(needs="reference:write")
class RetireTaskType(Command[TaskType]):
    """Tasks that have the type keep it; nothing new gets it."""

    task_type_id: TaskTypeId


@handles(RetireTaskType)
async def retire_task_type(command: RetireTaskType, work: Work) -> TaskType:
    task_type = await work.get(TaskType, command.task_type_id)
    task_type.retire()
    return task_type


@command(needs="reference:write")
class ReopenTaskType(Command[TaskType]):
    task_type_id: TaskTypeId


@handles(ReopenTaskType)
async def reopen_task_type(command: ReopenTaskType, work: Work) -> TaskType:
    task_type = await work.get(TaskType, command.task_type_id)
    task_type.reopen()
    return task_type


async def must_know_types(asked: Mapping[str, TaskTypeId], work: Work) -> None:
    """Raises Invalid, naming the fields that ask for a task type that is not there, and RuleBroken
    with all that are retired.
    """
    kinds = {which: await work.glance(TaskType, which) for which in dict.fromkeys(asked.values())}
    unknown = {field: "no such task type" for field, which in asked.items() if kinds[which] is None}
    if unknown:
        raise Invalid("There is no such task type.", unknown)
    refuse(*(kind.retired for kind in kinds.values() if kind is not None))
