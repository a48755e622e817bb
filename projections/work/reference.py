"""Reference data: kinds of users and tasks, which have to do with each other, who is of which."""

from collections.abc import Collection

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    Row,
    Table,
    Text,
    Uuid,
    and_,
    any_,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.shared.ids import AccountId, TaskTypeId, TenantId
from domain.work.profile import Profile
from domain.work.task_type import TaskType
from domain.work.user_type import Powers, TaskPermission, UserType
from projections.read_model import ReadModel
from projections.rows import Rows

model = ReadModel("work.reference", version=1, cached=True)

user_types = model.keep(
    Table(
        "user_types",
        model.metadata,
        Column("user_type_id", Uuid, primary_key=True),
        Column("tenant_id", Uuid, nullable=False, index=True),
        Column("name", Text, nullable=False),
        Column("description", Text, nullable=False),
        Column("permissions", ARRAY(Text), nullable=False),
        Column("read_only", Boolean, nullable=False),
    ),
    by=["originator_id"],
)
task_types = model.keep(
    Table(
        "task_types",
        model.metadata,
        Column("task_type_id", Uuid, primary_key=True),
        Column("tenant_id", Uuid, nullable=False, index=True),
        Column("name", Text, nullable=False),
        Column("description", Text, nullable=False),
        Column("minutes", Integer, nullable=False),
        Column("active", Boolean, nullable=False),
    ),
    by=["originator_id"],
)
mappings = model.keep(
    Table(
        "eligibility_mappings",
        model.metadata,
        Column("user_type_id", Uuid, primary_key=True),
        Column("task_type_id", Uuid, primary_key=True),
        Column("tenant_id", Uuid, nullable=False, index=True),
    ),
    by=["originator_id", "task_type_id"],
)
profiles = model.keep(
    Table(
        "profiles",
        model.metadata,
        Column("profile_id", Uuid, primary_key=True),
        Column("tenant_id", Uuid, nullable=False),
        Column("account_id", Uuid, nullable=False),
        Column("user_type_id", Uuid, nullable=False),
        Index("profiles_account_idx", "tenant_id", "account_id"),
    ),
    by=["originator_id"],
)


@model.on(UserType.Added)
def user_type_added(event: UserType.Added, rows: Rows) -> None:
    rows[user_types].insert(
        user_type_id=event.originator_id,
        name=event.name,
        description=event.description,
        permissions=list(event.permissions),
        read_only=event.read_only,
    )


@model.on(UserType.Changed)
def user_type_changed(event: UserType.Changed, rows: Rows) -> None:
    user_type = rows[user_types][event.originator_id]
    user_type.description = event.description
    user_type.permissions = list(event.permissions)
    user_type.read_only = event.read_only


@model.on(UserType.Mapped)
def eligibility_mapped(event: UserType.Mapped, rows: Rows) -> None:
    rows[mappings].insert(user_type_id=event.originator_id, task_type_id=event.task_type_id)


@model.on(UserType.Unmapped)
def eligibility_unmapped(event: UserType.Unmapped, rows: Rows) -> None:
    rows[mappings].delete((event.originator_id, event.task_type_id))


@model.on(TaskType.Added)
def task_type_added(event: TaskType.Added, rows: Rows) -> None:
    rows[task_types].insert(
        task_type_id=event.originator_id,
        name=event.name,
        description=event.description,
        minutes=event.minutes,
        active=True,
    )


@model.on(TaskType.Changed)
def task_type_changed(event: TaskType.Changed, rows: Rows) -> None:
    task_type = rows[task_types][event.originator_id]
    task_type.description = event.description
    task_type.minutes = event.minutes


@model.on(TaskType.Retired)
def task_type_retired(event: TaskType.Retired, rows: Rows) -> None:
    rows[task_types][event.originator_id].active = False


@model.on(TaskType.Reopened)
def task_type_reopened(event: TaskType.Reopened, rows: Rows) -> None:
    rows[task_types][event.originator_id].active = True


@model.on(Profile.Made)
def profile_made(event: Profile.Made, rows: Rows) -> None:
    rows[profiles].insert(
        profile_id=event.originator_id,
        account_id=event.account_id,
        user_type_id=event.user_type_id,
    )


@model.on(Profile.TypeChanged)
def profile_type_changed(event: Profile.TypeChanged, rows: Rows) -> None:
    rows[profiles][event.originator_id].user_type_id = event.user_type_id


async def every_user_type(
    connection: AsyncConnection, tenant_id: TenantId
) -> list[Row[tuple[object, ...]]]:
    """By name."""
    query = select(user_types).where(user_types.c.tenant_id == tenant_id)
    return list((await connection.execute(query.order_by(user_types.c.name))).all())


async def every_task_type(
    connection: AsyncConnection, tenant_id: TenantId
) -> list[Row[tuple[object, ...]]]:
    """By name, retired or not."""
    query = select(task_types).where(task_types.c.tenant_id == tenant_id)
    return list((await connection.execute(query.order_by(task_types.c.name))).all())


async def every_mapping(
    connection: AsyncConnection, tenant_id: TenantId
) -> list[Row[tuple[object, ...]]]:
    """By the names of both."""
    query = (
        select(mappings, user_types.c.name.label("user_type"), task_types.c.name.label("task_type"))
        .join(user_types, user_types.c.user_type_id == mappings.c.user_type_id)
        .join(task_types, task_types.c.task_type_id == mappings.c.task_type_id)
        .where(mappings.c.tenant_id == tenant_id)
        .order_by(user_types.c.name, task_types.c.name)
    )
    return list((await connection.execute(query)).all())


async def powers_of(
    connection: AsyncConnection, tenant_id: TenantId, account_id: AccountId
) -> Powers | None:
    """Of the account's user type; None when it has none."""
    mapped = (
        select(func.array_agg(mappings.c.task_type_id))
        .where(mappings.c.user_type_id == user_types.c.user_type_id)
        .scalar_subquery()
    )
    query = (
        select(user_types, mapped.label("task_types"))
        .join(profiles, profiles.c.user_type_id == user_types.c.user_type_id)
        .where(profiles.c.tenant_id == tenant_id, profiles.c.account_id == account_id)
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    return Powers(
        row.name,
        frozenset(TaskPermission(permission) for permission in row.permissions),
        frozenset(TaskTypeId(task_type_id) for task_type_id in row.task_types or ()),
        row.read_only,
    )


async def user_types_of(
    connection: AsyncConnection, tenant_id: TenantId, account_ids: Collection[AccountId]
) -> dict[AccountId, Row[tuple[object, ...]]]:
    """The user type of each account that has one."""
    # One parameter, however many there are.
    wanted = literal(sorted(account_ids), ARRAY(Uuid))
    query = select(profiles.c.account_id, user_types).join(
        user_types,
        and_(
            user_types.c.user_type_id == profiles.c.user_type_id,
            profiles.c.tenant_id == tenant_id,
            profiles.c.account_id == any_(wanted),
        ),
    )
    return {AccountId(row.account_id): row for row in await connection.execute(query)}


async def minutes_of_types(
    connection: AsyncConnection, tenant_id: TenantId
) -> dict[TaskTypeId, int]:
    """How long a task of each type takes."""
    query = select(task_types.c.task_type_id, task_types.c.minutes).where(
        task_types.c.tenant_id == tenant_id
    )
    return {TaskTypeId(row.task_type_id): row.minutes for row in await connection.execute(query)}
