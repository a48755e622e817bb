"""A task: who has it, and what becomes of it."""

import pytest

from domain.shared.errors import Forbidden, Invalid, NotFound
from domain.shared.moment import happening_at
from domain.work.refusals import (
    AssigneeCannot,
    BelongsToAWorkflow,
    CannotBecome,
    NothingToCorrect,
    TaskIsOver,
    TaskIsTaken,
    TaskWaits,
)
from domain.work.states import BlockedBy, TaskState
from domain.work.task import Task
from tests.support.given import given, happened, then, then_failed, then_nothing, then_refused, when
from tests.support.scheduling import LAST_WEEK
from tests.support.work import (
    CHIEF,
    CUSTOMER,
    FLORIST,
    FLOWERS,
    MANAGER,
    OTHER_TASK,
    PASSER_BY,
    TASK,
    VENDOR,
    caller,
    task,
    waiting,
)

TODO, IN_PROGRESS, BLOCKED, DONE = (
    TaskState.TODO,
    TaskState.IN_PROGRESS,
    TaskState.BLOCKED,
    TaskState.DONE,
)


def moved(*states, made=task, assignee=None):
    """A task that went through these states."""
    one = made()
    with happening_at(LAST_WEEK):
        if assignee is not None:
            one.pick(caller(assignee))
        for state in states:
            one.move(state, "Because.", caller())
    return one


class TestPicking:
    def test_who_picks_a_task_has_it(self):
        given(task())
        when(lambda task: task.pick(caller(VENDOR)))
        then(happened(Task.Picked, account_id=VENDOR))

    def test_whoever_comes_second_is_told_who_has_it(self):
        given(moved(assignee=VENDOR))
        when(lambda task: task.pick(caller(FLORIST)))
        then_refused(TaskIsTaken, assignee_id=VENDOR)

    def test_who_has_it_already_keeps_it(self):
        given(moved(assignee=VENDOR))
        when(lambda task: task.pick(caller(VENDOR)))
        then_nothing()

    def test_what_waits_for_others_cannot_be_picked(self):
        given(waiting())
        when(lambda task: task.pick(caller(VENDOR)))
        then_refused(TaskWaits)

    def test_what_is_done_cannot_be_picked(self):
        given(moved(IN_PROGRESS, DONE))
        when(lambda task: task.pick(caller(VENDOR)))
        then_refused(TaskIsOver, state=DONE)


class TestAssigning:
    def test_a_manager_gives_a_task_to_a_member_who_is_eligible(self):
        given(task())
        when(lambda task: task.assign(caller(VENDOR), caller(MANAGER)))
        then(happened(Task.Assigned, account_id=VENDOR, by=MANAGER))

    def test_a_task_has_one_assignee_at_the_most(self):
        given(moved(assignee=VENDOR))
        when(lambda task: task.assign(caller(FLORIST), caller(MANAGER)))
        then(happened(Task.Assigned, account_id=FLORIST, by=MANAGER))

    @pytest.mark.parametrize(
        ("assignee", "rule"),
        [
            (caller(PASSER_BY, member=False), "AssigneeOutOfScope"),
            (caller(CUSTOMER), "AssigneeReadsOnly"),
            (caller(CHIEF), "AssigneeHasNoUserType"),
        ],
        ids=["a stranger", "a customer", "who has no user type"],
    )
    def test_nobody_gets_a_task_who_could_not_have_it(self, assignee, rule):
        given(task())
        when(lambda task: task.assign(assignee, caller(MANAGER)))
        then_refused(AssigneeCannot, rule=rule, assignee_id=assignee.account_id)

    def test_nobody_gets_a_task_of_a_type_that_is_not_his_or_hers(self):
        given(task(kind=FLOWERS))
        when(lambda task: task.assign(caller(VENDOR), caller(MANAGER)))
        then_refused(AssigneeCannot, rule="AssigneeNotEligible", task_type_id=FLOWERS)

    def test_what_waits_can_be_assigned_before_its_time(self):
        given(waiting())
        when(lambda task: task.assign(caller(VENDOR), caller(MANAGER)))
        then(happened(Task.Assigned, account_id=VENDOR, by=MANAGER))

    def test_a_manager_takes_it_from_whoever_has_it(self):
        given(moved(assignee=VENDOR))
        when(lambda task: task.unassign(caller(MANAGER)))
        then(happened(Task.Unassigned, account_id=VENDOR, by=MANAGER))

    def test_who_picked_it_may_give_it_back(self):
        given(moved(assignee=VENDOR))
        when(lambda task: task.unassign(caller(VENDOR)))
        then(happened(Task.Unassigned, account_id=VENDOR, by=VENDOR))

    def test_a_vendor_takes_it_from_nobody_else(self):
        given(moved(assignee=VENDOR))
        when(lambda task: task.unassign(caller(FLORIST)))
        then_failed(Forbidden)

    def test_what_nobody_has_is_taken_from_nobody(self):
        given(task())
        when(lambda task: task.unassign(caller(MANAGER)))
        then_nothing()


