"""Questions about tasks: everybody is shown only those that he or she may view."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Uuid,
    any_,
    false,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.shared.ids import AccountId, InstanceId, OccasionId, TaskId, TaskTypeId, TenantId
from domain.work.states import TaskState
from domain.work.user_type import Powers, TaskPermission
from projections.paging import Page, PageRequest, page_of
from projections.work.occasions import ids_of
from projections.work.tasks import tasks, trail


@dataclass(frozen=True)
class Viewer:
    """Who asks; the same rules as `domain.work.rules.Action.VIEW`, for many tasks at once."""

    account_id: AccountId
    is_admin: bool
    powers: Powers | None

    @property
    def sees_no_todo(self) -> bool:
        return not self.is_admin and self.powers is not None and self.powers.read_only

    @property
    def may_view(self) -> bool:
        """Any task at all."""
        return self.is_admin or (
            self.powers is not None and TaskPermission.VIEW in self.powers.permissions
        )


@dataclass(frozen=True)
class TaskFilter:
    """None does not filter. `search` is part of a title, in any case."""

    occasion_id: OccasionId | None = None
    states: Sequence[TaskState] = ()
    task_type_id: TaskTypeId | None = None
    assignee_id: AccountId | None = None
    is_assigned: bool | None = None
    instance_id: InstanceId | None = None
    search: str | None = None


async def list_tasks(
    connection: AsyncConnection,
    tenant_id: TenantId,
    viewer: Viewer,
    wanted: TaskFilter,
    page: PageRequest,
) -> Page[Row[tuple[object, ...]]]:
    """In the order in which they were planned."""
    query = _shown_to(viewer, tenant_id).where(*_conditions(wanted))
    return await page_of(connection, query.order_by(tasks.c.position), page)


async def tasks_of_instance(
    connection: AsyncConnection, tenant_id: TenantId, viewer: Viewer, instance_id: InstanceId
) -> dict[TaskId, Row[tuple[object, ...]]]:
    """All of a workflow, by their ids, each with whether the viewer is `shown` it."""
    query = select(tasks, is_shown_to(viewer, tenant_id).label("shown")).where(
        tasks.c.tenant_id == tenant_id, tasks.c.instance_id == instance_id
    )
    return {TaskId(row.task_id): row for row in await connection.execute(query)}


async def todo_in_workflows(
    connection: AsyncConnection, tenant_id: TenantId, scopes: Collection[UUID]
) -> dict[InstanceId, int]:
    """How many tasks are to do in each workflow of these scopes that has some."""
    wanted = literal(sorted(scopes), ARRAY(Uuid))
    query = (
        select(tasks.c.instance_id, func.count())
        .where(tasks.c.tenant_id == tenant_id, tasks.c.scope_id == any_(wanted))
        .where(tasks.c.state == TaskState.TODO, tasks.c.instance_id.is_not(None))
        .group_by(tasks.c.instance_id)
    )
    return {InstanceId(which): count for which, count in await connection.execute(query)}


async def count_tasks(
    connection: AsyncConnection, tenant_id: TenantId, viewer: Viewer, wanted: TaskFilter
) -> dict[TaskState, int]:
    """How many there are in each state, of those that the viewer is shown."""
    shown = _shown_to(viewer, tenant_id).where(*_conditions(wanted)).subquery()
    query = select(shown.c.state, func.count()).group_by(shown.c.state)
    return {TaskState(state): count for state, count in await connection.execute(query)}


async def trail_of(
    connection: AsyncConnection,
    tenant_id: TenantId,
    task_id: TaskId,
    viewer: Viewer,
    page: PageRequest,
) -> Page[Row[tuple[object, ...]]]:
    """What became of a task, the first first; to a customer, from when somebody began it."""
    query = select(trail).where(trail.c.tenant_id == tenant_id, trail.c.task_id == task_id)
    if viewer.sees_no_todo:
        query = query.where(or_(trail.c.to_state.is_(None), trail.c.to_state != TaskState.TODO))
    return await page_of(connection, query.order_by(trail.c.number), page)


def is_shown_to(viewer: Viewer, tenant_id: TenantId) -> ColumnElement[bool]:
    """Of a row of `tasks`."""
    if viewer.is_admin:
        return true()
    if viewer.powers is None or not viewer.may_view:
        return false()
    eligible = literal(sorted(viewer.powers.task_types), ARRAY(Uuid))
    shown = tasks.c.scope_id.in_(ids_of(tenant_id, viewer.account_id)) & or_(
        tasks.c.task_type_id.is_(None), tasks.c.task_type_id == any_(eligible)
    )
    return shown & (tasks.c.state != TaskState.TODO) if viewer.sees_no_todo else shown


def _shown_to(viewer: Viewer, tenant_id: TenantId) -> Select[*tuple[Any, ...]]:
    return select(tasks).where(
        tasks.c.tenant_id == tenant_id, ~tasks.c.deleted, is_shown_to(viewer, tenant_id)
    )


def _conditions(wanted: TaskFilter) -> list[ColumnElement[bool]]:
    equal = {
        tasks.c.scope_id: wanted.occasion_id,
        tasks.c.task_type_id: wanted.task_type_id,
        tasks.c.assignee_id: wanted.assignee_id,
        tasks.c.instance_id: wanted.instance_id,
    }
    found = [column == value for column, value in equal.items() if value is not None]
    if wanted.states:
        found.append(tasks.c.state.in_(wanted.states))
    if wanted.is_assigned is not None:
        found.append(tasks.c.assignee_id.is_not(None) == wanted.is_assigned)
    if wanted.search is not None:
        found.append(tasks.c.title.icontains(wanted.search, autoescape=True))
    return found
