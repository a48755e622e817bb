"""What is done unlocks what waited for it, exactly once, whoever else is at it."""

import asyncio
import contextlib
from collections import Counter

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from application.attempt import Request
from application.processes.running_workflows import SkipNode
from application.processes.tasks_of_workflows import BRANCH, MoveTask
from domain.shared.errors import RuleBroken
from domain.work.refusals import TaskIsOver, TaskWaits
from domain.work.states import BlockedBy, TaskState
from domain.work.task import Task
from domain.workflow.instance import Instance
from domain.workflow.joins import ANY, NodeState, at_least
from tests.support.any_workflow import any_graph, in_state, then_it_is_sound
from tests.support.given import Story, given, happened, then, then_refused, told_of, when_asked
from tests.support.scheduling import TENANT
from tests.support.work import (
    INSTANCE,
    ITS_MANAGER,
    ITS_VENDOR,
    MANAGER,
    VENDOR,
    everybody,
    task,
)
from tests.support.workflows import graph, running, task_of

TODO, IN_PROGRESS, DONE = TaskState.TODO, TaskState.IN_PROGRESS, TaskState.DONE


def moving(node_id, to):
    return MoveTask(task_of(node_id), to, "So.")


async def begun(*node_ids, by=ITS_MANAGER):
    for node_id in node_ids:
        await when_asked(moving(node_id, IN_PROGRESS), by=by)


async def done(*node_ids, by=ITS_MANAGER):
    for node_id in node_ids:
        await begun(node_id, by=by)
        await when_asked(moving(node_id, DONE), by=by)


async def skipped(node_id):
    await when_asked(SkipNode(INSTANCE, node_id, "It rains."), by=ITS_MANAGER)


def unlocked(story):
    """The nodes whose tasks were unlocked by what was asked last."""
    ids = {task_of(each): each for each in "abcdefghijkl"}
    return [ids[e.originator_id] for e in story.news() if isinstance(e, Task.Unlocked)]


class TestMoving:
    async def test_a_task_without_a_workflow_just_moves(self):
        given(*everybody(), task())
        await when_asked(MoveTask(task().id, IN_PROGRESS, "Now."), by=ITS_VENDOR)
        await when_asked(MoveTask(task().id, DONE, "There."), by=ITS_VENDOR)
        then(
            happened(Task.Moved, from_state=IN_PROGRESS, to_state=DONE, reason="There.", by=VENDOR)
        )

    async def test_what_is_done_unlocks_every_child_in_the_same_append(self, story):
        given(*everybody(), *running())
        await begun("a", by=ITS_VENDOR)
        await when_asked(moving("a", DONE), by=ITS_VENDOR)
        then(
            happened(Task.Moved, from_state=IN_PROGRESS, to_state=DONE, reason="So.", by=VENDOR),
            happened(Instance.NodeFinished, node_id="a"),
            happened(Instance.NodesSettled, unlocked=("b", "c"), skipped=()),
            happened(Task.Unlocked, by=VENDOR),
            happened(Task.Unlocked, by=VENDOR),
        )
        assert unlocked(story) == ["b", "c"]

    async def test_what_is_only_begun_unlocks_nothing(self):
        given(*everybody(), *running())
        await begun("a")
        assert told_of(Instance) == []

    async def test_what_waits_cannot_be_begun(self):
        given(*everybody(), *running())
        await begun("b")
        then_refused(TaskWaits, instance_id=INSTANCE)

    async def test_all_waits_for_the_last_parent(self, story):
        given(*everybody(), *running())
        await done("a", "b")
        assert unlocked(story) == []
        await done("c")
        assert unlocked(story) == ["d"]

    async def test_any_is_unlocked_by_the_first_and_by_no_other(self, story):
        given(*everybody(), *running(graph("a>c", "b>c", joins={"c": ANY})))
        await done("b")
        assert unlocked(story) == ["c"]
        await done("a")
        assert unlocked(story) == []

    async def test_at_least_two_is_unlocked_by_the_second(self, story):
        given(*everybody(), *running(graph("a>d", "b>d", "c>d", joins={"d": at_least(2)})))
        told = []
        for node_id in "cab":
            await done(node_id)
            told.append(unlocked(story))
        assert told == [[], ["d"], []]

    async def test_a_task_that_was_skipped_is_over(self):
        given(*everybody(), *running())
        await skipped("a")
        await when_asked(moving("a", IN_PROGRESS), by=ITS_MANAGER)
        then_refused(TaskIsOver, state=TaskState.SKIPPED)


class TestSkipping:
    async def test_the_tasks_of_the_branch_are_skipped_with_it(self):
        given(*everybody(), *running(graph("a>b", "b>c")))
        await skipped("a")
        then(
            happened(Instance.NodeSkipped, node_id="a", reason="It rains.", by=MANAGER),
            happened(Instance.NodesSettled, unlocked=(), skipped=("b", "c")),
            happened(Task.Skipped, from_state=TODO, reason="It rains.", by=MANAGER),
            happened(Task.Skipped, from_state=TaskState.BLOCKED, reason=BRANCH, by=MANAGER),
            happened(Task.Skipped, from_state=TaskState.BLOCKED, reason=BRANCH, by=MANAGER),
        )

    async def test_what_had_waited_for_it_last_is_unlocked(self, story):
        given(*everybody(), *running())
        await done("a", "b")
        await skipped("c")
        assert unlocked(story) == ["d"]


