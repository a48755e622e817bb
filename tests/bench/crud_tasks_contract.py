"""What the CRUD peer with tasks takes and gives: the EventFlow contract's bodies."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_serializer
from pydantic.alias_generators import to_camel

from tests.bench.crud_tasks_tables import Instance

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class State(StrEnum):
    TODO = "TODO"
    IN_PROGRESS = "IN_PROGRESS"
    BLOCKED = "BLOCKED"
    DONE = "DONE"
    SKIPPED = "SKIPPED"


FOLLOWS = {
    "todo": {"in_progress"},
    "in_progress": {"done", "blocked"},
    "blocked": {"in_progress"},
}


class In(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


class Out(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True)


class TransitionIn(In):
    to_state: State
    reason: Reason


class InstantiateIn(In):
    template_id: UUID
    event_id: UUID
    name: Name = ""
    version: Annotated[int, Field(ge=1)] | None = None


class TaskOut(Out):
    id: UUID
    event_id: Annotated[UUID, Field(validation_alias="occasion_id")]
    task_type_id: UUID | None
    title: str
    description: str
    state: str
    blocked_by: str | None
    assignee_id: UUID | None
    workflow_instance_id: Annotated[UUID | None, Field(validation_alias="instance_id")]
    node_id: str | None
    corrects_task_id: UUID | None = None
    created_by: UUID
    created_at: datetime
    updated_at: datetime

    @field_serializer("state")
    def as_spelt(self, state: str) -> str:
        return state.upper()


class ProgressOut(Out):
    total: int
    done: int = 0
    skipped: int = 0
    open: int
    percent: int = 0


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
    def started(cls, instance: Instance, tasks: int) -> "InstanceOut":
        return cls(
            id=instance.id,
            template_id=instance.template_id,
            template_version=instance.version,
            event_id=instance.occasion_id,
            name=instance.name,
            progress=ProgressOut(total=tasks, open=tasks),
            started_at=instance.started_at,
            updated_at=instance.started_at,
        )
