"""Bodies of an instance as it is drawn, scheduled and migrated."""

from collections.abc import Mapping
from typing import Any, Self
from uuid import UUID

from domain.workflow.critical import Times
from domain.workflow.graph import Node
from domain.workflow.migration import Migration
from interfaces.http.eventflow.common import Out
from interfaces.http.eventflow.instance_schemas import InstanceOut
from interfaces.http.eventflow.task_schemas import State
from interfaces.http.eventflow.template_schemas import EdgeOut, JoinOut
from interfaces.http.listing import Row


class GraphNodeOut(Out):
    """A node, the task that stands for it now, and when it can begin, in minutes from now."""

    id: str
    title: str
    task_type_id: UUID
    join: JoinOut
    task_id: UUID
    state: State
    assignee_id: UUID | None
    minutes: int
    """How long it takes, or nothing any more."""
    earliest_start: int
    latest_start: int
    slack: int
    critical: bool

    @classmethod
    def of(cls, node: Node, task: Row, times: Times, *, critical: bool) -> Self:
        return cls(
            id=node.id,
            title=node.title,
            task_type_id=node.task_type_id,
            join=JoinOut.of(node.join),
            task_id=task.task_id,
            state=State.of(task.state),
            assignee_id=task.assignee_id,
            minutes=times.minutes,
            earliest_start=times.earliest_start,
            latest_start=times.latest_start,
            slack=times.slack,
            critical=critical,
        )


class GraphOut(Out):
    """The instance as far as the caller may view its tasks. The plan is that of the whole, but to a
    customer of what is shown.
    """

    instance: InstanceOut
    nodes: list[GraphNodeOut]
    edges: list[EdgeOut]
    remaining_minutes: int
    """Until everything is done, if nothing is late."""
    total_minutes: int
    critical_path: list[str]
    """What is left of the longest way, in its order."""


class MigrationOut(Out):
    """What migrating would do: nodes of the new version by their ids, but for `dropped`."""

    version: int
    kept: Mapping[str, str]
    """Nodes of the instance, and what they become."""
    added: list[str]
    dropped: list[str]
    unlocked: list[str]
    locked: list[str]
    skipped: list[str]
    problems: list[dict[str, Any]]
    """What is in the way: nothing is migrated while there is any."""

    @classmethod
    def of(cls, migration: Migration) -> Self:
        return cls(
            version=migration.number,
            kept=migration.kept,
            added=list(migration.added),
            dropped=list(migration.dropped),
            unlocked=list(migration.effects.unlocked),
            locked=list(migration.effects.locked),
            skipped=list(migration.effects.skipped),
            problems=[problem.as_data() for problem in migration.problems],
        )
