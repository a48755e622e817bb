"""Starting a workflow in the CRUD peer: its rows are made where the template's are, in Postgres."""

from uuid import uuid4

from fastapi import HTTPException
from sqlalchemy import (
    DateTime,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    select,
)
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

_TEMPLATE = TemplateNode.template_id == bindparam("template_id")
_INSTANCE = bindparam("instance_id", type_=Uuid)
_WAITS = exists(
    select(TemplateEdge.child).where(
        TemplateEdge.template_id == TemplateNode.template_id,
        TemplateEdge.child == TemplateNode.node_id,
    )
)
_RETIRED = exists(
    select(TaskType.id)
    .join(TemplateNode, TemplateNode.task_type_id == TaskType.id)
    .where(TemplateNode.template_id == Template.id, ~TaskType.active)
)
_NODES = select(func.count()).where(TemplateNode.template_id == Template.id).scalar_subquery()
_TEMPLATE_AND_RIGHTS = (
    select(
        *(Template, User.is_admin, UserType.read_only, UserType.permissions),
        *(Member.user_id, _RETIRED, _NODES),
    )
    .select_from(Template)
    .join(User, User.id == bindparam("user_id"))
    .join(UserType, UserType.id == User.user_type_id)
    .join(Occasion, Occasion.id == bindparam("occasion_id"))
    .outerjoin(Member, and_(Member.occasion_id == Occasion.id, Member.user_id == User.id))
    .where(
        Template.id == bindparam("template_id"),
        *(each.tenant_id == bindparam("tenant_id") for each in (Template, User, Occasion)),
    )
)
_MADE = {
    "id": func.gen_random_uuid(),
    "tenant_id": bindparam("tenant_id", type_=Uuid),
    "occasion_id": bindparam("occasion_id", type_=Uuid),
    "task_type_id": TemplateNode.task_type_id,
    "title": TemplateNode.title,
    "description": TemplateNode.description,
    "state": case((_WAITS, "blocked"), else_="todo"),
    "blocked_by": case((_WAITS, "waiting")),
    "instance_id": _INSTANCE,
    "node_id": TemplateNode.node_id,
    "created_by": bindparam("by", type_=Uuid),
    "created_at": bindparam("at", type_=DateTime(timezone=True)),
    "updated_at": bindparam("at", type_=DateTime(timezone=True)),
}
_TASKS = insert(Task.__table__).from_select(
    [*_MADE], select(*_MADE.values()).where(_TEMPLATE), include_defaults=False
)
_PARENT, _CHILD = aliased(Task), aliased(Task)
_DEPENDENCIES = insert(Dependency.__table__).from_select(
    ["parent_id", "child_id"],
    select(_PARENT.id, _CHILD.id)
    .select_from(TemplateEdge)
    .join(_PARENT, and_(_PARENT.node_id == TemplateEdge.parent, _PARENT.instance_id == _INSTANCE))
    .join(_CHILD, and_(_CHILD.node_id == TemplateEdge.child, _CHILD.instance_id == _INSTANCE))
    .where(TemplateEdge.template_id == bindparam("template_id")),
)
_TRAIL = insert(Transition.__table__).from_select(
    ["task_id", "what", "to_state", "reason", "by"],
    select(Task.id, literal("planned"), Task.state, literal(""), Task.created_by).where(
        Task.instance_id == _INSTANCE
    ),
    include_defaults=False,
)
_AUDIT = insert(AuditEntry.__table__).from_select(
    ["actor", "entity", "entity_id", "action", "after", "request_id"],
    select(
        *(Task.created_by, literal("task"), Task.id, literal("planned")),
        *(func.to_jsonb(Task.__table__.table_valued()), bindparam("request_id", type_=Text)),
    ).where(Task.instance_id == _INSTANCE),
)


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
    answer = InstanceOut.started(instance, tasks)
    session.add(instance)
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
    await session.flush()
    await _add_tasks(instance, caller, request_id, session)
    await session.commit()
    return answer


async def _template(
    body: InstantiateIn, caller: Caller, session: AsyncSession
) -> tuple[Template, int]:
    """It and how many tasks it makes. One query for whether it is there, may be started, and by
    this caller for this event.
    """
    asked = {
        "template_id": body.template_id,
        "occasion_id": body.event_id,
        "user_id": caller.id,
        "tenant_id": caller.tenant,
    }
    row = (await session.execute(_TEMPLATE_AND_RIGHTS, asked)).one_or_none()
    if row is None or body.version not in {None, row[0].version}:
        raise HTTPException(404, "no such template or event")
    template, is_admin, read_only, permissions, member, has_retired, tasks = row
    may = member is not None and not read_only and "assign" in permissions
    if not is_admin and not may:
        raise HTTPException(403, "may not start workflows here")
    if has_retired or not template.active:
        raise HTTPException(400, "the template or one of its types is retired")
    return template, tasks


async def _add_tasks(
    instance: Instance, caller: Caller, request_id: str, session: AsyncSession
) -> None:
    """With what they wait for, and of each a line in trail and audit."""
    its = {"instance_id": instance.id}
    made = {
        "tenant_id": instance.tenant_id,
        "occasion_id": instance.occasion_id,
        "by": caller.id,
        "at": instance.started_at,
    }
    drawn = {"template_id": instance.template_id}
    await session.execute(_TASKS, its | drawn | made)
    await session.execute(_DEPENDENCIES, its | drawn)
    await session.execute(_TRAIL, its)
    await session.execute(_AUDIT, its | {"request_id": request_id})
