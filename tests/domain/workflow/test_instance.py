"""An instance runs: its nodes are finished, skipped, added, replaced."""

import pytest

from domain.shared.errors import Invalid, NotFound
from domain.shared.ids import ScopeId
from domain.workflow.graph import Cyclic
from domain.workflow.instance import Effects, Instance
from domain.workflow.joins import ALL, ANY, NodeState, at_least
from domain.workflow.refusals import (
    NodeIsOver,
    NodeIsUnlocked,
    NodeStillWaits,
    NothingWouldComeOfIt,
)
from domain.workflow.template import TemplateIsRetired
from tests.support.any_workflow import then_it_is_sound
from tests.support.given import given, happened, then, then_failed, then_nothing, then_refused, when
from tests.support.work import INSTANCE, MANAGER, WEDDING
from tests.support.workflows import DIAMOND, graph, instance, node, task_of, template

WAITING, READY, DONE, SKIPPED = NodeState
WHY = "The weather."
LINE = graph("a>b", "b>c", "c>d")
NEW = task_of("new")


def effects_of(act):
    """What follows when somebody does this to what is given."""
    found = []
    when(lambda *things: found.append(act(*things)))
    return found[0] if found else None


def finishing(node_id):
    return lambda runs: runs.finish(node_id)


def skipping(node_id, why=WHY):
    return lambda runs: runs.skip(node_id, why, MANAGER)


def adding(new, parents=(), children=(), why=WHY):
    return lambda runs: runs.add(new, parents, children, NEW, why, MANAGER)


def replacing(new, why=WHY):
    return lambda runs: runs.replace(new, NEW, why, MANAGER)


class TestStarting:
    def test_what_waits_for_nothing_is_ready(self):
        runs = instance()
        assert runs.states == {"a": READY, "b": WAITING, "c": WAITING, "d": WAITING}
        assert (runs.number, runs.scope_id, runs.graph) == (1, WEDDING, DIAMOND)
        assert runs.node_of(task_of("b")) == "b"
        assert runs.node_of(NEW) is None
        then_it_is_sound(runs)

    def start(self, number=1, name="Ours"):
        tasks = {each: task_of(each) for each in "abcd"}
        return lambda drawn: Instance.start(INSTANCE, drawn, number, ScopeId(WEDDING), name, tasks)

    def test_nothing_is_started_from_what_is_retired(self):
        given(template())
        when(lambda drawn: drawn.retire())
        when(self.start())
        then_refused(TemplateIsRetired)

    def test_nothing_is_started_from_a_version_that_is_not_there(self):
        given(template())
        when(self.start(number=2))
        then_failed(NotFound, what="template version")

    def test_it_has_a_name(self):
        given(template())
        when(self.start(name=" "))
        assert set(then_failed(Invalid).data["fields"]) == {"name"}


class TestFinishing:
    def test_unlocks_every_child_that_waited_for_it_alone(self):
        given(instance())
        assert effects_of(finishing("a")) == Effects(unlocked=("b", "c"))
        then(
            happened(Instance.NodeFinished, node_id="a"),
            happened(Instance.NodesSettled, unlocked=("b", "c"), skipped=()),
        )

    def test_the_last_parent_unlocks(self):
        given(instance(done="ab"))
        assert effects_of(finishing("c")) == Effects(unlocked=("d",))

    def test_until_then_nothing_follows(self):
        given(instance(done="a"))
        assert effects_of(finishing("b")) == Effects()
        then(happened(Instance.NodeFinished, node_id="b"))

    def test_of_any_the_first_parent_unlocks_and_the_second_does_not(self):
        given(instance(graph("a>c", "b>c", joins={"c": ANY})))
        assert effects_of(finishing("b")) == Effects(unlocked=("c",))
        assert effects_of(finishing("a")) == Effects()
        then(happened(Instance.NodeFinished, node_id="a"))

    def test_of_at_least_two_the_second_unlocks(self):
        given(instance(graph("a>d", "b>d", "c>d", joins={"d": at_least(2)})))
        assert effects_of(finishing("c")) == Effects()
        assert effects_of(finishing("a")) == Effects(unlocked=("d",))
        assert effects_of(finishing("b")) == Effects()

    def test_again_does_nothing(self):
        given(instance(done="a"))
        assert effects_of(finishing("a")) == Effects()
        then_nothing()

    def test_what_waits_cannot_be_done(self):
        given(instance())
        when(finishing("d"))
        then_refused(NodeStillWaits, node_id="d")

    def test_what_is_skipped_cannot_be_done(self):
        given(instance(skipped="a"))
        when(finishing("a"))
        then_refused(NodeIsOver, node_id="a", state=SKIPPED)

    def test_what_is_not_there_is_not_found(self):
        given(instance())
        when(finishing("z"))
        then_failed(NotFound, what="node", id="z")

    def test_it_is_over_when_everything_is_done_or_skipped(self):
        assert not instance(done="abc").is_over
        assert instance(done="abcd").is_over
        assert instance(done="abc", skipped="d").is_over
        assert instance(skipped="a").is_over


