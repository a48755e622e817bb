"""An instance goes on with a newer version of its template."""

import pytest

from domain.shared.errors import Invalid
from domain.workflow.instance import Effects, Instance
from domain.workflow.joins import ALL, ANY, NodeState, at_least
from domain.workflow.migration import plan
from domain.workflow.refusals import (
    NodeIsAhead,
    NodeIsMappedTwice,
    NodeIsUnknown,
    TaskTypeDiffers,
    VersionIsNotNewer,
)
from tests.support.any_workflow import then_it_is_sound
from tests.support.given import given, happened, then, then_failed, then_refused, when
from tests.support.work import CATERING, FLOWERS, MANAGER
from tests.support.workflows import DIAMOND, graph, instance, node, task_of

WAITING, READY, DONE, SKIPPED = NodeState
WHY = "The new rules."
LINE = graph("a>e", "e>d")


def new_task(node_id):
    return task_of(f"new {node_id}")


def migrated(runs, drawn, mapping=None, begun=()):
    """Planned and carried out; what follows for the tasks."""
    given(runs)
    migration = plan(runs, drawn, 2, mapping or {}, begun)
    tasks = {node_id: new_task(node_id) for node_id in migration.added}
    found = []
    when(lambda one: found.append(one.migrate(migration, drawn, tasks, WHY, MANAGER)))
    return found[0] if found else None


def problems(runs, drawn, mapping=None, begun=(), number=2):
    return list(plan(runs, drawn, number, mapping or {}, begun).problems)


class TestPlanning:
    def test_says_what_would_become_of_every_node_and_changes_nothing(self):
        runs = instance(done="a")
        version = runs.version
        told = plan(runs, LINE, 2, {}, ())
        assert told.kept == {"a": "a", "d": "d"}
        assert (told.added, told.dropped) == (("e",), ("b", "c"))
        assert told.states == {"a": DONE, "e": READY, "d": WAITING}
        assert (told.effects, told.problems) == (Effects(), ())
        assert (runs.version, runs.graph, runs.number) == (version, DIAMOND, 1)

    def test_a_node_is_kept_under_another_name(self):
        told = plan(instance(), graph("x>y"), 2, {"a": "x", "b": "y"}, ())
        assert told.kept == {"a": "x", "b": "y"}
        assert (told.added, told.dropped) == ((), ("c", "d"))

    def test_two_change_places(self):
        told = plan(instance(graph("a>b")), graph("b>a"), 2, {"a": "b", "b": "a"}, ())
        assert (told.kept, told.problems) == ({"a": "b", "b": "a"}, ())

    def test_what_is_mapped_to_nothing_is_dropped_and_a_new_one_comes(self):
        told = plan(instance(), DIAMOND, 2, {"b": None}, ())
        assert (told.added, told.dropped) == (("b",), ("b",))


class TestMigrating:
    def test_it_is_told_with_all_that_it_is_from_now_on(self):
        runs = instance(done="a")
        migrated(runs, LINE)
        then(
            happened(
                Instance.Migrated,
                number=2,
                nodes=LINE.nodes,
                edges=LINE.edges,
                tasks=(task_of("a"), new_task("e"), task_of("d")),
                states=(DONE, READY, WAITING),
                reason=WHY,
                by=MANAGER,
            )
        )
        assert (runs.number, runs.node_of(task_of("b"))) == (2, None)
        then_it_is_sound(runs)

    def test_tasks_and_states_go_with_their_nodes(self):
        runs = instance(graph("a>b"), done="a")
        migrated(runs, graph("b>a"), {"a": "b", "b": "a"})
        assert runs.tasks == {"b": task_of("a"), "a": task_of("b")}
        assert runs.states == {"b": DONE, "a": READY}

    def test_what_nobody_has_begun_waits_again(self):
        runs = instance(graph(alone="ab"))
        assert migrated(runs, graph("c>a", alone="b")) == Effects(locked=("a",))
        assert runs.states == {"b": READY, "c": READY, "a": WAITING}

    def test_what_waited_for_a_dropped_node_is_unlocked(self):
        runs = instance(done="ab")
        assert migrated(runs, graph("a>b", "b>d")) == Effects(unlocked=("d",))

    def test_what_waited_is_unlocked_by_another_join(self):
        drawn = graph("a>b", "a>c", "b>d", "c>d", joins={"d": ANY})
        assert migrated(instance(done="ac"), drawn) == Effects(unlocked=("d",))

    def test_what_can_never_be_done_any_more_is_skipped_and_so_on(self):
        runs = instance(graph(alone="abc"), skipped="a")
        assert migrated(runs, graph("a>b", "b>d", alone="c")) == Effects(skipped=("b", "d"))
        assert runs.states == {"c": READY, "a": SKIPPED, "b": SKIPPED, "d": SKIPPED}

    def test_what_was_skipped_stays_so_even_where_it_could_be_done(self):
        runs = instance(graph("a>b"), skipped="a")
        assert migrated(runs, graph(alone="b")) == Effects()
        assert runs.states == {"b": SKIPPED}

    def test_what_is_done_stays_so_and_what_is_new_behind_it_can_be_begun(self):
        runs = instance(graph("a>b"), done="ab")
        migrated(runs, graph("a>b", "b>c"))
        assert runs.states == {"a": DONE, "b": DONE, "c": READY}

    def test_what_is_begun_goes_on(self):
        drawn = graph("a>b", "a>c", "a>d", "b>d", "c>d")
        assert migrated(instance(done="a"), drawn, begun={"b"}) == Effects()

    def test_a_reason_is_given(self):
        runs = instance()
        given(runs)
        migration = plan(runs, DIAMOND, 2, {}, ())
        when(lambda one: one.migrate(migration, DIAMOND, {}, " ", MANAGER))
        assert set(then_failed(Invalid).data["fields"]) == {"reason"}


