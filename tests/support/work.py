"""The wedding that tests of tasks tell about: its users, each of a type, and its tasks."""

from datetime import UTC, datetime
from uuid import UUID

from application.access import Actor
from domain.shared.aggregate import Aggregate
from domain.shared.ids import (
    AccountId,
    InstanceId,
    OccasionId,
    ScopeId,
    TaskId,
    TaskTypeId,
    UserTypeId,
)
from domain.shared.moment import happening_at
from domain.shared.period import Period
from domain.work.caller import Caller
from domain.work.occasion import Occasion, OccasionChange
from domain.work.profile import Profile
from domain.work.states import TaskState
from domain.work.task import Task
from domain.work.task_type import TaskType, TaskTypeChange
from domain.work.user_type import TaskPermission, UserType, UserTypeChange
from tests.support.scheduling import LAST_WEEK, TENANT

MANAGER = AccountId(UUID("00000011-0000-4000-8000-000000000001"))
VENDOR = AccountId(UUID("00000011-0000-4000-8000-000000000002"))
FLORIST = AccountId(UUID("00000011-0000-4000-8000-000000000003"))
CUSTOMER = AccountId(UUID("00000011-0000-4000-8000-000000000004"))
CHIEF = AccountId(UUID("00000011-0000-4000-8000-000000000005"))
PASSER_BY = AccountId(UUID("00000011-0000-4000-8000-000000000006"))

WEDDING = OccasionId(UUID("00000012-0000-4000-8000-000000000001"))
FAIR = OccasionId(UUID("00000012-0000-4000-8000-000000000002"))
TASK = TaskId(UUID("00000013-0000-4000-8000-000000000001"))
OTHER_TASK = TaskId(UUID("00000013-0000-4000-8000-000000000002"))
INSTANCE = InstanceId(UUID("00000014-0000-4000-8000-000000000001"))

CATERING = TaskType.id_of(TENANT, "Catering")
FLOWERS = TaskType.id_of(TENANT, "Flowers")

EVERY = tuple(TaskPermission)
TYPES: dict[str, tuple[tuple[TaskPermission, ...], bool, tuple[TaskTypeId, ...]]] = {
    "EventManager": (EVERY, False, (CATERING, FLOWERS)),
    "Vendor": (
        (TaskPermission.VIEW, TaskPermission.TAKE, TaskPermission.MOVE_STATE),
        False,
        (CATERING,),
    ),
    "Customer": ((TaskPermission.VIEW, TaskPermission.TAKE), True, (CATERING, FLOWERS)),
}
"""By name: permissions, whether it reads only, and eligibility."""

TYPE_OF = {
    MANAGER: "EventManager",
    VENDOR: "Vendor",
    FLORIST: "Vendor",
    CUSTOMER: "Customer",
    PASSER_BY: "Vendor",
}

ITS_MANAGER = Actor.with_roles(MANAGER, TENANT, ("manager",))
ITS_VENDOR = Actor.with_roles(VENDOR, TENANT, ("member",))
ITS_FLORIST = Actor.with_roles(FLORIST, TENANT, ("member",))
ITS_CUSTOMER = Actor.with_roles(CUSTOMER, TENANT, ("member",))
SOMEBODY = Actor.with_roles(PASSER_BY, TENANT, ("member",))
THE_ADMIN = Actor.with_roles(CHIEF, TENANT, ("admin",))


def user_type(name: str) -> UserType:
    permissions, read_only, task_types = TYPES[name]
    with happening_at(LAST_WEEK):
        made = UserType.add(TENANT, name, "", permissions, read_only=read_only)
        for task_type_id in task_types:
            made.map(task_type_id)
    return made


def user_type_id(name: str) -> UserTypeId:
    return UserType.id_of(TENANT, name)


def task_type(name: str = "Catering", minutes: int = 60) -> TaskType:
    with happening_at(LAST_WEEK):
        return TaskType.add(TENANT, name, "", minutes)


def profile(account_id: AccountId) -> Profile:
    with happening_at(LAST_WEEK):
        return Profile(
            Profile.id_of(TENANT, account_id), account_id, user_type_id(TYPE_OF[account_id])
        )


def occasion(
    id: OccasionId = WEDDING,
    members: tuple[AccountId, ...] = (MANAGER, VENDOR, FLORIST, CUSTOMER),
) -> Occasion:
    june = Period(datetime(2027, 6, 5, 12, tzinfo=UTC), datetime(2027, 6, 6, 2, tzinfo=UTC))
    with happening_at(LAST_WEEK):
        made = Occasion.plan(id, "Wedding of Ana and Ben", "", june)
        for account_id in members:
            made.add_member(account_id)
    return made


def everybody() -> tuple[UserType | TaskType | Profile | Occasion, ...]:
    """The wedding, and who and what has to do with it."""
    return (
        *(user_type(name) for name in TYPES),
        task_type("Catering", minutes=240),
        task_type("Flowers"),
        *(profile(account_id) for account_id in TYPE_OF),
        occasion(),
    )


def task(
    id: TaskId = TASK,
    kind: TaskTypeId | None = CATERING,
    title: str = "Order the cake",
    scope: OccasionId = WEDDING,
) -> Task:
    """One that is to do."""
    with happening_at(LAST_WEEK):
        return Task.plan(id, ScopeId(scope), kind, title, "", MANAGER)


def waiting(id: TaskId = TASK) -> Task:
    with happening_at(LAST_WEEK):
        told = ("Serve the cake", "")
        where = (INSTANCE, "serve")
        return Task.of_node(id, ScopeId(WEDDING), CATERING, told, MANAGER, where, waits=True)


def caller(account_id: AccountId = MANAGER, *, member: bool = True, admin: bool = False) -> Caller:
    kind = TYPE_OF.get(account_id)
    powers = user_type(kind).powers if kind else None
    return Caller(account_id, admin, member, powers)


def eventful() -> list[Aggregate]:
    """Things to which everything has happened that can."""
    vendors, cook, hers = user_type("Vendor"), task_type(), profile(VENDOR)
    wedding, once, alone, linked = occasion(), task(), task(), waiting()
    with happening_at(LAST_WEEK):
        vendors.change(UserTypeChange(description="From outside", permissions=EVERY))
        vendors.unmap(CATERING)
        cook.change(TaskTypeChange(description="Food and drink", minutes=90))
        cook.retire()
        cook.reopen()
        hers.become(user_type_id("Customer"))
        wedding.change(OccasionChange(name="Their wedding"))
        wedding.remove_member(FLORIST)
        once.pick(caller(VENDOR))
        once.assign(caller(FLORIST), caller())
        once.unassign(caller())
        once.move(TaskState.IN_PROGRESS, "Now.", caller())
        alone.delete("Planned twice.", caller())
        linked.unlock(MANAGER)
        linked.lock(MANAGER)
        linked.skip("It rains.", MANAGER)
    return [vendors, cook, hers, wedding, once, alone, linked]
