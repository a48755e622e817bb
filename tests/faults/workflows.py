"""Checks on workflows and their tasks: at every moment of the log, and in the read models."""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from tests.faults.evidence import Evidence
from tests.faults.operations import Outcome
from tests.faults.workflow_model import Model


def a_child_is_todo_or_later_iff_its_join_is_satisfied(found: Evidence) -> Iterable[str]:
    """After each command, since it is stored as a whole."""
    model = Model()
    for _, entries in groupby(found.log, key=attrgetter("command_id")):
        command = list(entries)
        model.take(entry.event for entry in command if entry.event is not None)
        yield from (f"at {command[-1].position}: {broken}" for broken in model.broken())
    yield from model.wrong.out_of_turn


def no_task_is_unlocked_twice(found: Evidence) -> Iterable[str]:
    yield from _fold(found).wrong.unlocked_again


def at_most_one_has_a_task(found: Evidence) -> Iterable[str]:
    yield from _fold(found).wrong.taken_from


def who_was_told_to_have_a_task_had_it(found: Evidence) -> Iterable[str]:
    """Of two who picked it at once one was told so, unless it was given back between."""
    model = _fold(found)
    for one in found.operations:
        if one.kind != "pick" or one.outcome is not Outcome.OK or one.answer is None:
            continue
        told, had = one.answer["assigneeId"], model.tasks[UUID(one.answer["id"])].holders
        if one.by is None or told != one.by.id:
            yield f"{one.by} picked {one.answer['id']} and was told that {told} has it"
        elif UUID(told) not in had:
            yield f"{told} was told to have {one.answer['id']}, and never had"


def what_is_over_stays_so(found: Evidence) -> Iterable[str]:
    yield from _fold(found).wrong.changed_when_over


def rows_of_tasks_equal_the_log(found: Evidence) -> Iterable[str]:
    told = {
        task_id: (task.state, task.assignee_id, task.blocked_by)
        for task_id, task in _fold(found).tasks.items()
    }
    yield from _differences(told, found.tasks)


def rows_of_instances_equal_the_log(found: Evidence) -> Iterable[str]:
    model = _fold(found)
    told = {instance_id: model.counts(instance_id) for instance_id in model.instances}
    yield from _differences(told, found.instances)


def _fold(found: Evidence) -> Model:
    model = Model()
    model.take(entry.event for entry in found.log if entry.event is not None)
    return model


def _differences(told: dict[UUID, object], shown: dict[UUID, object]) -> Iterable[str]:
    for which in sorted(told.keys() | shown.keys()):
        if told.get(which) != shown.get(which):
            yield f"{which} is {told.get(which)}, and shown as {shown.get(which)}"
