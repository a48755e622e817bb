"""What must hold of every workflow, whatever is done to it and in whatever order."""

from collections import Counter

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain.shared.errors import RuleBroken
from domain.shared.moment import happening_at
from domain.workflow.instance import Effects, Instance
from domain.workflow.joins import NodeState
from domain.workflow.migration import plan
from tests.support.any_workflow import (
    DAY_OFF,
    IDS,
    any_graph,
    any_join,
    any_steps,
    done_needed_left,
    in_state,
    take,
    then_it_is_sound,
)
from tests.support.appends import news_of
from tests.support.memory import replay
from tests.support.scheduling import NOW
from tests.support.work import MANAGER
from tests.support.workflows import instance, node, task_of

WAITING, READY, DONE, SKIPPED = NodeState
every = settings(max_examples=80, deadline=None)


def after(drawn, steps):
    runs = instance(drawn)
    for step in steps:
        take(runs, *step)
    return runs


def told(runs):
    """What it told of others: who was unlocked, and who was skipped with its branch."""
    settled = [each for each in runs.pending_events if isinstance(each, Instance.NodesSettled)]
    unlocked = [node_id for each in settled for node_id in each.unlocked]
    skipped = [node_id for each in settled for node_id in each.skipped]
    return unlocked, skipped


def then_replay_gives_the_same(runs):
    assert replay(news_of(runs)) == runs


@every
@for_all(any_graph(), any_steps)
def test_a_node_may_be_begun_if_and_only_if_its_join_is_satisfied(drawn, steps):
    runs = instance(drawn)
    then_it_is_sound(runs)
    for step in steps:
        before = dict(runs.states)
        effects = take(runs, *step)
        then_it_is_sound(runs)
        became = {each: state for each, state in runs.states.items() if state is not before[each]}
        others = {*effects.unlocked, *effects.skipped}
        assert {before[each] for each in others} <= {WAITING}
        assert {each for each, state in became.items() if state is READY} == set(effects.unlocked)
        assert len(became.keys() - others) <= 1
        for ids in (effects.unlocked, effects.skipped):
            assert list(ids) == sorted(ids, key=drawn.rank.__getitem__)


@every
@for_all(any_graph(), any_steps)
def test_what_is_skipped_with_its_branch_is_what_nothing_can_come_of(drawn, steps):
    runs = after(drawn, steps)
    by_hand = {
        each.node_id for each in runs.pending_events if isinstance(each, Instance.NodeSkipped)
    }
    _, cascaded = told(runs)
    for node_id in drawn.in_order:
        if node_id not in by_hand:
            _, needed, left = done_needed_left(runs, node_id)
            impossible = bool(drawn.parents[node_id]) and left < needed
            assert (node_id in cascaded) == impossible, node_id
            assert (runs.states[node_id] is SKIPPED) == impossible, node_id


@every
@for_all(any_graph(), any_steps)
def test_every_node_is_unlocked_once_at_the_most(drawn, steps):
    runs = after(drawn, steps)
    unlocked, skipped = told(runs)
    assert max(Counter([*drawn.roots, *unlocked, *skipped]).values()) == 1
    assert in_state(runs, READY, DONE) <= {*drawn.roots, *unlocked}


@every
@for_all(any_graph(), any_steps)
def test_again_is_nothing(drawn, steps):
    runs = after(drawn, steps)
    version = runs.version
    for node_id in in_state(runs, DONE):
        assert runs.finish(node_id) == Effects()
    for node_id in in_state(runs, SKIPPED):
        assert runs.skip(node_id, DAY_OFF, MANAGER) == Effects()
    assert runs.version == version


@every
@for_all(any_graph(), any_steps, st.randoms(use_true_random=False))
def test_the_order_in_which_it_is_finished_does_not_matter(drawn, steps, chance):
    runs = after(drawn, [("finish", which) for _, which in steps])
    again, done = instance(drawn), in_state(runs, DONE)
    while left := sorted(done & in_state(again, READY)):
        with happening_at(NOW):
            again.finish(chance.choice(left))
    assert again.states == runs.states


