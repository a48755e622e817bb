"""Task: one piece of work, whichever contract it is asked through.

Source: the EventFlow document; EPOP's tasks are the same. At most one account has a task. Every
change of its state is told with a reason and never taken back; DONE is final.
"""

from typing import TypeAlias
from uuid import UUID

from domain.shared.aggregate import Aggregate, event
from domain.shared.errors import refuse
from domain.shared.ids import AccountId, InstanceId, ScopeId, TaskId, TaskTypeId
from domain.shared.texts import description_of, name_of, text_of
from domain.work import rules, task_events
from domain.work.caller import Caller
from domain.work.refusals import BelongsToAWorkflow, CannotBecome, NothingToCorrect
from domain.work.rules import Action
from domain.work.states import FOLLOWS, BlockedBy, TaskState


class Task(Aggregate):
    TOPIC = "work.Task"

    Planned: TypeAlias = task_events.Planned
    Picked: TypeAlias = task_events.Picked
    Assigned: TypeAlias = task_events.Assigned
    Unassigned: TypeAlias = task_events.Unassigned
    Moved: TypeAlias = task_events.Moved
    Unlocked: TypeAlias = task_events.Unlocked
    Locked: TypeAlias = task_events.Locked
    Skipped: TypeAlias = task_events.Skipped
    Deleted: TypeAlias = task_events.Deleted

    @event(Planned)
    def __init__(
        self,
        id: UUID,  # noqa: ARG002
        scope_id: ScopeId,
        task_type_id: TaskTypeId | None,
        title: str,
        description: str,
        by: AccountId,
        waits: bool,
        instance_id: InstanceId | None,
        node_id: str | None,
        corrects: TaskId | None,
        reason: str,
    ) -> None:
        self.scope_id = scope_id
        self.task_type_id = task_type_id
        """None is of no type, and nobody's user type matters."""
        self.title = title
        self.description = description
        self.planned_by = by
        self.state = TaskState.BLOCKED if waits else TaskState.TODO
        self.blocked_by = BlockedBy.WAITING if waits else None
        self.instance_id = instance_id
        self.node_id = node_id
        """The node of the workflow for which it was planned, by its name then."""
        self.corrects = corrects
        """The task, done and final, that this one makes good."""
        self.reason = reason
        self.assignee_id: AccountId | None = None
        self.deleted = False

    @classmethod
    def plan(
        cls,
        id: UUID,
        scope_id: ScopeId,
        task_type_id: TaskTypeId | None,
        title: str,
        description: str,
        by: AccountId,
    ) -> "Task":
        """A task on its own. Whether `by` may plan it: `must_be_plannable_by`. Raises Invalid."""
        return cls(
            *(id, scope_id, task_type_id, name_of("task", title, "title")),
            *(description_of("task", description), by),
            waits=False,
            instance_id=None,
            node_id=None,
            corrects=None,
            reason="",
        )

    @classmethod
    def of_node(
        cls,
        id: UUID,
        scope_id: ScopeId,
        task_type_id: TaskTypeId,
        told: tuple[str, str],
        by: AccountId,
        where: tuple[InstanceId, str],
        *,
        waits: bool,
    ) -> "Task":
        """The task of a workflow's node; `told` are its title and description, checked there."""
        title, description = told
        instance_id, node_id = where
        return cls(
            *(id, scope_id, task_type_id, title, description, by),
            waits=waits,
            instance_id=instance_id,
            node_id=node_id,
            corrects=None,
            reason="",
        )

    def must_be_plannable_by(self, caller: Caller) -> None:
        """Who plans a task could assign it. Raises Forbidden."""
        rules.must_be_able_to_plan(self, caller)
        rules.must_have_rights(Action.ASSIGN, self, caller)

    def correct(self, id: UUID, title: str, reason: str, caller: Caller) -> "Task":
        """The new task that makes this one good, which is done and stays as it is.

        Raises NotFound, Forbidden, RuleBroken, Invalid.
        """
        rules.must_know_of(self, caller)
        rules.must_have_rights(Action.MOVE, self, caller)
        is_done = self.state is TaskState.DONE
        refuse(None if is_done else NothingToCorrect(TaskId(self.id), self.state))
        return Task(
            *(id, self.scope_id, self.task_type_id, name_of("task", title, "title")),
            *(self.description, caller.account_id),
            waits=False,
            instance_id=None,
            node_id=None,
            corrects=TaskId(self.id),
            reason=text_of("reason", reason, "reason"),
        )

    def pick(self, caller: Caller) -> None:
        """Assign to oneself; whoever has it already keeps it. Raises NotFound, Forbidden, and
        RuleBroken, which tells who else has it.
        """
        rules.must_be_allowed(Action.TAKE, self, caller)
        if self.assignee_id != caller.account_id:
            self._picked(caller.account_id)

    def assign(self, assignee: Caller, caller: Caller) -> None:
        """Give it to somebody, whoever had it. Raises NotFound, Forbidden, RuleBroken."""
        rules.must_be_allowed(Action.ASSIGN, self, caller)
        refuse(*rules.reasons_against_having(self, assignee))
        if self.assignee_id != assignee.account_id:
            self._assigned(assignee.account_id, caller.account_id)

    def unassign(self, caller: Caller) -> None:
        """Take it from whoever has it; who picked it may give it back. Raises NotFound, Forbidden,
        RuleBroken.
        """
        is_own = self.assignee_id == caller.account_id
        rules.must_be_allowed(Action.TAKE if is_own else Action.ASSIGN, self, caller)
        if self.assignee_id is not None:
            self._unassigned(self.assignee_id, caller.account_id)

    def move(self, to: TaskState, reason: str, caller: Caller) -> None:
        """Change its state. Raises NotFound, Forbidden, Invalid, and RuleBroken for what the state
        machine does not have.
        """
        rules.must_be_allowed(Action.MOVE, self, caller)
        allowed = FOLLOWS[self.state]
        refuse(None if to in allowed else CannotBecome(self.state, to, allowed))
        self._moved(self.state, to, text_of("reason", reason, "reason"), caller.account_id)

    def unlock(self, by: AccountId) -> None:
        """What it waited for is there; otherwise nothing happens."""
        if self.blocked_by is BlockedBy.WAITING:
            self._unlocked(by)

    def lock(self, by: AccountId) -> None:
        """Wait again, since its workflow was changed before anybody began."""
        if self.state is TaskState.TODO:
            self._locked(by)

    def skip(self, reason: str, by: AccountId) -> None:
        """Its workflow goes on without it; of what is over already, nothing changes."""
        if not self.state.is_over:
            self._skipped(self.state, reason, by)

    def delete(self, reason: str, caller: Caller) -> None:
        """Softly: it is not shown any more. Raises NotFound, Forbidden, RuleBroken, Invalid."""
        rules.must_be_allowed(Action.ASSIGN, self, caller)
        refuse(None if self.instance_id is None else BelongsToAWorkflow(self.instance_id))
        self._deleted(text_of("reason", reason, "reason"), caller.account_id)

    @event(Picked)
    def _picked(self, account_id: AccountId) -> None:
        self.assignee_id = account_id

    @event(Assigned)
    def _assigned(self, account_id: AccountId, by: AccountId) -> None:  # noqa: ARG002
        self.assignee_id = account_id

    @event(Unassigned)
    def _unassigned(self, account_id: AccountId, by: AccountId) -> None:  # noqa: ARG002
        self.assignee_id = None

    @event(Moved)
    def _moved(
        self,
        from_state: TaskState,  # noqa: ARG002
        to_state: TaskState,
        reason: str,  # noqa: ARG002
        by: AccountId,  # noqa: ARG002
    ) -> None:
        self.state = to_state
        self.blocked_by = BlockedBy.HELD if to_state is TaskState.BLOCKED else None

    @event(Unlocked)
    def _unlocked(self, by: AccountId) -> None:  # noqa: ARG002
        self.state = TaskState.TODO
        self.blocked_by = None

    @event(Locked)
    def _locked(self, by: AccountId) -> None:  # noqa: ARG002
        self.state = TaskState.BLOCKED
        self.blocked_by = BlockedBy.WAITING

    @event(Skipped)
    def _skipped(self, from_state: TaskState, reason: str, by: AccountId) -> None:  # noqa: ARG002
        self.state = TaskState.SKIPPED
        self.blocked_by = None

    @event(Deleted)
    def _deleted(self, reason: str, by: AccountId) -> None:  # noqa: ARG002
        self.deleted = True
