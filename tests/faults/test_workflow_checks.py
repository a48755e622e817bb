"""The checker must be able to fail on workflows, too: each violation is planted once."""

from dataclasses import replace
from uuid import UUID

import pytest

from domain.shared.moment import happening_at
from domain.work.states import TaskState
from domain.work.task import Task
from domain.workflow.joins import NodeState
from tests.faults.checker import violations
from tests.faults.evidence import Evidence, Logged
from tests.faults.operations import Account, Attempt, Operation, Outcome
from tests.support.scheduling import LAST_WEEK
from tests.support.work import CATERING, FLORIST, INSTANCE, MANAGER, VENDOR, WEDDING
from tests.support.workflows import instance, task_of

A, B, C, D = (task_of(node_id) for node_id in "abcd")
TODO, IN_PROGRESS, DONE = TaskState.TODO, TaskState.IN_PROGRESS, TaskState.DONE


def test_a_workflow_that_is_fine_has_no_violations():
    assert violations(planned()) == []


def unlocked_too_early(found):
    """Right after it was planned."""
    found.log.insert(STARTED, logged(99, event(Task.Unlocked, D, by=MANAGER)))


def never_unlocked(found):
    del found.log[unlocked_at(found, D)]


def unlocked_by_another_command(found):
    """It is in the end, and was not for a moment."""
    place = unlocked_at(found, D)
    found.log[place] = replace(found.log[place], command_id="another")


def moved_while_it_waits(found):
    found.log.insert(STARTED, logged(99, moved(D, TODO)))


def waits_for_ever(found):
    """Both parents are skipped."""
    del found.log[SKIPPED:]
    found.log.append(logged(99, skipped(C, TODO)))


def unlocked_twice(found):
    found.log.append(logged(99, event(Task.Unlocked, D, by=MANAGER)))


def picked_twice(found):
    found.log.insert(PICKED, logged(99, event(Task.Picked, A, account_id=FLORIST)))


def given_back_by_another(found):
    found.log.insert(PICKED, logged(99, event(Task.Unassigned, A, account_id=FLORIST, by=MANAGER)))


def told_that_another_has_it(found):
    found.operations[0].answer["assigneeId"] = str(FLORIST)


def two_were_told(found):
    one = picking("key-two", FLORIST)
    found.operations.append(one)
    found.keys[one.key] = 0


def done_and_begun_again(found):
    found.log.append(logged(99, moved(A, DONE)))


def done_and_skipped(found):
    found.log.append(logged(99, skipped(A, DONE)))


def done_and_given_away(found):
    found.log.append(logged(99, event(Task.Assigned, A, account_id=FLORIST, by=MANAGER)))


def another_state_is_shown(found):
    found.tasks[D] = ("blocked", None, None)


def another_assignee_is_shown(found):
    found.tasks[A] = ("done", FLORIST, None)


def another_cause_is_shown(found):
    found.tasks[D] = ("todo", None, "waiting")


def task_is_hidden(found):
    del found.tasks[B]


def one_done_too_many_is_shown(found):
    found.instances[INSTANCE] = (4, 3, 1)


def instance_is_not_shown(found):
    found.instances.clear()


def changed_nothing_and_stored(found):
    found.keys[found.operations[0].key] = 0


def neither_stored_nor_remembered(found):
    found.operations.append(picking("key-lost", VENDOR))


_JOINS = "a_child_is_todo_or_later_iff_its_join_is_satisfied"
PLANTED = [
    (_JOINS, unlocked_too_early),
    (_JOINS, never_unlocked),
    (_JOINS, unlocked_by_another_command),
    (_JOINS, moved_while_it_waits),
    (_JOINS, waits_for_ever),
    ("no_task_is_unlocked_twice", unlocked_twice),
    ("no_task_is_unlocked_twice", unlocked_too_early),
    ("at_most_one_has_a_task", picked_twice),
    ("at_most_one_has_a_task", given_back_by_another),
    ("who_was_told_to_have_a_task_had_it", told_that_another_has_it),
    ("who_was_told_to_have_a_task_had_it", two_were_told),
    ("what_is_over_stays_so", done_and_begun_again),
    ("what_is_over_stays_so", done_and_skipped),
    ("what_is_over_stays_so", done_and_given_away),
    ("rows_of_tasks_equal_the_log", another_state_is_shown),
    ("rows_of_tasks_equal_the_log", another_assignee_is_shown),
    ("rows_of_tasks_equal_the_log", another_cause_is_shown),
    ("rows_of_tasks_equal_the_log", task_is_hidden),
    ("rows_of_instances_equal_the_log", one_done_too_many_is_shown),
    ("rows_of_instances_equal_the_log", instance_is_not_shown),
    ("every_ok_command_is_in_the_log_exactly_once", changed_nothing_and_stored),
    ("every_ok_command_is_in_the_log_exactly_once", neither_stored_nor_remembered),
]