@every
@for_all(any_graph(), st.sets(st.sampled_from(IDS)), st.randoms(use_true_random=False))
def test_nor_does_the_order_in_which_it_is_skipped(drawn, skipped, chance):
    """Before anything is done; afterwards it matters whether a node was done first."""
    ids = sorted(skipped & set(drawn.in_order))
    ends = []
    for _ in range(2):
        runs = instance(drawn)
        chance.shuffle(ids)
        with happening_at(NOW):
            for node_id in ids:
                runs.skip(node_id, DAY_OFF, MANAGER)
        ends.append(runs.states)
    assert ends[0] == ends[1]


@every
@for_all(any_graph())
def test_if_everybody_does_what_there_is_everything_is_done(drawn):
    runs = instance(drawn)
    while in_state(runs, READY):
        take(runs, "finish", 0)
    assert in_state(runs, DONE) == set(drawn.in_order)


@every
@for_all(any_graph(), any_steps)
def test_something_can_be_done_until_it_is_over(drawn, steps):
    runs = after(drawn, steps)
    assert runs.is_over or in_state(runs, READY)


@every
@for_all(any_graph(), any_steps)
def test_replay_gives_the_state_that_decided(drawn, steps):
    runs = after(drawn, steps)
    then_replay_gives_the_same(runs)


@every
@for_all(any_graph(most=8), any_steps, any_steps, st.data())
def test_it_is_sound_after_every_change_of_its_drawing(drawn, steps, later, data):
    runs = after(drawn, steps)
    before = dict(runs.states)
    some = st.lists(st.sampled_from(drawn.in_order), max_size=3, unique=True)
    parents, children = data.draw(some), data.draw(some)
    which = data.draw(st.sampled_from(drawn.in_order))
    try:
        with happening_at(NOW):
            new = node("z", data.draw(any_join(len(parents))))
            runs.add(new, parents, children, task_of("z"), DAY_OFF, MANAGER)
            other = node(which, data.draw(any_join(len(runs.graph.parents[which]))))
            runs.replace(other, task_of("other"), DAY_OFF, MANAGER)
    except RuleBroken:
        pass
    then_it_is_sound(runs)
    finals = {each: state for each, state in before.items() if state.is_over}
    assert finals.items() <= runs.states.items()
    for step in later:
        take(runs, *step)
        then_it_is_sound(runs)
    then_replay_gives_the_same(runs)


@every
@for_all(any_graph(most=8), any_steps, any_graph(most=8), any_steps, st.data())
def test_it_is_sound_after_a_migration_or_goes_on_as_before(drawn, steps, newer, later, data):
    runs = after(drawn, steps)
    targets = st.none() | st.sampled_from(newer.in_order)
    mapping = data.draw(st.dictionaries(st.sampled_from(drawn.in_order), targets, max_size=4))
    begun = {each for each in sorted(in_state(runs, READY)) if data.draw(st.booleans())}
    states, tasks, version = dict(runs.states), dict(runs.tasks), runs.version
    migration = plan(runs, newer, 2, mapping, begun)
    added = {each: task_of(f"new {each}") for each in migration.added}
    if migration.problems:
        with pytest.raises(RuleBroken) as refused:
            runs.migrate(migration, newer, added, DAY_OFF, MANAGER)
        assert refused.value.refusals == migration.problems
        assert (runs.states, runs.tasks, runs.version) == (states, tasks, version)
        return
    with happening_at(NOW):
        effects = runs.migrate(migration, newer, added, DAY_OFF, MANAGER)
    then_it_is_sound(runs)
    for old, new in migration.kept.items():
        assert runs.tasks[new] == tasks[old]
        if states[old].is_over or old in begun:
            assert runs.states[new] is states[old]
    came_from = {new: old for old, new in migration.kept.items()}
    for node_id in effects.unlocked:
        assert (states[came_from[node_id]], runs.states[node_id]) == (WAITING, READY)
    for node_id in effects.locked:
        assert (states[came_from[node_id]], runs.states[node_id]) == (READY, WAITING)
    for node_id in effects.skipped:
        assert runs.states[node_id] is SKIPPED
        assert node_id not in came_from or not states[came_from[node_id]].is_over
    for step in later:
        take(runs, *step)
        then_it_is_sound(runs)
    then_replay_gives_the_same(runs)


@pytest.mark.parametrize("state", [DONE, SKIPPED])
def test_these_histories_reach_every_state(state):
    """A property that never met one would say nothing of it."""
    steps = [("finish", 0), ("skip", 0)]
    assert in_state(after(instance().graph, steps), state)
