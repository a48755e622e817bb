"""Templates and their versions."""

from sqlalchemy import Boolean, Column, DateTime, Integer, Row, Table, Text, Uuid, and_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.shared.ids import TemplateId, TenantId
from domain.workflow.template import Template
from projections.read_model import ReadModel
from projections.rows import Rows
from projections.workflow.drawings import edges_json, nodes_json

model = ReadModel("workflow.templates", version=1, cached=True)

templates = model.keep(
    Table(
        "templates",
        model.metadata,
        Column("template_id", Uuid, primary_key=True),
        Column("tenant_id", Uuid, nullable=False, index=True),
        Column("name", Text, nullable=False),
        Column("description", Text, nullable=False),
        Column("newest", Integer, nullable=False),
        Column("nodes", Integer, nullable=False),
        Column("edges", Integer, nullable=False),
        Column("active", Boolean, nullable=False),
        Column("saved_at", DateTime(timezone=True), nullable=False),
    ),
    by=["originator_id"],
)
versions = Table(
    "template_versions",
    model.metadata,
    Column("template_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("nodes", JSONB, nullable=False),
    Column("edges", JSONB, nullable=False),
    Column("saved_at", DateTime(timezone=True), nullable=False),
)
"""Appended to alone."""


@model.on(Template.Drawn)
def template_drawn(event: Template.Drawn, rows: Rows) -> None:
    rows[templates].insert(
        template_id=event.originator_id,
        name=event.name,
        description=event.description,
        newest=1,
        nodes=len(event.nodes),
        edges=len(event.edges),
        active=True,
        saved_at=event.timestamp,
    )
    _saved(event, 1, rows)


@model.on(Template.Revised)
def template_revised(event: Template.Revised, rows: Rows) -> None:
    template = rows[templates][event.originator_id]
    template.description = event.description
    template.newest = event.number
    template.nodes = len(event.nodes)
    template.edges = len(event.edges)
    template.saved_at = event.timestamp
    _saved(event, event.number, rows)


@model.on(Template.Retired)
def template_retired(event: Template.Retired, rows: Rows) -> None:
    rows[templates][event.originator_id].active = False


@model.on(Template.Reopened)
def template_reopened(event: Template.Reopened, rows: Rows) -> None:
    rows[templates][event.originator_id].active = True


def _saved(event: Template.Drawn | Template.Revised, number: int, rows: Rows) -> None:
    rows[versions].insert(
        template_id=event.originator_id,
        number=number,
        nodes=nodes_json(event.nodes),
        edges=edges_json(event.edges),
        saved_at=event.timestamp,
    )


async def every_template(
    connection: AsyncConnection, tenant_id: TenantId
) -> list[Row[tuple[object, ...]]]:
    """By name, retired or not."""
    query = select(templates).where(templates.c.tenant_id == tenant_id)
    return list((await connection.execute(query.order_by(templates.c.name))).all())


async def find_template(
    connection: AsyncConnection, tenant_id: TenantId, template_id: TemplateId, number: int | None
) -> Row[tuple[object, ...]] | None:
    """One version, the newest when None is given, with its drawing."""
    wanted = templates.c.newest if number is None else number
    query = (
        select(
            templates,
            versions.c.number,
            versions.c.nodes.label("drawn"),
            versions.c.edges.label("arrows"),
        )
        .join(
            versions,
            and_(versions.c.template_id == templates.c.template_id, versions.c.number == wanted),
        )
        .where(templates.c.tenant_id == tenant_id, templates.c.template_id == template_id)
    )
    return (await connection.execute(query)).one_or_none()
