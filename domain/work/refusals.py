"""Why somebody can't do something about a task: each class is the rule that says no."""

from dataclasses import dataclass

from domain.shared.ids import AccountId, InstanceId, ScopeId, TaskId, TaskTypeId
from domain.shared.refusals import Refusal
from domain.work.states import TaskState
from domain.work.user_type import TaskPermission


@dataclass(frozen=True)
class OutOfScope(Refusal):
    """Scope: an admin, or a member of what the task belongs to."""

    scope_id: ScopeId

    @property
    def message(self) -> str:
        return "Only a member of the event, or an admin, has the task in scope."


@dataclass(frozen=True)
class HasNoUserType(Refusal):
    @property
    def message(self) -> str:
        return "The account has no user type here: an admin has to give it one."


@dataclass(frozen=True)
class NotEligible(Refusal):
    user_type: str
    task_type_id: TaskTypeId

    @property
    def message(self) -> str:
        return f"The user type {self.user_type} has nothing to do with tasks of this type."


@dataclass(frozen=True)
class LacksPermission(Refusal):
    user_type: str
    permission: TaskPermission

    @property
    def message(self) -> str:
        return f"The user type {self.user_type} does not have the permission {self.permission}."


@dataclass(frozen=True)
class ReadsOnly(Refusal):
    user_type: str

    @property
    def message(self) -> str:
        return f"The user type {self.user_type} reads only."


@dataclass(frozen=True)
class NotShownYet(Refusal):
    """A customer sees no task that is still to do."""

    @property
    def message(self) -> str:
        return "The task is shown once somebody has begun it."


@dataclass(frozen=True)
class TaskIsOver(Refusal):
    """DONE is immutable, and so is what was skipped."""

    state: TaskState

    @property
    def message(self) -> str:
        return f"The task is {self.state}, which is final: correct it by a new task."


@dataclass(frozen=True)
class TaskWaits(Refusal):
    instance_id: InstanceId | None

    @property
    def message(self) -> str:
        return "The task waits for others of its workflow; it is unlocked when they are done."


@dataclass(frozen=True)
class TaskIsTaken(Refusal):
    assignee_id: AccountId

    @property
    def message(self) -> str:
        return f"The task is taken by {self.assignee_id}."


@dataclass(frozen=True)
class CannotBecome(Refusal):
    """Of the state machine."""

    from_state: TaskState
    to_state: TaskState
    allowed: tuple[TaskState, ...]

    @property
    def message(self) -> str:
        choice = " or ".join(self.allowed)
        return f"A task that is {self.from_state} can't become {self.to_state}, only {choice}."


@dataclass(frozen=True)
class AssigneeCannot(Refusal):
    """What a rule says against whom the task is to be given to."""

    assignee_id: AccountId
    refusal: Refusal

    @property
    def name(self) -> str:
        return f"Assignee{self.refusal.name}"

    @property
    def message(self) -> str:
        return f"The assignee can't have the task: {self.refusal.message}"

    def as_data(self) -> dict[str, object]:
        return self.refusal.as_data() | {
            "rule": self.name,
            "message": self.message,
            "assignee_id": self.assignee_id,
        }


@dataclass(frozen=True)
class BelongsToAWorkflow(Refusal):
    instance_id: InstanceId

    @property
    def message(self) -> str:
        return "The task is a workflow's: skip its node there, with a reason."


@dataclass(frozen=True)
class NothingToCorrect(Refusal):
    task_id: TaskId
    state: TaskState

    @property
    def message(self) -> str:
        return f"The task is {self.state}: only what is done is corrected by another task."
