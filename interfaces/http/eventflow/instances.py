"""Instances of workflows: started, listed, drawn."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Response

from application.processes.workflows import StartInstance
from domain.shared.errors import NotFound
from domain.shared.ids import InstanceId, OccasionId, ScopeId, TemplateId
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.eventflow.common import PageOut, given
from interfaces.http.eventflow.dialect import eventflow_router
from interfaces.http.eventflow.drawn import drawn_for
from interfaces.http.eventflow.graph_schemas import GraphOut
from interfaces.http.eventflow.instance_schemas import InstanceOut, InstantiateIn
from interfaces.http.eventflow.picture import pictured
from interfaces.http.eventflow.viewing import EVERY_TASK, must_be_in, viewer_of
from interfaces.http.listing import Paging, Row
from projections.work.occasions import occasions_of
from projections.work.task_queries import Viewer, todo_in_workflows
from projections.workflow.instances import InstanceFilter, find_instance, list_instances

router = eventflow_router()
READ = needs("workflows:read:own")
SVG = "image/svg+xml"


@router.post("/api/workflows/instantiate", tags=["workflows"], dependencies=[needs(StartInstance)])
async def instantiate_workflow(body: InstantiateIn, call: Call) -> InstanceOut:
    """Start a workflow: all its tasks and what they wait for, in one step or not at all. Tasks that
    wait for nothing can be begun at once.
    """
    template, event = TemplateId(body.template_id), ScopeId(body.event_id)
    return await call.run(StartInstance(template, event, body.name, body.version), InstanceOut.of)


@router.get("/api/workflow-instances", tags=["workflows"], dependencies=[READ])
async def get_instances(
    call: Call,
    paging: Paging,
    event_id: Annotated[UUID | None, Query(alias="eventId")] = None,
    template_id: Annotated[UUID | None, Query(alias="templateId")] = None,
    over: Annotated[bool | None, Query(description="Whether everything is done.")] = None,
) -> PageOut[InstanceOut]:
    """Workflows of one event, or of all of the caller's, the newest first, and how far each is."""
    viewer, tenant_id = await viewer_of(call), call.actor.tenant_id
    if event_id is not None:
        await must_be_in(call, OccasionId(event_id))
    scopes = None
    if not viewer.is_admin:
        scopes = await call.ask(occasions_of, tenant_id, viewer.account_id)
    hidden = await _hidden(call, viewer, scopes or ())
    ids = given(ScopeId, event_id), given(TemplateId, template_id)
    wanted = InstanceFilter(*ids, over, hidden)
    page = await call.ask(list_instances, tenant_id, scopes, wanted, paging)
    rows = [InstanceOut.of_row(row, hidden.get(row.instance_id, 0)) for row in page.items]
    return PageOut[InstanceOut].of(page, rows)


@router.get("/api/workflow-instances/{instanceId}", tags=["workflows"], dependencies=[READ])
async def get_instance(instanceId: UUID, call: Call) -> InstanceOut:
    """One workflow of an event of the caller's, and how far it is."""
    viewer = await viewer_of(call)
    row = await _own(call, viewer, InstanceId(instanceId))
    hidden = await _hidden(call, viewer, [row.scope_id])
    return InstanceOut.of_row(row, hidden.get(row.instance_id, 0))


@router.get(
    "/api/workflow-instances/{instanceId}/graph",
    tags=["workflows"],
    dependencies=[READ],
    response_model=GraphOut,
    responses={200: {"content": {SVG: {"schema": {"type": "string"}}}}},
)
async def get_graph(
    instanceId: UUID,
    call: Call,
    format: Annotated[Literal["json", "svg"], Query(description="`svg` is a picture.")] = "json",  # noqa: A002
) -> Response:
    """The workflow as it is drawn, with the state of each task that the caller may view, how long
    what is left takes, and what must not be late for that: the critical path.
    """
    viewer = await viewer_of(call)
    row = await _own(call, viewer, InstanceId(instanceId))
    hidden = await _hidden(call, viewer, [row.scope_id])
    drawing = await drawn_for(call, viewer, row, hidden.get(row.instance_id, 0))
    if format == "svg":
        return Response(pictured(drawing), media_type=SVG)
    return Response(drawing.model_dump_json(by_alias=True), media_type="application/json")


async def _own(call: Call, viewer: Viewer, instance_id: InstanceId) -> Row:
    """Raises NotFound for what is out of the caller's scope, too."""
    tenant_id = call.actor.tenant_id
    row: Row = await call.ask(find_instance, tenant_id, instance_id)
    if row is not None and not call.actor.may(EVERY_TASK):
        own = await call.ask(occasions_of, tenant_id, viewer.account_id)
        row = row if row.scope_id in own else None
    if row is None:
        raise NotFound("instance", instance_id)
    return row


async def _hidden(call: Call, viewer: Viewer, scopes: Sequence[UUID]) -> dict[InstanceId, int]:
    """How many tasks of each workflow a customer is not to know of."""
    if not viewer.sees_no_todo:
        return {}
    return await call.ask(todo_in_workflows, call.actor.tenant_id, scopes)