class TestSkipping:
    def test_what_could_only_have_come_of_it_is_skipped_too_and_so_on(self):
        given(instance(LINE))
        assert effects_of(skipping("a", f" {WHY} ")) == Effects(skipped=("b", "c", "d"))
        then(
            happened(Instance.NodeSkipped, node_id="a", reason=WHY, by=MANAGER),
            happened(Instance.NodesSettled, unlocked=(), skipped=("b", "c", "d")),
        )

    def test_what_waits_for_others_too_waits_for_them(self):
        given(instance(done="a"))
        assert effects_of(skipping("b")) == Effects()
        assert effects_of(finishing("c")) == Effects(unlocked=("d",))

    def test_what_waited_for_it_last_is_unlocked(self):
        given(instance(done="ab"))
        assert effects_of(skipping("c")) == Effects(unlocked=("d",))

    def test_one_branch_can_end_and_another_begin(self):
        drawn = graph("a>c", "b>c", "b>d", "d>e", "c>e", joins={"e": ANY})
        runs = instance(drawn, done="a")
        given(runs)
        assert effects_of(skipping("b")) == Effects(unlocked=("c",), skipped=("d",))
        assert runs.states["e"] is WAITING
        then_it_is_sound(runs)

    def test_too_few_left_for_a_count_is_the_end_of_it(self):
        drawn = graph("a>d", "b>d", "c>d", joins={"d": at_least(2)})
        given(instance(drawn, done="a", skipped="b"))
        assert effects_of(skipping("c")) == Effects(skipped=("d",))

    def test_what_waits_can_be_skipped_before_its_time(self):
        given(instance())
        assert effects_of(skipping("d")) == Effects()

    def test_again_does_nothing(self):
        given(instance(skipped="a"))
        assert effects_of(skipping("d")) == Effects()
        then_nothing()

    def test_what_is_done_stays_done(self):
        given(instance(done="a"))
        when(skipping("a"))
        then_refused(NodeIsOver, node_id="a", state=DONE)

    def test_a_reason_is_given(self):
        given(instance())
        when(skipping("a", " "))
        assert set(then_failed(Invalid).data["fields"]) == {"reason"}

    def test_what_is_not_there_is_not_found(self):
        given(instance())
        when(skipping("z"))
        then_failed(NotFound, id="z")


