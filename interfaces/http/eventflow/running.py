"""Changing a workflow that runs: each change with its reason."""

from functools import partial
from uuid import UUID

from application.processes.running_workflows import (
    AddNode,
    MigrateInstance,
    ReplaceNode,
    SkipNode,
    planned_migration,
)
from domain.shared.ids import InstanceId
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.eventflow.dialect import eventflow_router
from interfaces.http.eventflow.graph_schemas import MigrationOut
from interfaces.http.eventflow.instance_schemas import (
    AddNodeIn,
    InstanceOut,
    MigrateIn,
    MigrationPlanIn,
    ReplacementIn,
)
from interfaces.http.eventflow.task_schemas import ReasonIn

router = eventflow_router()


@router.post(
    "/api/workflow-instances/{instanceId}/nodes",
    tags=["workflows"],
    dependencies=[needs(AddNode)],
)
async def add_node(instanceId: UUID, body: AddNodeIn, call: Call) -> InstanceOut:
    """Add a node, with its task, between others; its children must wait still."""
    command = AddNode(
        InstanceId(instanceId), body.node.node, body.parents, body.children, body.reason
    )
    return await call.run(command, InstanceOut.of)


@router.post(
    "/api/workflow-instances/{instanceId}/nodes/{nodeId}/skip",
    tags=["workflows"],
    dependencies=[needs(SkipNode)],
)
async def skip_node(instanceId: UUID, nodeId: str, body: ReasonIn, call: Call) -> InstanceOut:
    """Go on without a node: it holds up nothing, and what could only have come of it is skipped,
    too. What is done stays so.
    """
    return await call.run(SkipNode(InstanceId(instanceId), nodeId, body.reason), InstanceOut.of)


@router.post(
    "/api/workflow-instances/{instanceId}/nodes/{nodeId}/replace",
    tags=["workflows"],
    dependencies=[needs(ReplaceNode)],
)
async def replace_node(
    instanceId: UUID, nodeId: str, body: ReplacementIn, call: Call
) -> InstanceOut:
    """Let another task take the place of a node's, which is skipped."""
    command = ReplaceNode(InstanceId(instanceId), body.node(nodeId), body.reason)
    return await call.run(command, InstanceOut.of)


@router.post(
    "/api/workflow-instances/{instanceId}/migrate",
    tags=["workflows"],
    dependencies=[needs(MigrateInstance)],
)
async def migrate_instance(instanceId: UUID, body: MigrateIn, call: Call) -> InstanceOut:
    """Go on with a newer version of the template, or, with everything told that is in the way, as
    before. Tasks of nodes that are kept stay what they are.
    """
    command = MigrateInstance(InstanceId(instanceId), body.mapping, body.reason, body.version)
    return await call.run(command, InstanceOut.of)


@router.post(
    "/api/workflow-instances/{instanceId}/migrate/dry-run",
    tags=["workflows"],
    dependencies=[needs("workflows:write:own")],
)
async def plan_migration(instanceId: UUID, body: MigrationPlanIn, call: Call) -> MigrationOut:
    """What migrating would make of the instance, and what is in the way; nothing is changed."""
    instance_id = InstanceId(instanceId)
    asked = partial(planned_migration, instance_id, body.mapping, body.version)
    return MigrationOut.of((await call.look(asked)).migration)
