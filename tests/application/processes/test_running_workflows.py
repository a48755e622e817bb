"""One instance is changed while it runs, and its tasks with it in one append."""

from functools import partial
from uuid import uuid4

import pytest

from application.attempt import Request
from application.processes.running_workflows import (
    AddNode,
    MigrateInstance,
    ReplaceNode,
    SkipNode,
    planned_migration,
)
from application.processes.tasks_of_workflows import BRANCH, MoveTask
from application.processes.workflows import RetireTemplate
from application.work.reference import RetireTaskType
from application.work.tasks import PickTask
from domain.shared.errors import Forbidden, Invalid, NotFound
from domain.shared.ids import TaskTypeId
from domain.work.refusals import TaskIsOver
from domain.work.states import BlockedBy, TaskState
from domain.work.task import Task
from domain.work.task_type import TaskTypeIsRetired
from domain.workflow.instance import Effects, Instance
from domain.workflow.joins import ANY, NodeState
from domain.workflow.refusals import (
    NodeIsAhead,
    NodeIsOver,
    NodeIsUnknown,
    NodeIsUnlocked,
    TaskTypeDiffers,
    VersionIsNotNewer,
)
from domain.workflow.template import Template
from tests.support.given import (
    given,
    happened,
    then,
    then_failed,
    then_nothing,
    then_refused,
    told_of,
    when_asked,
)
from tests.support.scheduling import STRANGER, TENANT
from tests.support.work import (
    FLOWERS,
    INSTANCE,
    ITS_CUSTOMER,
    ITS_MANAGER,
    ITS_VENDOR,
    MANAGER,
    SOMEBODY,
    THE_ADMIN,
    everybody,
)
from tests.support.workflows import DIAMOND, graph, node, running, task_of

WHY = "The weather."
TODO, IN_PROGRESS, DONE = TaskState.TODO, TaskState.IN_PROGRESS, TaskState.DONE
LINE = graph("a>e", "e>d")


def given_the_workflow(*graphs):
    """It runs by the first of these."""
    given(*everybody(), *running(*(graphs or (DIAMOND,))))


def adding(new, parents=(), children=(), why=WHY):
    return AddNode(INSTANCE, new, tuple(parents), tuple(children), why)


def skipping(node_id, why=WHY):
    return SkipNode(INSTANCE, node_id, why)


def replacing(new, why=WHY):
    return ReplaceNode(INSTANCE, new, why)


def migrating(mapping=None, why=WHY, number=None):
    return MigrateInstance(INSTANCE, mapping or {}, why, number)


async def moved(node_id, *states):
    for state in states:
        await when_asked(MoveTask(task_of(node_id), state, "So."), by=ITS_MANAGER)


async def done(*node_ids):
    for node_id in node_ids:
        await moved(node_id, IN_PROGRESS, DONE)


def state_of(story, node_id):
    """Of the node's task, as the log tells it, and whether that waits."""
    task = story.log.replayed(story.log.replayed(INSTANCE).tasks[node_id])
    return task.state, task.blocked_by


WAITS = (TaskState.BLOCKED, BlockedBy.WAITING)
EACH = [adding(node("e")), skipping("a"), replacing(node("a")), migrating()]
NAMES = ["add", "skip", "replace", "migrate"]


class TestWhoMay:
    @pytest.mark.parametrize("command", EACH, ids=NAMES)
    @pytest.mark.parametrize("who", [SOMEBODY, STRANGER], ids=["no member", "another tenant"])
    async def test_for_whom_it_is_out_of_scope_it_is_not_there(self, command, who):
        given_the_workflow(DIAMOND, LINE)
        await when_asked(command, by=who)
        then_failed(NotFound, what="instance", id=str(INSTANCE))

    @pytest.mark.parametrize("command", EACH, ids=NAMES)
    @pytest.mark.parametrize("who", [ITS_VENDOR, ITS_CUSTOMER], ids=["vendor", "customer"])
    async def test_who_may_not_assign_may_not_change_it(self, command, who):
        given_the_workflow(DIAMOND, LINE)
        await when_asked(command, by=who)
        then_failed(Forbidden)

    @pytest.mark.parametrize("command", EACH, ids=NAMES)
    @pytest.mark.parametrize("who", [ITS_MANAGER, THE_ADMIN], ids=["manager", "admin"])
    async def test_its_manager_and_an_admin_may(self, command, who):
        given_the_workflow(DIAMOND, LINE)
        await when_asked(command, by=who)
        assert len(told_of(Instance)) >= 1

    @pytest.mark.parametrize("command", EACH, ids=NAMES)
    async def test_what_is_not_there_is_not_found(self, command):
        given(*everybody())
        await when_asked(command, by=ITS_MANAGER)
        then_failed(NotFound, what="instance")

    @pytest.mark.parametrize(
        "command",
        [
            adding(node("e"), why=" "),
            skipping("a", why=" "),
            replacing(node("a"), why=" "),
            migrating(why=" "),
        ],
        ids=NAMES,
    )
    async def test_each_change_has_its_reason(self, command):
        given_the_workflow(DIAMOND, LINE)
        await when_asked(command, by=ITS_MANAGER)
        assert set(then_failed(Invalid).data["fields"]) == {"reason"}


