"""Who may view, take, move and assign which task, and why not."""

import pytest

from domain.shared.errors import Forbidden, NotFound
from domain.shared.moment import happening_at
from domain.work import rules
from domain.work.rules import RULES, Action
from domain.work.states import TaskState
from tests.support.scheduling import LAST_WEEK
from tests.support.work import (
    CHIEF,
    CUSTOMER,
    FLOWERS,
    MANAGER,
    PASSER_BY,
    VENDOR,
    caller,
    task,
    waiting,
)

CHANGES = [Action.TAKE, Action.MOVE, Action.ASSIGN]


def begun():
    one = task()
    with happening_at(LAST_WEEK):
        one.move(TaskState.IN_PROGRESS, "Because.", caller())
    return one


def reasons(what, who):
    return {
        each.action: [type(refusal).__name__ for refusal in each.refusals]
        for each in rules.explain(what, who)
    }


def test_every_action_has_its_rules():
    assert set(RULES) == set(Action)
    assert all(each.forbidding for each in RULES.values())


def test_a_manager_may_do_everything():
    assert reasons(task(), caller(MANAGER)) == {action: [] for action in Action}


def test_a_vendor_may_do_what_its_type_may():
    assert reasons(task(), caller(VENDOR)) == {
        Action.VIEW: [],
        Action.TAKE: [],
        Action.MOVE: [],
        Action.ASSIGN: ["LacksPermission"],
    }


def test_a_vendor_may_do_nothing_about_a_type_of_task_that_is_not_its_own():
    assert reasons(task(kind=FLOWERS), caller(VENDOR)) == {
        Action.VIEW: ["NotEligible"],
        Action.TAKE: ["NotEligible"],
        Action.MOVE: ["NotEligible"],
        Action.ASSIGN: ["NotEligible", "LacksPermission"],
    }


def test_a_task_of_no_type_is_of_everybody():
    assert reasons(task(kind=None), caller(VENDOR))[Action.TAKE] == []


def test_a_customer_reads_only_whatever_its_permissions_say():
    """The type of this one has the permission to take."""
    assert reasons(begun(), caller(CUSTOMER)) == {
        Action.VIEW: [],
        Action.TAKE: ["ReadsOnly"],
        Action.MOVE: ["ReadsOnly", "LacksPermission"],
        Action.ASSIGN: ["ReadsOnly", "LacksPermission"],
    }


@pytest.mark.parametrize("action", list(Action))
def test_to_a_customer_a_task_that_is_to_do_is_not_there(action):
    with pytest.raises(NotFound):
        rules.must_be_allowed(action, task(), caller(CUSTOMER))
    with pytest.raises(NotFound):
        rules.explain(task(), caller(CUSTOMER))


@pytest.mark.parametrize("action", list(Action))
def test_what_is_out_of_scope_is_not_there(action):
    stranger = caller(PASSER_BY, member=False)
    with pytest.raises(NotFound):
        rules.must_be_allowed(action, task(), stranger)
    with pytest.raises(NotFound):
        rules.explain(task(), stranger)


def test_an_admin_needs_neither_membership_nor_type():
    admin = caller(CHIEF, member=False, admin=True)
    assert reasons(task(kind=FLOWERS), admin) == {action: [] for action in Action}


def test_an_admin_who_is_a_customer_too_is_an_admin():
    assert reasons(task(), caller(CUSTOMER, admin=True)) == {action: [] for action in Action}


def test_a_member_without_a_user_type_may_do_nothing_and_is_told_so_once():
    assert reasons(task(), caller(CHIEF)) == {action: ["HasNoUserType"] for action in Action}


def test_what_waits_can_be_seen_and_assigned_and_no_more():
    assert reasons(waiting(), caller(MANAGER)) == {
        Action.VIEW: [],
        Action.TAKE: ["TaskWaits"],
        Action.MOVE: ["TaskWaits"],
        Action.ASSIGN: [],
    }


@pytest.mark.parametrize("action", CHANGES)
def test_what_is_forbidden_says_every_reason_with_its_data(action):
    with pytest.raises(Forbidden) as refused:
        rules.must_be_allowed(action, begun(), caller(CUSTOMER))
    assert next(each["rule"] for each in refused.value.data["broken"]) == "ReadsOnly"


def test_planning_needs_scope_and_the_permission_to_assign():
    rules.must_be_able_to_plan(task(), caller(MANAGER))
    rules.must_be_able_to_plan(task(), caller(CHIEF, member=False, admin=True))
    for other in (caller(VENDOR), caller(CUSTOMER), caller(CHIEF), caller(MANAGER, member=False)):
        with pytest.raises(Forbidden):
            rules.must_be_able_to_plan(task(), other)


def test_who_may_not_view_a_task_is_not_told_how_it_stands():
    taken = task(kind=FLOWERS)
    with happening_at(LAST_WEEK):
        taken.pick(caller(MANAGER))
    assert reasons(taken, caller(VENDOR))[Action.TAKE] == ["NotEligible"]
