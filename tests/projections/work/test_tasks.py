"""Tasks as they stand, the trail of what became of each, and who is shown which."""

from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from domain.shared.moment import happening_at
from domain.work.states import BlockedBy, TaskState
from domain.work.task import Task
from projections.paging import PageRequest
from projections.work import occasions, tasks
from projections.work.task_queries import (
    TaskFilter,
    Viewer,
    count_tasks,
    list_tasks,
    tasks_of_instance,
    todo_in_workflows,
    trail_of,
)
from tests.support.given import given, then_rows, when
from tests.support.scheduling import FOREIGN, LAST_WEEK, NOW, TENANT
from tests.support.work import (
    CATERING,
    CHIEF,
    CUSTOMER,
    FLORIST,
    FLOWERS,
    INSTANCE,
    MANAGER,
    OTHER_TASK,
    PASSER_BY,
    TASK,
    TYPE_OF,
    VENDOR,
    WEDDING,
    caller,
    occasion,
    task,
    user_type,
    waiting,
)
from tests.support.workflows import graph, tasks_of

TODO, IN_PROGRESS, BLOCKED = TaskState.TODO, TaskState.IN_PROGRESS, TaskState.BLOCKED
DONE, SKIPPED = TaskState.DONE, TaskState.SKIPPED
WHY = "So."


def row(**changes):
    known = {
        "task_id": TASK,
        "tenant_id": TENANT,
        "scope_id": WEDDING,
        "task_type_id": CATERING,
        "title": "Order the cake",
        "description": "",
        "state": TODO,
        "blocked_by": None,
        "assignee_id": None,
        "instance_id": None,
        "node_id": None,
        "corrects": None,
        "planned_by": MANAGER,
        "planned_at": LAST_WEEK,
        "changed_at": NOW,
        "deleted": False,
        "position": 1,
    }
    return known | changes


def step(number, what, **told):
    known = {
        "task_id": TASK,
        "number": number,
        "tenant_id": TENANT,
        "what": what,
        "from_state": None,
        "to_state": None,
        "account_id": None,
        "reason": "",
        "by": MANAGER,
        "at": NOW,
    }
    return known | told


PLANNED = step(1, "planned", to_state=TODO, at=LAST_WEEK)
WAITS = step(1, "planned", to_state=BLOCKED, at=LAST_WEEK)


def node_row(**changes):
    where = {"title": "Serve the cake", "instance_id": INSTANCE, "node_id": "serve"}
    return row(**where, **changes)


def then_task(expected, *trail):
    then_rows(tasks.model, tasks=[expected], task_trail=list(trail))


class TestRows:
    def test_a_task_is_planned_to_do(self):
        given(task())
        then_task(row(changed_at=LAST_WEEK), PLANNED)

    def test_a_task_of_a_workflow_waits(self):
        given(waiting())
        then_task(
            node_row(state=BLOCKED, blocked_by=BlockedBy.WAITING, changed_at=LAST_WEEK), WAITS
        )

    def test_who_picks_it_has_it(self):
        given(task())
        when(lambda one: one.pick(caller(VENDOR)))
        then_task(row(assignee_id=VENDOR), PLANNED, step(2, "picked", account_id=VENDOR, by=VENDOR))

    def test_whom_it_is_given_to_has_it_until_it_is_taken_away(self):
        given(task())
        when(lambda one: one.assign(caller(FLORIST), caller()))
        assigned = step(2, "assigned", account_id=FLORIST)
        then_task(row(assignee_id=FLORIST), PLANNED, assigned)
        when(lambda one: one.unassign(caller()))
        then_task(row(), PLANNED, assigned, step(3, "unassigned", account_id=FLORIST))

    def test_every_move_is_told_with_its_reason(self):
        given(task())
        told = [PLANNED]
        way = [TODO, IN_PROGRESS, BLOCKED, IN_PROGRESS, DONE]
        for number, (was, to) in enumerate(pairwise(way), start=2):
            when(lambda one, to=to: one.move(to, WHY, caller()))
            told.append(step(number, "moved", from_state=was, to_state=to, reason=WHY))
            held = BlockedBy.HELD if to is BLOCKED else None
            then_task(row(state=to, blocked_by=held), *told)

    def test_it_is_unlocked_locked_and_skipped(self):
        given(waiting())
        when(lambda one: one.unlock(MANAGER))
        unlocked = step(2, "unlocked", from_state=BLOCKED, to_state=TODO)
        then_task(node_row(), WAITS, unlocked)
        when(lambda one: one.lock(MANAGER))
        locked = step(3, "locked", from_state=TODO, to_state=BLOCKED)
        waits = node_row(state=BLOCKED, blocked_by=BlockedBy.WAITING)
        then_task(waits, WAITS, unlocked, locked)
        when(lambda one: one.skip(WHY, MANAGER))
        skipped = step(4, "skipped", from_state=BLOCKED, to_state=SKIPPED, reason=WHY)
        then_task(node_row(state=SKIPPED), WAITS, unlocked, locked, skipped)

    def test_a_deleted_one_is_kept_but_not_shown(self):
        given(task())
        when(lambda one: one.delete(WHY, caller()))
        then_task(row(deleted=True), PLANNED, step(2, "deleted", reason=WHY))

    def test_a_correction_says_what_it_corrects_and_why(self):
        done = moved(task(), IN_PROGRESS, DONE)
        with happening_at(NOW):
            again = done.correct(OTHER_TASK, "Again", WHY, caller())
        given(again)
        corrected = row(task_id=OTHER_TASK, title="Again", corrects=TASK, planned_at=NOW)
        told = step(1, "planned", task_id=OTHER_TASK, to_state=TODO, reason=WHY)
        then_task(corrected, told)