class TestAdding:
    async def test_a_node_comes_with_its_task(self, story):
        given_the_workflow()
        await when_asked(adding(node("e"), "a", "d"), by=ITS_MANAGER)
        assert told_of(Instance) + told_of(Task) == ["Instance.NodeAdded", "Task.Planned"]
        assert state_of(story, "e") == WAITS
        await done("a")
        assert state_of(story, "e") == (TODO, None)

    async def test_what_waits_for_nothing_can_be_begun(self, story):
        given_the_workflow()
        await when_asked(adding(node("e")), by=ITS_MANAGER)
        assert state_of(story, "e") == (TODO, None)

    async def test_its_child_waits_for_it_too(self, story):
        given_the_workflow()
        await done("a")
        await when_asked(adding(node("e"), "a", "d"), by=ITS_MANAGER)
        await done("b", "c")
        assert state_of(story, "d") == WAITS

    async def test_what_may_be_begun_cannot_wait_for_it(self):
        given_the_workflow()
        await when_asked(adding(node("e"), children="a"), by=ITS_MANAGER)
        then_refused(NodeIsUnlocked, node_id="a")

    async def test_an_unknown_type_and_a_retired_one_are_refused(self):
        given_the_workflow()
        await when_asked(adding(node("e", kind=TaskTypeId(uuid4()))), by=ITS_MANAGER)
        then_failed(Invalid, fields={"node.taskTypeId": "no such task type"})
        await when_asked(RetireTaskType(FLOWERS), by=THE_ADMIN)
        await when_asked(adding(node("e", kind=FLOWERS)), by=ITS_MANAGER)
        then_refused(TaskTypeIsRetired)


class TestSkipping:
    async def test_its_task_and_its_branch_are_skipped_each_with_its_reason(self, story):
        given_the_workflow(graph("a>b"))
        await when_asked(skipping("a", f" {WHY} "), by=ITS_MANAGER)
        told = [e for e in story.news() if isinstance(e, Task.Skipped)]
        assert [(e.originator_id, e.reason, e.by) for e in told] == [
            (task_of("a"), WHY, MANAGER),
            (task_of("b"), BRANCH, MANAGER),
        ]

    async def test_whoever_is_at_it_need_not_go_on(self, story):
        given_the_workflow()
        await moved("a", IN_PROGRESS)
        await when_asked(skipping("a"), by=ITS_MANAGER)
        assert state_of(story, "a") == (TaskState.SKIPPED, None)
        await when_asked(PickTask(task_of("a")), by=ITS_MANAGER)
        then_refused(TaskIsOver)

    async def test_again_changes_nothing(self):
        given_the_workflow()
        await when_asked(skipping("a"), by=ITS_MANAGER)
        await when_asked(skipping("a"), by=ITS_MANAGER)
        then_nothing()

    async def test_what_is_done_stays_done(self):
        given_the_workflow()
        await done("a")
        await when_asked(skipping("a"), by=ITS_MANAGER)
        then_refused(NodeIsOver, node_id="a", state=NodeState.DONE)

    async def test_what_is_not_there_is_not_found(self):
        given_the_workflow()
        await when_asked(skipping("z"), by=ITS_MANAGER)
        then_failed(NotFound, what="node", id="z")


