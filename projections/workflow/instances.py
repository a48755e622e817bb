"""Instances of workflows: how far each is, and as what it is drawn now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    Index,
    Integer,
    Row,
    Select,
    Table,
    Text,
    Uuid,
    any_,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.shared.aggregate import Event
from domain.shared.ids import InstanceId, ScopeId, TaskId, TemplateId, TenantId
from domain.workflow.graph import Node
from domain.workflow.instance import Instance
from domain.workflow.joins import NodeState
from projections.paging import Page, PageRequest, page_of
from projections.read_model import ReadModel
from projections.rows import Rows
from projections.workflow.drawings import edges_json, nodes_json

model = ReadModel("workflow.instances", version=1)

instances = model.keep(
    Table(
        "instances",
        model.metadata,
        Column("instance_id", Uuid, primary_key=True),
        Column("tenant_id", Uuid, nullable=False),
        Column("template_id", Uuid, nullable=False),
        Column("number", Integer, nullable=False),
        Column("scope_id", Uuid, nullable=False),
        Column("name", Text, nullable=False),
        Column("total", Integer, nullable=False),
        Column("done", Integer, nullable=False),
        Column("skipped", Integer, nullable=False),
        Column("started_at", DateTime(timezone=True), nullable=False),
        Column("changed_at", DateTime(timezone=True), nullable=False),
        Index("instances_scope_idx", "tenant_id", "scope_id", "started_at"),
        Index("instances_tenant_idx", "tenant_id", "started_at", "instance_id"),
    ),
    by=["originator_id"],
)
drawings = Table(
    "drawings",
    model.metadata,
    Column("instance_id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("nodes", JSONB, nullable=False),
    Column("edges", JSONB, nullable=False),
    Column("tasks", JSONB, nullable=False),
)
"""Apart, for they change seldom; `tasks` are those of the nodes, in their order."""


@model.on(Instance.Started)
def instance_started(event: Instance.Started, rows: Rows) -> None:
    rows[instances].insert(
        instance_id=event.originator_id,
        template_id=event.template_id,
        number=event.number,
        scope_id=event.scope_id,
        name=event.name,
        total=len(event.nodes),
        done=0,
        skipped=0,
        started_at=event.timestamp,
        changed_at=event.timestamp,
    )
    _drawn(event, event.tasks, rows)


@model.on(Instance.NodeFinished)
def node_finished(event: Instance.NodeFinished, rows: Rows) -> None:
    rows[instances][event.originator_id].done += 1
    _changed(event, rows)


@model.on(Instance.NodeSkipped)
def node_skipped(event: Instance.NodeSkipped, rows: Rows) -> None:
    rows[instances][event.originator_id].skipped += 1
    _changed(event, rows)


@model.on(Instance.NodesSettled)
def nodes_settled(event: Instance.NodesSettled, rows: Rows) -> None:
    rows[instances][event.originator_id].skipped += len(event.skipped)
    _changed(event, rows)


@model.on(Instance.NodeAdded)
def node_added(event: Instance.NodeAdded, rows: Rows) -> None:
    rows[instances][event.originator_id].total += 1
    _changed(event, rows)
    drawing = rows[drawings][event.originator_id]
    drawing.nodes = [*drawing.nodes, *nodes_json([event.node])]
    into = [[parent, event.node.id] for parent in event.parents]
    out_of = [[event.node.id, child] for child in event.children]
    drawing.edges = [*drawing.edges, *into, *out_of]
    drawing.tasks = [*drawing.tasks, str(event.task_id)]


@model.on(Instance.NodeReplaced)
def node_replaced(event: Instance.NodeReplaced, rows: Rows) -> None:
    _changed(event, rows)
    drawing = rows[drawings][event.originator_id]
    place = _place_of(event.node, drawing.nodes)
    drawing.nodes = [*drawing.nodes[:place], *nodes_json([event.node]), *drawing.nodes[place + 1 :]]
    drawing.tasks = [*drawing.tasks[:place], str(event.task_id), *drawing.tasks[place + 1 :]]


@model.on(Instance.Migrated)
def instance_migrated(event: Instance.Migrated, rows: Rows) -> None:
    instance = rows[instances][event.originator_id]
    instance.number = event.number
    instance.total = len(event.nodes)
    instance.done = event.states.count(NodeState.DONE)
    instance.skipped = event.states.count(NodeState.SKIPPED)
    _changed(event, rows)
    _drawn(event, event.tasks, rows)


def _changed(event: Event, rows: Rows) -> None:
    rows[instances][event.originator_id].changed_at = event.timestamp


def _drawn(
    event: Instance.Started | Instance.Migrated, tasks: Sequence[TaskId], rows: Rows
) -> None:
    rows[drawings].insert(
        instance_id=event.originator_id,
        nodes=nodes_json(event.nodes),
        edges=edges_json(event.edges),
        tasks=[str(task) for task in tasks],
    )


def _place_of(node: Node, nodes: Sequence[dict[str, object]]) -> int:
    return next(place for place, each in enumerate(nodes) if each["id"] == node.id)


@dataclass(frozen=True)
class InstanceFilter:
    """None does not filter. `hidden` nodes, so many of each instance, count for nothing."""

    scope_id: ScopeId | None = None
    template_id: TemplateId | None = None
    is_over: bool | None = None
    hidden: Mapping[InstanceId, int] = field(default_factory=dict)


async def list_instances(
    connection: AsyncConnection,
    tenant_id: TenantId,
    scopes: Sequence[UUID] | None,
    wanted: InstanceFilter,
    page: PageRequest,
) -> Page[Row[tuple[object, ...]]]:
    """The newest first; of these scopes, or, with None, of all."""
    query = _of(tenant_id, scopes)
    if wanted.scope_id is not None:
        query = query.where(instances.c.scope_id == wanted.scope_id)
    if wanted.template_id is not None:
        query = query.where(instances.c.template_id == wanted.template_id)
    if wanted.is_over is not None:
        over = _left_of(wanted.hidden) == 0
        query = query.where(over if wanted.is_over else ~over)
    newest = query.order_by(instances.c.started_at.desc(), instances.c.instance_id)
    return await page_of(connection, newest, page)


async def find_instance(
    connection: AsyncConnection, tenant_id: TenantId, instance_id: InstanceId
) -> Row[tuple[object, ...]] | None:
    """With its drawing."""
    query = (
        select(
            instances,
            drawings.c.nodes.label("nodes"),
            drawings.c.edges.label("edges"),
            drawings.c.tasks.label("tasks"),
        )
        .join(drawings, drawings.c.instance_id == instances.c.instance_id)
        .where(instances.c.tenant_id == tenant_id, instances.c.instance_id == instance_id)
    )
    return (await connection.execute(query)).one_or_none()


def _left_of(hidden: Mapping[InstanceId, int]) -> ColumnElement[int]:
    """How many nodes are neither done nor skipped, nor hidden."""
    left = instances.c.total - instances.c.done - instances.c.skipped
    if not hidden:
        return left
    # One parameter, however many there are.
    counts = literal({str(which): count for which, count in hidden.items()}, JSONB)
    return left - func.coalesce(counts[cast(instances.c.instance_id, Text)].as_integer(), 0)


def _of(tenant_id: TenantId, scopes: Sequence[UUID] | None) -> Select[tuple[object, ...]]:
    query = select(instances).where(instances.c.tenant_id == tenant_id)
    if scopes is not None:
        # One parameter, however many there are.
        query = query.where(instances.c.scope_id == any_(literal(sorted(scopes), ARRAY(Uuid))))
    return query
