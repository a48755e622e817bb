"""Starting a workflow in the CRUD peer: its rows are made where the template's are, in Postgres."""

from uuid import uuid4

from fastapi import HTTPException
from sqlalchemy import ColumnElement, and_, case, exists, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from tests.bench.crud_tasks_contract import InstanceOut, InstantiateIn
from tests.bench.crud_tasks_tables import (
    AuditEntry,
    Dependency,
    Instance,
    Member,
    Occasion,
    Task,
    TaskType,
    Template,
    TemplateEdge,
    TemplateNode,
    Transition,
    User,
    UserType,
    now,
)
from tests.bench.peer_contract import Caller


async def instantiate(
    body: InstantiateIn, caller: Caller, request_id: str, session: AsyncSession
) -> InstanceOut:
    """No cycle is looked for: the template was checked when it was saved."""
    template, tasks = await _template(body, caller, session)
    instance = Instance(
        id=uuid4(),
        tenant_id=caller.tenant,
        template_id=template.id,
        version=template.version,
        occasion_id=body.event_id,
        name=body.name or template.name,
        started_at=now(),
    )
    session.add(instance)
    await session.flush()
    await _add_tasks(instance, caller, session)
    await _add_dependencies(instance, session)
    await _tell(instance, caller, request_id, session)
    answer = InstanceOut.started(instance, tasks)
    session.add(
        AuditEntry(
            actor=caller.id,
            entity="instance",
            entity_id=instance.id,
            action="started",
            after=answer.model_dump(mode="json"),
            request_id=request_id,
        )
    )
    await session.commit()
    return answer


async def _template(
    body: InstantiateIn, caller: Caller, session: AsyncSession
) -> tuple[Template, int]:
    """It and how many tasks it makes. One query for whether it is there, may be started, and by
    this caller for this event.
    """
    nodes = select(func.count()).where(TemplateNode.template_id == Template.id).scalar_subquery()
    retired = exists(
        select(TaskType.id)
        .join(TemplateNode, TemplateNode.task_type_id == TaskType.id)
        .where(TemplateNode.template_id == Template.id, ~TaskType.active)
    )
    its_member = and_(Member.occasion_id == Occasion.id, Member.user_id == User.id)
    found = await session.execute(
        select(Template, User, UserType, Member.user_id, retired, nodes)
        .select_from(Template)
        .join(User, User.id == caller.id)
        .join(UserType, UserType.id == User.user_type_id)
        .join(Occasion, Occasion.id == body.event_id)
        .outerjoin(Member, its_member)
        .where(
            Template.id == body.template_id,
            *(each.tenant_id == caller.tenant for each in (Template, User, Occasion)),
        )
    )
    row = found.one_or_none()
    if row is None or body.version not in {None, row[0].version}:
        raise HTTPException(404, "no such template or event")
    template, user, user_type, member, has_retired, tasks = row
    may = member is not None and not user_type.read_only and "assign" in user_type.permissions
    if not user.is_admin and not may:
        raise HTTPException(403, "may not start workflows here")
    if has_retired or not template.active:
        raise HTTPException(400, "the template or one of its types is retired")
    return template, tasks


async def _add_tasks(instance: Instance, caller: Caller, session: AsyncSession) -> None:
    waits = exists(
        select(TemplateEdge.child).where(
            TemplateEdge.template_id == TemplateNode.template_id,
            TemplateEdge.child == TemplateNode.node_id,
        )
    )
    made = {
        "id": func.gen_random_uuid(),
        "tenant_id": literal(instance.tenant_id),
        "occasion_id": literal(instance.occasion_id),
        "task_type_id": TemplateNode.task_type_id,
        "title": TemplateNode.title,
        "description": TemplateNode.description,
        "state": case((waits, "blocked"), else_="todo"),
        "blocked_by": case((waits, "waiting")),
        "instance_id": literal(instance.id),
        "node_id": TemplateNode.node_id,
        "created_by": literal(caller.id),
        "created_at": literal(instance.started_at),
        "updated_at": literal(instance.started_at),
    }
    rows = select(*made.values()).where(TemplateNode.template_id == instance.template_id)
    await session.execute(insert(Task).from_select([*made], rows, include_defaults=False))


async def _add_dependencies(instance: Instance, session: AsyncSession) -> None:
    parent, child = aliased(Task), aliased(Task)
    rows = (
        select(parent.id, child.id)
        .select_from(TemplateEdge)
        .join(parent, and_(parent.node_id == TemplateEdge.parent, _of(instance, parent)))
        .join(child, and_(child.node_id == TemplateEdge.child, _of(instance, child)))
        .where(TemplateEdge.template_id == instance.template_id)
    )
    await session.execute(insert(Dependency).from_select(["parent_id", "child_id"], rows))


def _of(instance: Instance, task: type[Task]) -> ColumnElement[bool]:
    return task.instance_id == instance.id


async def _tell(instance: Instance, caller: Caller, request_id: str, session: AsyncSession) -> None:
    """In the trail and the audit, about each task."""
    trail = select(
        *(Task.id, literal("planned"), Task.state, literal(""), literal(caller.id))
    ).where(_of(instance, Task))
    columns = ("task_id", "what", "to_state", "reason", "by")
    await session.execute(insert(Transition).from_select(columns, trail, include_defaults=False))
    entries = select(
        *(literal(caller.id), literal("task"), Task.id, literal("planned")),
        *(func.to_jsonb(Task.__table__.table_valued()), literal(request_id)),
    ).where(_of(instance, Task))
    columns = ("actor", "entity", "entity_id", "action", "after", "request_id")
    await session.execute(insert(AuditEntry).from_select(columns, entries))