class TestReplacing:
    async def test_another_task_takes_its_place_and_the_first_is_skipped(self, story):
        given_the_workflow()
        new = node("a", title="Hire somebody", kind=FLOWERS)
        await when_asked(replacing(new, f"{WHY} "), by=ITS_MANAGER)
        assert told_of(Task) == ["Task.Skipped", "Task.Planned"]
        first = story.log.replayed(task_of("a"))
        assert first.state is TaskState.SKIPPED
        second = story.log.replayed(story.log.replayed(INSTANCE).tasks["a"])
        assert (second.title, second.task_type_id) == ("Hire somebody", FLOWERS)
        assert (second.state, second.node_id) == (TODO, "a")

    async def test_the_new_task_unlocks_and_the_first_does_not(self, story):
        given_the_workflow()
        await moved("a", IN_PROGRESS)
        await when_asked(replacing(node("a")), by=ITS_MANAGER)
        await moved("a", DONE)
        then_refused(TaskIsOver)
        second = story.log.replayed(INSTANCE).tasks["a"]
        for state in (IN_PROGRESS, DONE):
            await when_asked(MoveTask(second, state, "So."), by=ITS_MANAGER)
        assert told_of(Task) == ["Task.Moved", "Task.Unlocked", "Task.Unlocked"]

    async def test_by_another_join_it_can_be_begun(self, story):
        given_the_workflow()
        await done("a", "b")
        await when_asked(replacing(node("d", ANY)), by=ITS_MANAGER)
        assert state_of(story, "d") == (TODO, None)

    async def test_what_is_over_stays_as_it_is(self):
        given_the_workflow()
        await done("a")
        await when_asked(replacing(node("a")), by=ITS_MANAGER)
        then_refused(NodeIsOver, node_id="a")

    async def test_what_is_not_there_is_not_found(self):
        given_the_workflow()
        await when_asked(replacing(node("z")), by=ITS_MANAGER)
        then_failed(NotFound, what="node", id="z")

    async def test_an_unknown_type_is_named(self):
        given_the_workflow()
        await when_asked(replacing(node("a", kind=TaskTypeId(uuid4()))), by=ITS_MANAGER)
        then_failed(Invalid, fields={"taskTypeId": "no such task type"})


async def looked(story, mapping=None, number=None, by=ITS_MANAGER):
    """What migrating would do."""
    asked = partial(planned_migration, INSTANCE, mapping or {}, number)
    return (await story.dispatcher.look(asked, by)).migration


class TestDryRun:
    async def test_says_what_would_become_of_it_and_changes_nothing(self, story):
        given_the_workflow(DIAMOND, LINE)
        await done("a")
        before = len(story.log.truth.entries)
        told = await looked(story)
        assert (told.number, told.kept) == (2, {"a": "a", "d": "d"})
        assert (told.added, told.dropped) == (("e",), ("b", "c"))
        assert (told.effects, told.problems) == (Effects(), ())
        assert len(story.log.truth.entries) == before

    async def test_says_what_is_in_the_way(self, story):
        given_the_workflow(graph(alone="ab"), graph("b>a"))
        await moved("a", IN_PROGRESS)
        told = await looked(story, {"x": "y"})
        assert told.problems == (
            NodeIsUnknown("x", "the instance"),
            NodeIsUnknown("y", "version 2"),
            NodeIsAhead("a"),
        )

    async def test_is_for_who_may_migrate(self, story):
        given_the_workflow(DIAMOND, LINE)
        with pytest.raises(Forbidden):
            await looked(story, by=ITS_VENDOR)
        with pytest.raises(NotFound):
            await looked(story, by=SOMEBODY)

    async def test_of_a_version_that_is_not_there_nothing_is_said(self, story):
        given_the_workflow(DIAMOND, LINE)
        with pytest.raises(NotFound):
            await looked(story, number=3)