@pytest.mark.parametrize(("check", "plant"), PLANTED, ids=lambda one: getattr(one, "__name__", one))
def test_what_is_planted_is_found(check, plant):
    found = planned()
    plant(found)
    assert any(violation.startswith(f"{check}:") for violation in violations(found))


STARTED, PICKED, SKIPPED = 5, 6, 14
"""Where in `planned` the workflow is started, the first task picked, and a branch skipped."""


def planned():
    """A diamond: the vendor picks `a`, which is done, `b` is skipped; with `c` done `d` is next."""
    log = _log()
    pick = picking(log[PICKED - 1].key, VENDOR)
    again = picking("key-again", VENDOR)
    return Evidence(
        operations=[pick, again],
        log=log,
        seen=[(entry.position, entry.command_id) for entry in log],
        keys={entry.key: entry.position for entry in log} | {again.key: 0},
        audited=[entry.position for entry in log],
        tasks={
            A: ("done", VENDOR, None),
            B: ("skipped", None, None),
            C: ("done", None, None),
            D: ("todo", None, None),
        },
        instances={INSTANCE: (4, 2, 1)},
    )


def _log():
    told = [(each, number) for number, events in enumerate(_commands(), 1) for each in events]
    return [logged(position, *each) for position, each in enumerate(told, 1)]


def _commands():
    """The events of each."""
    with happening_at(LAST_WEEK):
        runs = instance()
        a, b, c, d = tasks = [_task(node_id, runs) for node_id in "abcd"]
        yield _pending(*tasks, runs)
        a._picked(VENDOR)
        yield _pending(a)
        for task, unlocked in ((a, (b, c)), (c, (d,))):
            task._moved(TODO, IN_PROGRESS, "", MANAGER)
            yield _pending(task)
            task._moved(IN_PROGRESS, DONE, "", MANAGER)
            runs.finish(task.node_id)
            for child in unlocked:
                child.unlock(MANAGER)
            yield _pending(task, runs, *unlocked)
            if task is a:
                runs.skip("b", "It rains.", MANAGER)
                b.skip("It rains.", MANAGER)
                yield _pending(runs, b)


def _task(node_id, runs):
    return Task.of_node(
        *(task_of(node_id), WEDDING, CATERING, (f"Do {node_id}", ""), MANAGER),
        (INSTANCE, node_id),
        waits=runs.states[node_id] is NodeState.WAITING,
    )


def _pending(*aggregates):
    return [told for one in aggregates for told in one.collect_events()]


def moved(task_id, state):
    told = {"from_state": state, "to_state": IN_PROGRESS, "reason": "", "by": MANAGER}
    return event(Task.Moved, task_id, **told)


def skipped(task_id, state):
    return event(Task.Skipped, task_id, from_state=state, reason="", by=MANAGER)


def event(kind, task_id, **told):
    return kind(originator_id=task_id, originator_version=9, timestamp=LAST_WEEK, **told)


def logged(position, told, command=99):
    command_id = str(UUID(int=command))
    return Logged(
        *(position, told.originator_id, told.originator_version, command_id),
        *(f"key-{position}.0", MANAGER, told),
    )


def unlocked_at(found, task_id):
    kinds = [(type(entry.event), entry.aggregate_id) for entry in found.log]
    return kinds.index((Task.Unlocked, task_id))


def picking(key, account_id):
    """Answered that it is picked, twice."""
    answer = {"id": str(A), "assigneeId": str(account_id)}
    by = Account(str(account_id), "")
    one = Operation("pick", key, "", None, by, [Attempt(0.0, 0.1, 200)], Outcome.OK, answer)
    one.again = dict(answer)
    return one
