"""Bodies of instances, and of changes of what runs."""

from collections import Counter
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from domain.shared.ids import TaskTypeId
from domain.workflow.graph import MOST_NODES, Node
from domain.workflow.instance import Instance
from domain.workflow.joins import NodeState
from interfaces.http.eventflow.common import AN_ID, In, Out
from interfaces.http.eventflow.task_schemas import Description
from interfaces.http.eventflow.template_schemas import JoinIn, NodeId, NodeIn
from interfaces.http.fields import Reason, Storable, Text, Whole, example
from interfaces.http.listing import Row

Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), Storable]
_NODE = {"id": "cake", "title": "Order the cake", "taskTypeId": AN_ID}


class InstantiateIn(In):
    """`version` is the newest, and the name the template's, where they are left out."""

    model_config = example(templateId=AN_ID, eventId=AN_ID, name="Wedding of Ana and Ben")

    template_id: UUID
    event_id: UUID
    name: Name = ""
    version: Annotated[Whole, Field(ge=1)] | None = None


class AddNodeIn(In):
    model_config = example(
        node=_NODE, parents=["menu"], children=["serve"], reason="They want a cake after all."
    )

    node: NodeIn
    parents: Annotated[tuple[NodeId, ...], Field(max_length=MOST_NODES)] = ()
    children: Annotated[tuple[NodeId, ...], Field(max_length=MOST_NODES)] = ()
    reason: Reason


class ReplacementIn(In):
    model_config = example(title="Bake the cake", taskTypeId=AN_ID, reason="The baker is ill.")

    title: Text
    task_type_id: UUID
    description: Description = ""
    join: JoinIn = JoinIn()
    reason: Reason

    def node(self, node_id: str) -> Node:
        kind = TaskTypeId(self.task_type_id)
        return Node(node_id, self.title, kind, self.join.join, self.description)


class MigrationPlanIn(In):
    """`mapping` says which node of the new version an old one becomes; null drops it, and what is
    not mentioned becomes the node of the same id, or is dropped where there is none. `version` is
    the newest where it is left out.
    """

    model_config = example(mapping={"cake": "dessert"})

    mapping: Annotated[
        dict[NodeId, NodeId | None], Field(default_factory=dict, max_length=MOST_NODES)
    ]
    version: Annotated[Whole, Field(ge=1)] | None = None


class MigrateIn(MigrationPlanIn):
    model_config = example(mapping={"cake": "dessert"}, reason="The menu changed.")

    reason: Reason


class ProgressOut(Out):
    total: int
    done: int
    skipped: int
    open: int
    percent: int
    """Of what is not skipped, how much is done, rounded down."""

    @classmethod
    def of(cls, total: int, done: int, skipped: int) -> Self:
        wanted = total - skipped
        percent = 100 if wanted == 0 else done * 100 // wanted
        return cls(total=total, done=done, skipped=skipped, open=wanted - done, percent=percent)


class InstanceOut(Out):
    id: UUID
    template_id: UUID
    template_version: int
    event_id: UUID
    name: str
    progress: ProgressOut
    started_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, instance: Instance) -> Self:
        counts = Counter(instance.states.values())
        return cls(
            id=instance.id,
            template_id=instance.template_id,
            template_version=instance.number,
            event_id=instance.scope_id,
            name=instance.name,
            progress=ProgressOut.of(
                counts.total(), counts[NodeState.DONE], counts[NodeState.SKIPPED]
            ),
            started_at=instance.created_on,
            updated_at=instance.modified_on,
        )

    @classmethod
    def of_row(cls, row: Row, hidden: int = 0) -> Self:
        """`hidden` are tasks that whoever asks is not to know of."""
        return cls(
            id=row.instance_id,
            template_id=row.template_id,
            template_version=row.number,
            event_id=row.scope_id,
            name=row.name,
            progress=ProgressOut.of(row.total - hidden, row.done, row.skipped),
            started_at=row.started_at,
            updated_at=row.changed_at,
        )