class TestMigrating:
    async def test_new_nodes_come_with_tasks_and_those_of_dropped_ones_are_skipped(self, story):
        given_the_workflow(DIAMOND, LINE)
        await done("a")
        await moved("b", IN_PROGRESS)
        await when_asked(migrating(why=f" {WHY}"), by=ITS_MANAGER)
        dropped = {e.originator_id: e for e in story.news() if isinstance(e, Task.Skipped)}
        assert set(dropped) == {task_of("b"), task_of("c")}
        assert {each.reason for each in dropped.values()} == {WHY}
        assert state_of(story, "a") == (DONE, None)
        assert state_of(story, "e") == (TODO, None)
        assert state_of(story, "d") == WAITS
        assert story.log.replayed(INSTANCE).tasks["d"] == task_of("d")

    async def test_what_waited_for_a_dropped_node_is_unlocked(self, story):
        given_the_workflow(DIAMOND, graph("a>b", "b>d"))
        await done("a", "b")
        await when_asked(migrating(), by=ITS_MANAGER)
        assert state_of(story, "d") == (TODO, None)

    async def test_what_nobody_has_begun_is_locked_again_and_later_unlocked(self, story):
        given_the_workflow(graph(alone="ab"), graph("b>a"))
        await when_asked(migrating(), by=ITS_MANAGER)
        then(
            happened(
                Instance.Migrated,
                number=2,
                nodes=graph("b>a").nodes,
                edges=graph("b>a").edges,
                tasks=(task_of("b"), task_of("a")),
                states=(NodeState.READY, NodeState.WAITING),
                reason=WHY,
                by=MANAGER,
            ),
            happened(Task.Locked, by=MANAGER),
        )
        assert state_of(story, "a") == WAITS
        await done("b")
        assert state_of(story, "a") == (TODO, None)

    async def test_what_can_never_be_done_any_more_comes_skipped(self, story):
        given_the_workflow(graph(alone="ab"), graph("a>c", alone="b"))
        await when_asked(skipping("a"), by=ITS_MANAGER)
        await when_asked(migrating(), by=ITS_MANAGER)
        assert state_of(story, "c") == (TaskState.SKIPPED, None)

    @pytest.mark.parametrize("states", [(IN_PROGRESS,), (IN_PROGRESS, TaskState.BLOCKED)], ids=str)
    async def test_what_is_begun_or_held_up_cannot_wait_again(self, story, states):
        given_the_workflow(graph(alone="ab"), graph("b>a"))
        await moved("a", *states)
        await when_asked(migrating(), by=ITS_MANAGER)
        then_refused(NodeIsAhead, node_id="a")
        assert story.log.replayed(INSTANCE).number == 1

    async def test_who_begins_meanwhile_is_seen(self, story):
        given_the_workflow(graph(alone="ab"), graph("b>a"))
        other = story.another_process(story.log.beside())

        async def somebody_begins():
            command = MoveTask(task_of("a"), IN_PROGRESS, "So.")
            await other.run(command, Request(ITS_VENDOR, "race"), repr)

        story.log.meanwhile(somebody_begins)
        await when_asked(migrating(), by=ITS_MANAGER)
        assert [each.name for each in story.failure.refusals] == ["NodeIsAhead"]
        assert story.log.replayed(INSTANCE).number == 1

    async def test_a_task_keeps_its_type_unless_its_node_is_mapped_to_nothing(self, story):
        newer = DIAMOND.with_another(node("a", kind=FLOWERS))
        given_the_workflow(DIAMOND, newer)
        await when_asked(migrating(), by=ITS_MANAGER)
        then_refused(TaskTypeDiffers, node_id="a")
        await when_asked(migrating({"a": None}), by=ITS_MANAGER)
        assert state_of(story, "a") == (TODO, None)
        assert story.log.replayed(task_of("a")).state is TaskState.SKIPPED

    async def test_a_task_goes_with_its_node_under_another_name(self, story):
        given_the_workflow(graph("a>b"), graph("x>y"))
        await moved("a", IN_PROGRESS)
        await when_asked(migrating({"a": "x", "b": "y"}), by=ITS_MANAGER)
        assert story.log.replayed(INSTANCE).tasks == {"x": task_of("a"), "y": task_of("b")}
        await moved("a", DONE)
        assert state_of(story, "y") == (TODO, None)

    async def test_to_a_version_that_is_not_newer_it_does_not_go(self):
        given_the_workflow(DIAMOND, LINE)
        await when_asked(migrating(number=1), by=ITS_MANAGER)
        then_refused(VersionIsNotNewer, number=1, running=1)

    async def test_a_new_node_of_a_retired_type_is_refused(self):
        newer = graph("a>e").with_another(node("e", kind=FLOWERS))
        given_the_workflow(DIAMOND, newer)
        await when_asked(RetireTaskType(FLOWERS), by=THE_ADMIN)
        await when_asked(migrating(), by=ITS_MANAGER)
        then_refused(TaskTypeIsRetired)

    async def test_what_runs_goes_on_though_its_template_is_retired(self, story):
        given_the_workflow(DIAMOND, LINE)
        await when_asked(RetireTemplate(Template.id_of(TENANT, "Wedding")), by=ITS_MANAGER)
        await when_asked(migrating(), by=ITS_MANAGER)
        assert story.log.replayed(INSTANCE).number == 2
