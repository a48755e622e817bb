"""How long what is left takes at the least, and what must not be late for that."""

from itertools import pairwise

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain.shared.ids import TaskTypeId, derived_id
from domain.workflow.critical import Times, schedule
from domain.workflow.graph import Graph
from domain.workflow.joins import ALL, ANY, NodeState, at_least
from tests.support.any_workflow import any_graph, any_steps, in_state, take
from tests.support.workflows import edges, graph, instance, node


def lasting(minutes):
    return TaskTypeId(derived_id("task type", minutes))


TAKES = {lasting(minutes): minutes for minutes in range(60)}


def works(*told, joins=None, alone=(), **minutes):
    """A graph whose nodes take so long; those that are not named take no time."""
    drawn = graph(*told, joins=joins, alone=alone)
    for each in drawn.nodes:
        kind = lasting(minutes.get(each.id, 0))
        drawn = drawn.exchanged(node(each.id, each.join, kind=kind))
    return drawn


FORK = works("a>b", "a>c", "b>d", "c>d", a=10, b=30, c=20, d=5)


def of(drawn, **so_far):
    """The schedule of an instance, of which this was done and that skipped."""
    return schedule(drawn, instance(drawn, **so_far).states, TAKES)


def slack(plan):
    return {node_id: times.slack for node_id, times in plan.times.items()}


class TestAll:
    def test_the_longest_way_is_critical(self):
        plan = of(FORK)
        assert plan.critical_path == ("a", "b", "d")
        assert (plan.remaining_minutes, plan.total_minutes) == (45, 45)
        assert plan.times["c"] == Times(20, 10, 30, 20, 40)
        assert slack(plan) == {"a": 0, "b": 0, "c": 10, "d": 0}

    def test_what_is_done_takes_no_time_any_more(self):
        plan = of(FORK, done="ab")
        assert plan.critical_path == ("c", "d")
        assert (plan.remaining_minutes, plan.total_minutes) == (25, 45)
        assert plan.times["d"] == Times(5, 20, 25, 20, 25)

    def test_nobody_waits_for_what_is_skipped(self):
        plan = of(FORK, done="a", skipped="b")
        assert plan.critical_path == ("c", "d")
        assert plan.remaining_minutes == 25
        assert plan.times["b"].minutes == 0

    def test_when_everything_is_over_nothing_is_critical(self):
        plan = of(FORK, done="abcd")
        assert (plan.critical_path, plan.remaining_minutes, plan.total_minutes) == ((), 0, 45)

    def test_what_takes_no_time_is_critical_where_the_longest_way_leads_through_it(self):
        plan = of(works("a>b", "b>c", "c>d", a=5, c=5))
        assert plan.critical_path == ("a", "b", "c", "d")

    def test_a_type_of_which_nothing_is_known_takes_no_time(self):
        plan = schedule(FORK, {}, {})
        assert (plan.remaining_minutes, plan.total_minutes) == (0, 0)


class TestOtherJoins:
    def test_any_begins_after_the_first_and_nobody_hurries_the_second(self):
        plan = of(works("a>c", "b>c", joins={"c": ANY}, a=10, b=30, c=25))
        assert (plan.critical_path, plan.remaining_minutes) == (("a", "c"), 35)
        assert slack(plan) == {"a": 0, "b": 5, "c": 0}

    def test_at_least_two_begins_after_the_second(self):
        joins = {"d": at_least(2)}
        plan = of(works("a>d", "b>d", "c>d", joins=joins, a=10, b=20, c=40, d=25))
        assert (plan.critical_path, plan.remaining_minutes) == (("b", "d"), 45)
        assert slack(plan) == {"a": 10, "b": 0, "c": 5, "d": 0}

    def test_what_is_skipped_is_not_the_first(self):
        plan = of(works("a>c", "b>c", joins={"c": ANY}, a=10, b=30, c=25), skipped="a")
        assert (plan.critical_path, plan.remaining_minutes) == (("b", "c"), 55)

    @pytest.mark.parametrize("first", ["a", "b"])
    def test_what_is_unlocked_hangs_on_nobody_who_is_still_at_it(self, first):
        plan = of(works("a>c", "b>c", joins={"c": ANY}, c=25), done=first)
        assert plan.critical_path == ("c",)
        assert set(slack(plan).values()) == {0, 25}