class TestTheStateMachine:
    @pytest.mark.parametrize(
        ("before", "to"),
        [
            ((), IN_PROGRESS),
            ((IN_PROGRESS,), DONE),
            ((IN_PROGRESS,), BLOCKED),
            ((IN_PROGRESS, BLOCKED), IN_PROGRESS),
        ],
        ids=["begin", "finish", "hold up", "go on"],
    )
    def test_moves_as_the_document_draws_it(self, before, to):
        given(moved(*before))
        when(lambda task: task.move(to, "Because.", caller(VENDOR)))
        was = before[-1] if before else TODO
        then(happened(Task.Moved, from_state=was, to_state=to, reason="Because.", by=VENDOR))

    @pytest.mark.parametrize(
        ("before", "to"),
        [
            ((), DONE),
            ((), BLOCKED),
            ((), TODO),
            ((IN_PROGRESS,), TODO),
            ((IN_PROGRESS,), IN_PROGRESS),
            ((IN_PROGRESS,), TaskState.SKIPPED),
            ((IN_PROGRESS, BLOCKED), DONE),
            ((IN_PROGRESS, BLOCKED), TODO),
        ],
        ids=str,
    )
    def test_moves_in_no_other_way(self, before, to):
        given(moved(*before))
        when(lambda task: task.move(to, "Because.", caller(VENDOR)))
        then_refused(CannotBecome, to_state=to)

    @pytest.mark.parametrize("to", list(TaskState))
    def test_done_is_immutable(self, to):
        given(moved(IN_PROGRESS, DONE))
        when(lambda task: task.move(to, "Because.", caller(MANAGER)))
        then_refused(TaskIsOver, state=DONE)

    @pytest.mark.parametrize("to", list(TaskState))
    def test_what_waits_leaves_that_by_being_unlocked_alone(self, to):
        given(waiting())
        when(lambda task: task.move(to, "Because.", caller(MANAGER)))
        then_refused(TaskWaits)

    @pytest.mark.parametrize("reason", ["", "   ", "x" * 1001, "a\x00"], ids=repr)
    def test_every_move_has_a_reason(self, reason):
        given(task())
        when(lambda task: task.move(IN_PROGRESS, reason, caller(VENDOR)))
        then_failed(Invalid)

    def test_what_is_held_up_says_so(self):
        assert moved(IN_PROGRESS, BLOCKED).blocked_by is BlockedBy.HELD
        assert moved(IN_PROGRESS, BLOCKED, IN_PROGRESS).blocked_by is None


class TestInAWorkflow:
    def test_a_task_is_unlocked_once(self):
        given(waiting())
        when(lambda task: [task.unlock(VENDOR), task.unlock(VENDOR)])
        then(happened(Task.Unlocked, by=VENDOR))

    def test_what_nobody_has_begun_is_locked_again(self):
        given(task())
        when(lambda task: task.lock(MANAGER))
        then(happened(Task.Locked, by=MANAGER))

    def test_what_somebody_has_begun_is_not(self):
        given(moved(IN_PROGRESS))
        when(lambda task: task.lock(MANAGER))
        then_nothing()

    def test_a_task_is_skipped_with_a_reason(self):
        given(waiting())
        when(lambda task: task.skip("It rains.", MANAGER))
        then(happened(Task.Skipped, from_state=BLOCKED, reason="It rains.", by=MANAGER))

    def test_what_is_done_is_never_skipped(self):
        given(moved(IN_PROGRESS, DONE))
        when(lambda task: task.skip("It rains.", MANAGER))
        then_nothing()

    def test_what_is_skipped_is_final(self):
        one = waiting()
        with happening_at(LAST_WEEK):
            one.skip("It rains.", MANAGER)
        given(one)
        when(lambda task: task.move(IN_PROGRESS, "Because.", caller()))
        then_refused(TaskIsOver, state=TaskState.SKIPPED)


class TestCorrecting:
    def test_what_is_done_is_corrected_by_a_new_task_that_names_it(self):
        made = []
        given(moved(IN_PROGRESS, DONE))
        when(lambda task: made.append(task.correct(OTHER_TASK, "Again", "Nuts.", caller(VENDOR))))
        then_nothing()
        (new,) = made
        assert (new.corrects, new.state, new.reason) == (TASK, TODO, "Nuts.")
        assert (new.scope_id, new.task_type_id) == (task().scope_id, task().task_type_id)

    def test_what_is_not_done_has_nothing_to_correct(self):
        given(moved(IN_PROGRESS))
        when(lambda task: task.correct(OTHER_TASK, "Again", "Nuts.", caller(VENDOR)))
        then_refused(NothingToCorrect, state=IN_PROGRESS)


class TestDeleting:
    def test_a_task_is_deleted_softly_and_then_not_there(self):
        given(task())
        when(lambda task: task.delete("Planned twice.", caller()))
        then(happened(Task.Deleted, reason="Planned twice.", by=MANAGER))
        when(lambda task: task.pick(caller(VENDOR)))
        then_failed(NotFound)

    def test_what_is_done_is_not_deleted(self):
        given(moved(IN_PROGRESS, DONE))
        when(lambda task: task.delete("Planned twice.", caller()))
        then_refused(TaskIsOver)

    def test_a_task_of_a_workflow_is_skipped_there_instead(self):
        given(waiting())
        when(lambda task: task.delete("Planned twice.", caller()))
        then_refused(BelongsToAWorkflow)
