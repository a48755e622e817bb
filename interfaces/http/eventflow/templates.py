"""Templates of workflows."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from application.processes.workflows import ReopenTemplate, RetireTemplate, SaveTemplate
from domain.shared.ids import TemplateId
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.conditional import Known, Seen
from interfaces.http.eventflow.common import ListOut
from interfaces.http.eventflow.dialect import eventflow_router
from interfaces.http.eventflow.remembering import REMEMBERED, remembered_list
from interfaces.http.eventflow.template_schemas import DrawnTemplateOut, TemplateIn, TemplateOut
from interfaces.http.listing import existing
from projections.workflow.drawings import graph_from
from projections.workflow.templates import every_template, find_template, model

router = eventflow_router()
READ = needs("workflows:read:own")


@router.get(
    "/api/workflow-templates",
    tags=["workflows"],
    dependencies=[READ],
    response_model=ListOut[TemplateOut],
    responses=REMEMBERED,
)
async def get_templates(call: Call, known: Known) -> Response:
    """Templates, by name; retired ones too."""
    return await remembered_list(call, known, every_template, TemplateOut.of_row, model.name)


@router.post("/api/workflow-templates", tags=["workflows"], dependencies=[needs(SaveTemplate)])
async def save_template(body: TemplateIn, call: Call, seen: Seen) -> TemplateOut:
    """Save a drawing: as a new template or, where the name is known, as its next version. Instances
    keep the version that they were started from. What is wrong is told by node and edge; a cycle by
    its path. If-Match names the version that it was made of, such as ``"2"``.
    """
    command = SaveTemplate(
        body.name,
        body.description,
        tuple(node.node for node in body.nodes),
        tuple(edge.edge for edge in body.edges),
        seen,
    )
    return await call.run(command, TemplateOut.of)


@router.get("/api/workflow-templates/{templateId}", tags=["workflows"], dependencies=[READ])
async def get_template(
    templateId: UUID, call: Call, version: Annotated[int | None, Query(ge=1, le=1_000_000)] = None
) -> DrawnTemplateOut:
    """A template as it is drawn, in its newest version or another one."""
    row = await call.ask(find_template, call.actor.tenant_id, TemplateId(templateId), version)
    found = existing(row, "template", templateId)
    return DrawnTemplateOut.of(found, graph_from(found.drawn, found.arrows))


@router.post(
    "/api/workflow-templates/{templateId}/retire",
    tags=["workflows"],
    dependencies=[needs(RetireTemplate)],
)
async def retire_template(templateId: UUID, call: Call) -> TemplateOut:
    """Let nothing new be started from a template; what runs goes on."""
    return await call.run(RetireTemplate(TemplateId(templateId)), TemplateOut.of)


@router.post(
    "/api/workflow-templates/{templateId}/reopen",
    tags=["workflows"],
    dependencies=[needs(ReopenTemplate)],
)
async def reopen_template(templateId: UUID, call: Call) -> TemplateOut:
    """Start from a retired template again."""
    return await call.run(ReopenTemplate(TemplateId(templateId)), TemplateOut.of)
