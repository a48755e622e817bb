"""Tasks as they stand, and the trail of what became of each."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, Integer, Table, Text, Uuid

from domain.shared.aggregate import Event
from domain.shared.ids import AccountId
from domain.work.states import BlockedBy, TaskState
from domain.work.task import Task
from projections.read_model import ReadModel
from projections.rows import Row, Rows

model = ReadModel("work.tasks", version=1)

tasks = model.keep(
    Table(
        "tasks",
        model.metadata,
        Column("task_id", Uuid, primary_key=True),
        Column("tenant_id", Uuid, nullable=False),
        Column("scope_id", Uuid, nullable=False),
        Column("task_type_id", Uuid),
        Column("title", Text, nullable=False),
        Column("description", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("blocked_by", Text),
        Column("assignee_id", Uuid),
        Column("instance_id", Uuid),
        Column("node_id", Text),
        Column("corrects", Uuid),
        Column("planned_by", Uuid, nullable=False),
        Column("planned_at", DateTime(timezone=True), nullable=False),
        Column("changed_at", DateTime(timezone=True), nullable=False),
        Column("deleted", Boolean, nullable=False),
        Column("position", BigInteger, nullable=False),
        Index("tasks_scope_idx", "tenant_id", "scope_id", "position"),
        Index("tasks_assignee_idx", "tenant_id", "assignee_id", "position"),
        Index("tasks_instance_idx", "instance_id"),
    ),
    by=["originator_id"],
)
trail = Table(
    "task_trail",
    model.metadata,
    Column("task_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("what", Text, nullable=False),
    Column("from_state", Text),
    Column("to_state", Text),
    Column("account_id", Uuid),
    Column("reason", Text, nullable=False),
    Column("by", Uuid, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)
"""Appended to alone: `number` is the event's among the task's. `account_id` is whose the task
became, or was.
"""


@model.on(Task.Planned)
def task_planned(event: Task.Planned, rows: Rows) -> None:
    state = TaskState.BLOCKED if event.waits else TaskState.TODO
    rows[tasks].insert(
        task_id=event.originator_id,
        scope_id=event.scope_id,
        task_type_id=event.task_type_id,
        title=event.title,
        description=event.description,
        state=state,
        blocked_by=BlockedBy.WAITING if event.waits else None,
        instance_id=event.instance_id,
        node_id=event.node_id,
        corrects=event.corrects,
        planned_by=event.by,
        planned_at=event.timestamp,
        changed_at=event.timestamp,
        deleted=False,
        position=rows.position,
    )
    _append(event, rows, "planned", event.by, to_state=state, reason=event.reason)


@model.on(Task.Picked)
def task_picked(event: Task.Picked, rows: Rows) -> None:
    _changed(event, rows).assignee_id = event.account_id
    _append(event, rows, "picked", event.account_id, account_id=event.account_id)


@model.on(Task.Assigned)
def task_assigned(event: Task.Assigned, rows: Rows) -> None:
    _changed(event, rows).assignee_id = event.account_id
    _append(event, rows, "assigned", event.by, account_id=event.account_id)


@model.on(Task.Unassigned)
def task_unassigned(event: Task.Unassigned, rows: Rows) -> None:
    _changed(event, rows).assignee_id = None
    _append(event, rows, "unassigned", event.by, account_id=event.account_id)


@model.on(Task.Moved)
def task_moved(event: Task.Moved, rows: Rows) -> None:
    held = BlockedBy.HELD if event.to_state is TaskState.BLOCKED else None
    _became(event.to_state, held, _changed(event, rows))
    states = {"from_state": event.from_state, "to_state": event.to_state}
    _append(event, rows, "moved", event.by, reason=event.reason, **states)


@model.on(Task.Unlocked)
def task_unlocked(event: Task.Unlocked, rows: Rows) -> None:
    _became(TaskState.TODO, None, _changed(event, rows))
    states = {"from_state": TaskState.BLOCKED, "to_state": TaskState.TODO}
    _append(event, rows, "unlocked", event.by, **states)


@model.on(Task.Locked)
def task_locked(event: Task.Locked, rows: Rows) -> None:
    _became(TaskState.BLOCKED, BlockedBy.WAITING, _changed(event, rows))
    states = {"from_state": TaskState.TODO, "to_state": TaskState.BLOCKED}
    _append(event, rows, "locked", event.by, **states)


@model.on(Task.Skipped)
def task_skipped(event: Task.Skipped, rows: Rows) -> None:
    _became(TaskState.SKIPPED, None, _changed(event, rows))
    states = {"from_state": event.from_state, "to_state": TaskState.SKIPPED}
    _append(event, rows, "skipped", event.by, reason=event.reason, **states)


@model.on(Task.Deleted)
def task_deleted(event: Task.Deleted, rows: Rows) -> None:
    _changed(event, rows).deleted = True
    _append(event, rows, "deleted", event.by, reason=event.reason)


def _changed(event: Event, rows: Rows) -> Row:
    task = rows[tasks][event.originator_id]
    task.changed_at = event.timestamp
    return task


def _became(state: TaskState, blocked_by: BlockedBy | None, task: Row) -> None:
    task.state = state
    task.blocked_by = blocked_by


def _append(
    event: Event, rows: Rows, what: str, by: AccountId, *, reason: str = "", **told: object
) -> None:
    rows[trail].insert(
        task_id=event.originator_id,
        number=event.originator_version,
        what=what,
        reason=reason,
        by=by,
        at=event.timestamp,
        **told,
    )
