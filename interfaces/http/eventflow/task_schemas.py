"""Bodies of tasks."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import StringConstraints

from domain.shared.texts import LONGEST_TEXT
from domain.work.rules import Action, Explanation
from domain.work.states import BlockedBy, TaskState
from domain.work.task import Task
from interfaces.http.eventflow.common import AN_ID, In, Out
from interfaces.http.fields import Reason, Storable, Text, example
from interfaces.http.listing import Row

Description = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=LONGEST_TEXT), Storable
]


class State(StrEnum):
    """As the document spells the states of a task."""

    TODO = "TODO"
    IN_PROGRESS = "IN_PROGRESS"
    BLOCKED = "BLOCKED"
    DONE = "DONE"
    SKIPPED = "SKIPPED"

    @classmethod
    def of(cls, state: TaskState | str) -> Self:
        return cls(state.upper())

    @property
    def state(self) -> TaskState:
        return TaskState(self.lower())


class TaskIn(In):
    """A task on its own; those of a workflow come with its instance."""

    model_config = example(eventId=AN_ID, taskTypeId=AN_ID, title="Order the cake")

    event_id: UUID
    task_type_id: UUID
    title: Text
    description: Description = ""


class TransitionIn(In):
    model_config = example(toState="IN_PROGRESS", reason="The florist has called back.")

    to_state: State
    reason: Reason


class AssignIn(In):
    """Null takes the task from whoever has it."""

    model_config = example(assigneeId=AN_ID)

    assignee_id: UUID | None


class CorrectIn(In):
    model_config = example(title="Order the cake again", reason="It came with nuts.")

    title: Text
    reason: Reason


class ReasonIn(In):
    model_config = example(reason="Planned twice.")

    reason: Reason


class TaskOut(Out):
    id: UUID
    event_id: UUID
    task_type_id: UUID | None
    title: str
    description: str
    state: State
    blocked_by: BlockedBy | None
    """``waiting``: tasks before it are open. ``held``: somebody said so."""
    assignee_id: UUID | None
    workflow_instance_id: UUID | None
    node_id: str | None
    """The node for which it was planned; migrating may have given that another name since."""
    corrects_task_id: UUID | None
    created_by: UUID
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, task: Task) -> Self:
        return cls(
            id=task.id,
            event_id=task.scope_id,
            task_type_id=task.task_type_id,
            title=task.title,
            description=task.description,
            state=State.of(task.state),
            blocked_by=task.blocked_by,
            assignee_id=task.assignee_id,
            workflow_instance_id=task.instance_id,
            node_id=task.node_id,
            corrects_task_id=task.corrects,
            created_by=task.planned_by,
            created_at=task.created_on,
            updated_at=task.modified_on,
        )

    @classmethod
    def of_row(cls, row: Row) -> Self:
        return cls(
            id=row.task_id,
            event_id=row.scope_id,
            task_type_id=row.task_type_id,
            title=row.title,
            description=row.description,
            state=State.of(row.state),
            blocked_by=row.blocked_by,
            assignee_id=row.assignee_id,
            workflow_instance_id=row.instance_id,
            node_id=row.node_id,
            corrects_task_id=row.corrects,
            created_by=row.planned_by,
            created_at=row.planned_at,
            updated_at=row.changed_at,
        )


class TaskCountsOut(Out):
    """How many tasks are in each state, of those that the caller is shown."""

    total: int
    by_state: dict[State, int]

    @classmethod
    def of(cls, counts: dict[TaskState, int], *, without_todo: bool) -> Self:
        shown = [state for state in TaskState if not (without_todo and state is TaskState.TODO)]
        by_state = {State.of(state): counts.get(state, 0) for state in shown}
        return cls(total=sum(by_state.values()), by_state=by_state)


class TrailOut(Out):
    """One thing that became of a task. `userId` is whose it became, or was."""

    number: int
    what: str
    from_state: State | None
    to_state: State | None
    user_id: UUID | None
    reason: str
    by: UUID
    at: datetime

    @classmethod
    def of_row(cls, row: Row, *, without_todo: bool) -> Self:
        shown = None if without_todo and row.from_state == TaskState.TODO else row.from_state
        return cls(
            number=row.number,
            what=row.what,
            from_state=shown and State.of(shown),
            to_state=row.to_state and State.of(row.to_state),
            user_id=row.account_id,
            reason=row.reason,
            by=row.by,
            at=row.at,
        )


class ExplanationOut(Out):
    """Whether the caller can do this now, and every rule that is in the way."""

    action: Action
    allowed: bool
    reasons: list[dict[str, Any]]

    @classmethod
    def of(cls, explanation: Explanation) -> Self:
        reasons = [refusal.as_data() for refusal in explanation.refusals]
        return cls(action=explanation.action, allowed=explanation.allowed, reasons=reasons)


class ExplainOut(Out):
    task_id: UUID
    state: State | None
    """Null to who may not view the task."""
    next_states: list[State]
    """What the state machine lets it become by hand, whoever asks."""
    actions: list[ExplanationOut]