class TestProblems:
    @pytest.mark.parametrize("number", [0, 1])
    def test_a_version_that_is_not_newer(self, number):
        assert problems(instance(), DIAMOND, number=number) == [VersionIsNotNewer(number, 1)]

    def test_a_mapping_of_what_is_not_there(self):
        mapping = {"x": "a", "y": None, "d": "z"}
        assert problems(instance(), DIAMOND, mapping) == [
            NodeIsUnknown("x", "the instance"),
            NodeIsUnknown("y", "the instance"),
            NodeIsUnknown("z", "version 2"),
        ]

    def test_two_nodes_that_would_become_one(self):
        assert problems(instance(), DIAMOND, {"b": "c"}) == [NodeIsMappedTwice("c")]

    def test_a_task_of_another_type(self):
        drawn = graph(alone="a").with_another(node("a", kind=FLOWERS))
        assert problems(instance(), drawn) == [TaskTypeDiffers("a", CATERING)]
        assert problems(instance(), drawn, {"a": None}) == []
        assert problems(instance(skipped="a"), drawn) == []

    @pytest.mark.parametrize("how", [{"done": "a"}, {}], ids=["done", "begun"])
    def test_what_is_done_or_begun_and_would_have_to_wait(self, how):
        runs = instance(graph(alone="ab"), **how)
        begun = () if how else {"a"}
        assert problems(runs, graph("b>a"), begun=begun) == [NodeIsAhead("a")]

    def test_it_is_named_as_the_new_version_calls_it(self):
        found = problems(instance(graph(alone="a")), graph("b>c"), {"a": "c"}, begun={"a"})
        assert found == [NodeIsAhead("c")]

    def test_what_is_begun_and_would_be_skipped(self):
        runs = instance(graph(alone="abc"), skipped="ab")
        drawn = graph("a>c", "b>c", joins={"c": at_least(2)})
        assert problems(runs, drawn, begun={"c"}) == [NodeIsAhead("c")]
        assert problems(runs, drawn) == []

    def test_what_is_begun_and_dropped_is_none(self):
        assert problems(instance(), graph(alone="d"), begun={"a"}) == []

    def test_with_any_it_goes_on_as_before_and_all_are_told(self):
        runs = instance(graph(alone="ab"), done="a")
        drawn = graph("b>a").with_another(node("b", ALL, kind=FLOWERS))
        migrated(runs, drawn, {"x": None})
        then_refused(NodeIsUnknown, TaskTypeDiffers, NodeIsAhead, node_id="x")
        assert runs.number == 1

    def test_each_is_a_sentence(self):
        runs = instance(graph(alone="abc"), done="a")
        drawn = graph("b>a").with_another(node("b", kind=FLOWERS))
        told = plan(runs, drawn, 1, {"x": "a", "c": "b"}, ()).problems
        assert [each.message for each in told] == [
            "Version 1 is not newer than 1, which runs.",
            "There is no node x in the instance.",
            "Two nodes would become b.",
            "The node b has a task of another type than its new version asks for.",
            "The node c has a task of another type than its new version asks for.",
            "The node a is begun or done already, and would have to wait.",
        ]