class TestAdding:
    def test_it_waits_for_its_parents_and_its_children_for_it(self):
        runs = instance(done="a")
        given(runs)
        when(adding(node("e"), ["b"], ["d"], f" {WHY}"))
        then(
            happened(
                Instance.NodeAdded,
                node=node("e"),
                parents=("b",),
                children=("d",),
                task_id=NEW,
                state=WAITING,
                reason=WHY,
                by=MANAGER,
            )
        )
        assert runs.graph.parents["d"] == ("b", "c", "e")
        assert runs.node_of(NEW) == "e"
        then_it_is_sound(runs)

    @pytest.mark.parametrize("parents", [[], ["a"]], ids=str)
    def test_what_waits_for_nothing_is_ready(self, parents):
        runs = instance(done="a")
        given(runs)
        when(adding(node("e"), parents))
        assert runs.states["e"] is READY

    def test_its_child_waits_until_it_is_done_too(self):
        given(instance(done="ab"))
        when(adding(node("e"), ["a"], ["d"]))
        assert effects_of(finishing("c")) == Effects()
        assert effects_of(finishing("e")) == Effects(unlocked=("d",))

    def test_what_is_over_goes_on(self):
        runs = instance(graph(alone="a"), done="a")
        given(runs)
        when(adding(node("e"), ["a"]))
        assert not runs.is_over

    def test_what_may_be_begun_cannot_wait_for_anything_new(self):
        given(instance(done="a"))
        when(adding(node("e"), [], ["a", "b", "d"]))
        then_refused(NodeIsUnlocked, NodeIsUnlocked, node_id="a", state=DONE)

    def test_what_only_waits_for_what_is_skipped_is_not_added(self):
        given(instance(skipped="a"))
        when(adding(node("e"), ["b", "c"]))
        then_refused(NothingWouldComeOfIt, node_id="e")

    def test_a_cycle_is_refused(self):
        given(instance(LINE))
        when(adding(node("e"), ["c"], ["b"]))
        then_refused(Cyclic)

    def test_what_is_wrong_is_named(self):
        given(instance())
        when(adding(node("a", title=" "), ["x"], ["d", "d"]))
        assert set(then_failed(Invalid).data["fields"]) == {
            "node.id",
            "node.title",
            "parents.0",
            "children.1",
        }

    def test_a_reason_is_given(self):
        given(instance())
        when(adding(node("e"), why=""))
        assert set(then_failed(Invalid).data["fields"]) == {"reason"}


class TestReplacing:
    @pytest.mark.parametrize(("node_id", "state"), [("b", READY), ("d", WAITING)])
    def test_another_task_takes_its_place(self, node_id, state):
        runs = instance(done="a")
        given(runs)
        new = node(node_id, title="Hire somebody")
        when(replacing(new, f" {WHY}"))
        then(
            happened(
                Instance.NodeReplaced, node=new, task_id=NEW, state=state, reason=WHY, by=MANAGER
            )
        )
        assert (runs.node_of(NEW), runs.node_of(task_of(node_id))) == (node_id, None)
        then_it_is_sound(runs)

    def test_by_another_join_it_can_be_begun(self):
        runs = instance(done="ab")
        given(runs)
        when(replacing(node("d", ANY)))
        assert runs.states["d"] is READY
        then_it_is_sound(runs)

    def test_by_another_join_it_waits_again_for_its_task_is_new(self):
        runs = instance(graph("a>c", "b>c", joins={"c": ANY}), done="a")
        given(runs)
        when(replacing(node("c", ALL)))
        assert runs.states["c"] is WAITING
        then_it_is_sound(runs)

    def test_a_join_that_nothing_can_satisfy_is_refused(self):
        given(instance(graph("a>c", "b>c"), skipped="a"))
        when(replacing(node("c", at_least(2))))
        then_refused(NothingWouldComeOfIt, node_id="c")

    @pytest.mark.parametrize(("node_id", "state"), [("a", DONE), ("b", SKIPPED)])
    def test_what_is_over_stays_as_it_is(self, node_id, state):
        given(instance(done="a", skipped="b"))
        when(replacing(node(node_id)))
        then_refused(NodeIsOver, node_id=node_id, state=state)

    @pytest.mark.parametrize(
        ("new", "why", "field"),
        [
            (node("d", at_least(3)), WHY, "join.count"),
            (node("d", title=" "), WHY, "title"),
            (node("d"), " ", "reason"),
        ],
        ids=["its join", "its title", "the reason"],
    )
    def test_what_is_wrong_is_named(self, new, why, field):
        given(instance())
        when(replacing(new, why))
        assert set(then_failed(Invalid).data["fields"]) == {field}

    def test_what_is_not_there_is_not_found(self):
        given(instance())
        when(replacing(node("z")))
        then_failed(NotFound, id="z")