class TestTwoAtOnce:
    """In two processes, each with what it remembers of the workflow."""

    @pytest.fixture
    def processes(self, story):
        return [story.another_process(story.log.beside()) for _ in range(2)]

    async def both(self, processes, *commands):
        request = Request(ITS_MANAGER, "race")
        return await asyncio.gather(
            *(
                process.run(command, request, lambda made: made.version)
                for process, command in zip(processes, commands, strict=True)
            ),
            return_exceptions=True,
        )

    async def test_who_finish_the_parents_of_one_child_unlock_it_once(self, story, processes):
        given(*everybody(), *running())
        await done("a")
        await begun("b", "c")
        results = await self.both(processes, moving("b", DONE), moving("c", DONE))
        assert not any(isinstance(each, Exception) for each in results)
        then_tasks_stand_as_their_nodes_do(story)
        assert story.log.replayed(task_of("d")).state is TODO
        assert times_unlocked(story)[task_of("d")] == 1

    async def test_who_decided_on_what_is_no_longer_so_decides_again(self, story):
        given(*everybody(), *running())
        await done("a")
        await begun("b", "c")
        other = story.another_process(story.log.beside())
        request = Request(ITS_MANAGER, "race")
        story.log.meanwhile(lambda: other.run(moving("c", DONE), request, repr))
        await story.dispatcher.run(moving("b", DONE), request, repr)
        assert story.outcomes[-1].attempts == 2
        assert times_unlocked(story)[task_of("d")] == 1
        then_tasks_stand_as_their_nodes_do(story)

    async def test_who_finish_the_same_finish_it_once(self, story, processes):
        given(*everybody(), *running())
        await begun("a")
        results = await self.both(processes, moving("a", DONE), moving("a", DONE))
        assert [type(each) for each in results if isinstance(each, Exception)] == [RuleBroken]
        assert times_unlocked(story) == {task_of("b"): 1, task_of("c"): 1}

    async def test_of_finishing_and_skipping_one_wins(self, story, processes):
        given(*everybody(), *running())
        await begun("a")
        skip = SkipNode(INSTANCE, "a", "It rains.")
        results = await self.both(processes, moving("a", DONE), skip)
        assert [type(each) for each in results if isinstance(each, Exception)] == [RuleBroken]
        then_tasks_stand_as_their_nodes_do(story)

    async def test_who_finishes_one_parent_while_another_is_skipped(self, story, processes):
        given(*everybody(), *running())
        await done("a")
        await begun("b")
        await self.both(processes, moving("b", DONE), SkipNode(INSTANCE, "c", "It rains."))
        then_tasks_stand_as_their_nodes_do(story)
        assert times_unlocked(story)[task_of("d")] == 1


def times_unlocked(story):
    events = [entry.event for entry in story.log.truth.entries]
    return Counter(each.originator_id for each in events if isinstance(each, Task.Unlocked))


def then_tasks_stand_as_their_nodes_do(story):
    """Whatever a process remembers, of what the log tells."""
    runs = story.log.replayed(INSTANCE)
    then_it_is_sound(runs)
    for node_id, task_id in runs.tasks.items():
        found = story.log.replayed(task_id)
        assert runs.states[node_id] is state_of(found), node_id


def state_of(found):
    if found.blocked_by is BlockedBy.WAITING:
        return NodeState.WAITING
    match found.state:
        case TaskState.DONE:
            return NodeState.DONE
        case TaskState.SKIPPED:
            return NodeState.SKIPPED
        case _:
            return NodeState.READY


a_move = st.tuples(st.sampled_from(["finish", "finish", "finish", "skip"]), st.integers(0, 5))
rounds = st.lists(st.tuples(a_move, a_move), max_size=6)


async def play(process, what, node_id):
    """Finish or skip it, unless somebody has done so before."""
    commands = [moving(node_id, IN_PROGRESS), moving(node_id, DONE)]
    if what == "skip":
        commands = [SkipNode(INSTANCE, node_id, "It rains.")]
    for command in commands:
        with contextlib.suppress(RuleBroken):
            await process.run(command, Request(ITS_MANAGER, "race"), repr)


@settings(max_examples=150, deadline=None)
@for_all(any_graph(most=6), rounds)
async def test_whatever_two_processes_do_at_once_every_task_is_unlocked_once(drawn, told):
    story = Story()
    for each in (*everybody(), *running(drawn)):
        story.store(each, TENANT)
    processes = [story.dispatcher, story.another_process(story.log.beside())]
    for moves in told:
        ready = sorted(in_state(story.log.replayed(INSTANCE), NodeState.READY))
        if not ready:
            break
        await asyncio.gather(
            *(
                play(process, what, ready[which % len(ready)])
                for process, (what, which) in zip(processes, moves, strict=True)
            )
        )
        then_tasks_stand_as_their_nodes_do(story)
        assert set(times_unlocked(story).values()) <= {1}
    runs = story.log.replayed(INSTANCE)
    entered = in_state(runs, NodeState.READY, NodeState.DONE) - set(drawn.roots)
    assert {runs.tasks[node_id] for node_id in entered} <= set(times_unlocked(story))
