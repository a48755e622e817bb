"""Who may view, take, move and assign a task, and which tasks can be.

Source: the EventFlow document's authorization model, eligibility and customer restrictions. Rules
about the caller come first: what breaks one of them is forbidden, or, where the caller is not even
to know of the task, not found. Rules about the task are broken by how it stands.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from domain.shared.errors import Forbidden, NotFound, refuse
from domain.shared.ids import ScopeId
from domain.shared.refusals import Refusal
from domain.work.caller import Caller
from domain.work.refusals import (
    AssigneeCannot,
    HasNoUserType,
    LacksPermission,
    NotEligible,
    NotShownYet,
    OutOfScope,
    ReadsOnly,
    TaskIsOver,
    TaskIsTaken,
    TaskWaits,
)
from domain.work.states import BlockedBy, TaskState
from domain.work.user_type import TaskPermission

if TYPE_CHECKING:
    from domain.work.task import Task

Answer = Refusal | None
Rule = Callable[["Task", Caller], Answer]


class Scoped(Protocol):
    """A task, or a workflow's instance."""

    @property
    def scope_id(self) -> ScopeId: ...


def the_caller_has_it_in_scope(what: Scoped, caller: Caller) -> Answer:
    return None if caller.is_admin or caller.is_member else OutOfScope(what.scope_id)


def a_customer_sees_no_task_to_do(task: "Task", caller: Caller) -> Answer:
    reads_only = caller.powers is not None and caller.powers.read_only and not caller.is_admin
    return NotShownYet() if reads_only and task.state is TaskState.TODO else None


def the_user_type_is_eligible(task: "Task", caller: Caller) -> Answer:
    if caller.is_admin:
        return None
    if caller.powers is None:
        return HasNoUserType()
    if task.task_type_id is None or task.task_type_id in caller.powers.task_types:
        return None
    return NotEligible(caller.powers.user_type, task.task_type_id)


def a_customer_reads_only(_what: Scoped, caller: Caller) -> Answer:
    if caller.is_admin or caller.powers is None or not caller.powers.read_only:
        return None
    return ReadsOnly(caller.powers.user_type)


def _the_user_type_may(permission: TaskPermission) -> Callable[[Scoped, Caller], Answer]:
    def rule(_what: Scoped, caller: Caller) -> Answer:
        if caller.is_admin:
            return None
        if caller.powers is None:
            return HasNoUserType()
        if permission in caller.powers.permissions:
            return None
        return LacksPermission(caller.powers.user_type, permission)

    return rule


the_user_type_may_view = _the_user_type_may(TaskPermission.VIEW)
the_user_type_may_take = _the_user_type_may(TaskPermission.TAKE)
the_user_type_may_move = _the_user_type_may(TaskPermission.MOVE_STATE)
the_user_type_may_assign = _the_user_type_may(TaskPermission.ASSIGN)


def the_task_is_open(task: "Task", _caller: Caller) -> Answer:
    return TaskIsOver(task.state) if task.state.is_over else None


def the_task_is_unlocked(task: "Task", _caller: Caller) -> Answer:
    return TaskWaits(task.instance_id) if task.blocked_by is BlockedBy.WAITING else None


def nobody_else_has_it(task: "Task", caller: Caller) -> Answer:
    if task.assignee_id is None or task.assignee_id == caller.account_id:
        return None
    return TaskIsTaken(task.assignee_id)


class Action(StrEnum):
    VIEW = "view"
    TAKE = "take"
    MOVE = "move"
    ASSIGN = "assign"


@dataclass(frozen=True)
class Rules:
    """`forbidding` are about the caller, `blocking` about how the task stands."""

    forbidding: tuple[Rule, ...]
    blocking: tuple[Rule, ...] = ()


HIDING: tuple[Rule, ...] = (the_caller_has_it_in_scope, a_customer_sees_no_task_to_do)
"""What breaks one of these is not there at all, as far as the caller is to know."""
_SEEING = (the_user_type_is_eligible, the_user_type_may_view)
_CHANGING = (*_SEEING, a_customer_reads_only)

RULES: dict[Action, Rules] = {
    Action.VIEW: Rules(_SEEING),
    Action.TAKE: Rules(
        (*_CHANGING, the_user_type_may_take),
        (the_task_is_open, the_task_is_unlocked, nobody_else_has_it),
    ),
    Action.MOVE: Rules(
        (*_CHANGING, the_user_type_may_move), (the_task_is_open, the_task_is_unlocked)
    ),
    Action.ASSIGN: Rules((*_CHANGING, the_user_type_may_assign), (the_task_is_open,)),
}

PLANNING: tuple[Callable[[Scoped, Caller], Answer], ...] = (
    the_caller_has_it_in_scope,
    a_customer_reads_only,
    the_user_type_may_assign,
)
"""Who plans what is to be done could assign it."""

HAVING: tuple[Rule, ...] = (
    the_caller_has_it_in_scope,
    the_user_type_is_eligible,
    a_customer_reads_only,
)
"""What must hold of whom a task is given to."""


@dataclass(frozen=True)
class Explanation:
    """Every rule that is in the way of one action; none, and it may be done."""

    action: Action
    refusals: tuple[Refusal, ...]

    @property
    def allowed(self) -> bool:
        return not self.refusals


def explain(task: "Task", caller: Caller) -> tuple[Explanation, ...]:
    """What the caller could do about the task now, and why not; to who may not view it, nothing of
    how it stands. Raises NotFound.
    """
    must_know_of(task, caller)
    views = may_view(task, caller)
    return tuple(
        Explanation(
            action, _broken(task, caller, rules.forbidding + (rules.blocking if views else ()))
        )
        for action, rules in RULES.items()
    )


def may_view(task: "Task", caller: Caller) -> bool:
    return not _broken(task, caller, RULES[Action.VIEW].forbidding)


def must_know_of(task: "Task", caller: Caller) -> None:
    """Raises NotFound when the task is out of the caller's scope or hidden from it."""
    if task.deleted or _broken(task, caller, HIDING):
        raise NotFound("task", task.id)


def must_be_allowed(action: Action, task: "Task", caller: Caller) -> None:
    """Raises NotFound, Forbidden with every rule about the caller, or RuleBroken with every rule
    about the task.
    """
    must_know_of(task, caller)
    must_have_rights(action, task, caller)
    refuse(*_broken(task, caller, RULES[action].blocking))


def must_have_rights(action: Action, task: "Task", caller: Caller) -> None:
    """Raises Forbidden."""
    _forbid(_broken(task, caller, RULES[action].forbidding))


def must_be_able_to_plan(what: Scoped, caller: Caller) -> None:
    """Raises Forbidden."""
    _forbid([refusal for rule in PLANNING if (refusal := rule(what, caller)) is not None])


def reasons_against_having(task: "Task", assignee: Caller) -> Sequence[Refusal]:
    return [
        AssigneeCannot(assignee.account_id, refusal) for refusal in _broken(task, assignee, HAVING)
    ]


def _broken(task: "Task", caller: Caller, rules: Sequence[Rule]) -> tuple[Refusal, ...]:
    """What several rules say for the same reason is said once."""
    found = (rule(task, caller) for rule in rules)
    return tuple(dict.fromkeys(refusal for refusal in found if refusal is not None))


def _forbid(broken: Sequence[Refusal]) -> None:
    if broken:
        raise Forbidden(
            " ".join(refusal.message for refusal in broken),
            broken=[refusal.as_data() for refusal in broken],
        )