def moved(one, *states):
    with happening_at(LAST_WEEK):
        for state in states:
            one.move(state, WHY, caller())
    return one


def viewer(account_id):
    kind = TYPE_OF.get(account_id)
    powers = user_type(kind).powers if kind else None
    return Viewer(account_id, account_id == CHIEF, powers)


@pytest.fixture
def asking_both(asking):
    """What a task is shown to depends on who is a member of what."""

    @asynccontextmanager
    async def asking_both():
        async with asking(occasions.model), asking(tasks.model) as connection:
            yield connection

    return asking_both


def given_several():
    """Something to do, in two types, and something begun."""
    given(
        occasion(),
        task(),
        task(OTHER_TASK, FLOWERS, "Roses"),
        *(moved(each, IN_PROGRESS) for each in tasks_of(graph(alone="x"))),
    )


class TestWhoIsShownWhat:
    @pytest.mark.parametrize(
        ("who", "titles"),
        [
            (MANAGER, ["Order the cake", "Roses", "Do x"]),
            (VENDOR, ["Order the cake", "Do x"]),
            (CUSTOMER, ["Do x"]),
            (PASSER_BY, []),
            (CHIEF, ["Order the cake", "Roses", "Do x"]),
        ],
        ids=["manager", "vendor", "customer", "no member", "admin"],
    )
    async def test_in_lists_and_counts(self, asking_both, who, titles):
        given_several()
        async with asking_both() as connection:
            page = await list_tasks(connection, TENANT, viewer(who), TaskFilter(), PageRequest())
            assert [each.title for each in page.items] == titles
            counts = await count_tasks(connection, TENANT, viewer(who), TaskFilter())
            assert sum(counts.values()) == len(titles)
            assert who != CUSTOMER or TODO not in counts

    async def test_of_a_workflow_all_are_told_each_with_whether_it_is_shown(self, asking_both):
        given(occasion(), *tasks_of(graph("a>b")))
        async with asking_both() as connection:
            for who, shown in ((MANAGER, [True, True]), (CUSTOMER, [False, True])):
                found = await tasks_of_instance(connection, TENANT, viewer(who), INSTANCE)
                by_node = {each.node_id: each.shown for each in found.values()}
                assert [by_node["a"], by_node["b"]] == shown
            assert await todo_in_workflows(connection, TENANT, [WEDDING]) == {INSTANCE: 1}
            assert await todo_in_workflows(connection, FOREIGN, [WEDDING]) == {}
            assert await todo_in_workflows(connection, TENANT, []) == {}

    async def test_a_customer_is_not_told_that_it_was_to_do(self, asking_both):
        given(occasion(), moved(task(), IN_PROGRESS))
        async with asking_both() as connection:
            for who, states in ((MANAGER, [TODO, IN_PROGRESS]), (CUSTOMER, [IN_PROGRESS])):
                page = await trail_of(connection, TENANT, TASK, viewer(who), PageRequest())
                assert [each.to_state for each in page.items] == states

    async def test_a_deleted_task_is_shown_to_nobody(self, asking_both):
        given(occasion(), task())
        when(lambda _, one: one.delete(WHY, caller()))
        async with asking_both() as connection:
            for who in (MANAGER, CHIEF):
                page = await list_tasks(
                    connection, TENANT, viewer(who), TaskFilter(), PageRequest()
                )
                assert page.total == 0


def test_every_event_of_a_task_leaves_its_trail():
    kinds = {kind for kind in vars(Task).values() if isinstance(kind, type)}
    events = {kind for kind in kinds if getattr(kind, "TOPIC", "").startswith("work.Task")}
    assert len(events) >= 9
    assert events <= set(tasks.model.handlers)
