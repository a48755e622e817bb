"""Bodies of reference data and of users."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from domain.work.profile import Profile
from domain.work.task_type import LONGEST_MINUTES, TaskType, TaskTypeChange
from domain.work.user_type import TaskPermission, UserType, UserTypeChange
from interfaces.http.eventflow.common import AN_ID, In, Out
from interfaces.http.eventflow.task_schemas import Description
from interfaces.http.fields import Text, Whole, example, left_out
from interfaces.http.listing import Row

TaskPermissions = Annotated[tuple[TaskPermission, ...], Field(max_length=len(TaskPermission))]
Minutes = Annotated[Whole, Field(ge=0, le=LONGEST_MINUTES)]


class UserTypeIn(In):
    """`readOnly` is a customer: it looks, changes nothing, and sees no task that is still to do."""

    model_config = example(name="Vendor", permissions=["view", "take", "move_state"])

    name: Text
    description: Description = ""
    permissions: TaskPermissions = ()
    read_only: bool = False


class UserTypeChangeIn(In):
    """What is left out stays as it is. The name can't become another."""

    model_config = example(permissions=["view"])

    description: Description = left_out()
    permissions: TaskPermissions = left_out()
    read_only: bool = left_out()

    def change(self) -> UserTypeChange:
        return UserTypeChange(self.description, self.permissions, self.read_only)


class TaskTypeIn(In):
    """`minutes` is how long such a task takes, as plans reckon."""

    model_config = example(name="Catering", minutes=240)

    name: Text
    description: Description = ""
    minutes: Minutes = 60


class TaskTypeChangeIn(In):
    """What is left out stays as it is. The name can't become another."""

    model_config = example(minutes=300)

    description: Description = left_out()
    minutes: Minutes = left_out()

    def change(self) -> TaskTypeChange:
        return TaskTypeChange(self.description, self.minutes)


class MappingIn(In):
    model_config = example(userTypeId=AN_ID, taskTypeId=AN_ID)

    user_type_id: UUID
    task_type_id: UUID


class UserTypeIdIn(In):
    model_config = example(userTypeId=AN_ID)

    user_type_id: UUID


class UserTypeOut(Out):
    id: UUID
    name: str
    description: str
    permissions: list[TaskPermission]
    read_only: bool

    @classmethod
    def of(cls, user_type: UserType) -> Self:
        return cls(
            id=user_type.id,
            name=user_type.name,
            description=user_type.description,
            permissions=list(user_type.permissions),
            read_only=user_type.read_only,
        )

    @classmethod
    def of_row(cls, row: Row) -> Self:
        return cls(
            id=row.user_type_id,
            name=row.name,
            description=row.description,
            permissions=row.permissions,
            read_only=row.read_only,
        )


class TaskTypeOut(Out):
    id: UUID
    name: str
    description: str
    minutes: int
    active: bool

    @classmethod
    def of(cls, task_type: TaskType) -> Self:
        return cls(
            id=task_type.id,
            name=task_type.name,
            description=task_type.description,
            minutes=task_type.minutes,
            active=task_type.active,
        )

    @classmethod
    def of_row(cls, row: Row) -> Self:
        return cls(
            id=row.task_type_id,
            name=row.name,
            description=row.description,
            minutes=row.minutes,
            active=row.active,
        )


class MappingOut(Out):
    user_type_id: UUID
    user_type: str
    task_type_id: UUID
    task_type: str

    @classmethod
    def of_row(cls, row: Row) -> Self:
        return cls(
            user_type_id=row.user_type_id,
            user_type=row.user_type,
            task_type_id=row.task_type_id,
            task_type=row.task_type,
        )


class EligibleOut(Out):
    """The types of task that users of one type have to do with."""

    user_type_id: UUID
    task_type_ids: list[UUID]

    @classmethod
    def of(cls, user_type: UserType) -> Self:
        return cls(user_type_id=user_type.id, task_type_ids=list(user_type.task_types))


class UserOut(Out):
    id: UUID
    email: str
    name: str
    user_type_id: UUID | None
    user_type: str | None

    @classmethod
    def of_rows(cls, account: Row, user_type: Row | None) -> Self:
        return cls(
            id=account.account_id,
            email=account.email,
            name=account.name,
            user_type_id=user_type and user_type.user_type_id,
            user_type=user_type and user_type.name,
        )


class MeOut(UserOut):
    is_admin: bool
    """Access level: everything in the tenant, or only events that one is a member of."""
    permissions: list[TaskPermission]
    read_only: bool


class ProfileOut(Out):
    user_id: UUID
    user_type_id: UUID

    @classmethod
    def of(cls, profile: Profile) -> Self:
        return cls(user_id=profile.account_id, user_type_id=profile.user_type_id)
