"""What happens to a task. `by` is the account that did it, for the trail that the task carries."""

from domain.shared.aggregate import Created, Event
from domain.shared.ids import AccountId, InstanceId, ScopeId, TaskId, TaskTypeId
from domain.work.states import TaskState


class Planned(Created):
    TOPIC = "work.TaskPlanned"
    scope_id: ScopeId
    task_type_id: TaskTypeId | None
    title: str
    description: str
    by: AccountId
    waits: bool
    instance_id: InstanceId | None
    node_id: str | None
    corrects: TaskId | None
    reason: str


class Picked(Event):
    TOPIC = "work.TaskPicked"
    account_id: AccountId


class Assigned(Event):
    TOPIC = "work.TaskAssigned"
    account_id: AccountId
    by: AccountId


class Unassigned(Event):
    """`account_id` had it."""

    TOPIC = "work.TaskUnassigned"
    account_id: AccountId
    by: AccountId


class Moved(Event):
    TOPIC = "work.TaskMoved"
    from_state: TaskState
    to_state: TaskState
    reason: str
    by: AccountId


class Unlocked(Event):
    """From waiting to TODO; `by` finished what it waited for."""

    TOPIC = "work.TaskUnlocked"
    by: AccountId


class Locked(Event):
    """From TODO back to waiting."""

    TOPIC = "work.TaskLocked"
    by: AccountId


class Skipped(Event):
    TOPIC = "work.TaskSkipped"
    from_state: TaskState
    reason: str
    by: AccountId


class Deleted(Event):
    TOPIC = "work.TaskDeleted"
    reason: str
    by: AccountId