@st.composite
def timed(draw, drawn, join=None):
    """The same, with minutes, and where one is given with another join everywhere."""
    made = draw(drawn)
    for each in made.nodes:
        kind = lasting(draw(st.integers(0, 9)))
        made = made.exchanged(node(each.id, join or each.join, kind=kind))
    return Graph.drawn(made.nodes, made.edges)


def ways_from(drawn, node_id):
    yield (node_id,)
    for child in drawn.children[node_id]:
        yield from ((node_id, *way) for way in ways_from(drawn, child))


@settings(max_examples=60, deadline=None)
@for_all(timed(any_graph(most=9), ALL), st.lists(st.integers(0, 8), max_size=6))
def test_no_way_is_longer_than_the_critical_one(drawn, finished):
    runs = instance(drawn)
    for which in finished:
        take(runs, "finish", which)
    done = in_state(runs, NodeState.DONE)

    def minutes_of(way):
        return sum(TAKES[drawn.node(each).task_type_id] for each in way if each not in done)

    plan = schedule(drawn, runs.states, TAKES)
    ways = [way for root in drawn.roots for way in ways_from(drawn, root)]
    longest = max(map(minutes_of, ways))
    path = plan.critical_path
    assert plan.remaining_minutes == longest == minutes_of(path)
    assert all(two in drawn.children[one] for one, two in pairwise(path))
    assert not done & set(path)
    for node_id in set(drawn.in_order) - done:
        through = max(minutes_of(way) for way in ways if node_id in way)
        assert plan.times[node_id].slack == longest - through, node_id


@settings(max_examples=60, deadline=None)
@for_all(timed(any_graph(most=9)), any_steps)
def test_the_critical_way_has_no_slack_and_is_as_long_as_what_is_left(drawn, steps):
    runs = instance(drawn)
    for step in steps:
        take(runs, *step)
    plan = schedule(drawn, runs.states, TAKES)
    assert all(each >= 0 for each in slack(plan).values())
    assert {plan.times[each].slack for each in plan.critical_path} <= {0}
    assert sum(plan.times[each].minutes for each in plan.critical_path) == plan.remaining_minutes
    assert (plan.critical_path == ()) == runs.is_over


@settings(max_examples=60, deadline=None)
@for_all(timed(any_graph(most=9)))
def test_if_everybody_hurries_nodes_are_done_when_the_schedule_says(drawn):
    runs, finished = instance(drawn), {}
    minutes = {each.id: TAKES[each.task_type_id] for each in drawn.nodes}
    due = {root: minutes[root] for root in drawn.roots}
    while due:
        first = min(due, key=due.__getitem__)
        finished[first] = due.pop(first)
        unlocked = take_now(runs, first).unlocked
        due |= {each: finished[first] + minutes[each] for each in unlocked}
    plan = schedule(drawn, {}, TAKES)
    assert finished == {each: times.earliest_finish for each, times in plan.times.items()}


def take_now(runs, node_id):
    ready = sorted(in_state(runs, NodeState.READY))
    return take(runs, "finish", ready.index(node_id))


def test_a_thousand_nodes_are_no_matter():
    ids = [f"n{number}" for number in range(1000)]
    told = [f"n{n}>n{n + step}" for step in range(1, 6) for n in range(1000 - step)]
    nodes = [node(each, kind=lasting(1)) for each in ids]
    plan = schedule(Graph.drawn(nodes, edges(*told)), {}, TAKES)
    assert plan.remaining_minutes == 1000
    assert plan.critical_path == tuple(ids)
