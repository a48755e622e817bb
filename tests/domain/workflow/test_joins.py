"""What a node's parents say of it."""

import pytest

from domain.workflow.joins import ALL, ANY, NodeState, Verdict, at_least, verdict

STATES = {
    "w": NodeState.WAITING,
    "r": NodeState.READY,
    "d": NodeState.DONE,
    "s": NodeState.SKIPPED,
}
OPEN, SATISFIED, IMPOSSIBLE = Verdict


def said(join, parents):
    """By the first letters of the parents' states."""
    return verdict(join, [STATES[each] for each in parents])


@pytest.mark.parametrize("join", [ALL, ANY], ids=str)
def test_nothing_is_in_the_way_of_what_has_no_parents(join):
    assert said(join, "") is SATISFIED


@pytest.mark.parametrize(
    ("parents", "told"),
    [
        ("d", SATISFIED),
        ("ddd", SATISFIED),
        ("ddr", OPEN),
        ("ddw", OPEN),
        ("dds", SATISFIED),
        ("dss", SATISFIED),
        ("rss", OPEN),
        ("sss", IMPOSSIBLE),
        ("s", IMPOSSIBLE),
    ],
)
def test_all_waits_for_every_parent_that_is_not_skipped_and_for_one_at_least(parents, told):
    assert said(ALL, parents) is told


@pytest.mark.parametrize(
    ("parents", "told"),
    [
        ("drw", SATISFIED),
        ("rww", OPEN),
        ("dss", SATISFIED),
        ("ssr", OPEN),
        ("sss", IMPOSSIBLE),
    ],
)
def test_any_waits_for_the_first(parents, told):
    assert said(ANY, parents) is told


@pytest.mark.parametrize(
    ("parents", "told"),
    [
        ("ddrw", SATISFIED),
        ("drrw", OPEN),
        ("ddss", SATISFIED),
        ("drss", OPEN),
        ("dsss", IMPOSSIBLE),
        ("ssss", IMPOSSIBLE),
    ],
)
def test_at_least_two_waits_for_two_as_long_as_two_can_be_done(parents, told):
    assert said(at_least(2), parents) is told


def test_done_and_skipped_are_final():
    assert [state for state in NodeState if state.is_over] == [NodeState.DONE, NodeState.SKIPPED]
