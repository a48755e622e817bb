"""What can be drawn, and what can't."""

from itertools import pairwise

import pytest

from domain.shared.errors import Invalid, RuleBroken
from domain.workflow.graph import (
    LONGEST_ID,
    MOST_EDGES,
    MOST_NODES,
    MOST_TOLD,
    Cyclic,
    Edge,
    Graph,
    Node,
)
from domain.workflow.joins import ALL, ANY, Join, JoinKind, at_least
from tests.support.work import CATERING
from tests.support.workflows import DIAMOND, edges, graph, node

A, B, C = node("a"), node("b"), node("c")


def wrong(nodes, *told):
    with pytest.raises(Invalid) as refused:
        Graph.drawn(nodes, edges(*told))
    return refused.value.data["fields"]


def cycle_of(*told):
    ids = dict.fromkeys("".join(told).replace(">", ""))
    with pytest.raises(RuleBroken) as refused:
        Graph.drawn([node(each) for each in ids], edges(*told))
    (refusal,) = refused.value.refusals
    assert type(refusal) is Cyclic
    return refusal


class TestReading:
    def test_a_diamond_has_one_root_and_an_order(self):
        assert DIAMOND.roots == ("a",)
        assert DIAMOND.in_order == ("a", "b", "c", "d")
        assert DIAMOND.rank == {"a": 0, "b": 1, "c": 2, "d": 3}

    def test_parents_and_children_are_found_from_both_sides(self):
        assert DIAMOND.parents == {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c")}
        assert DIAMOND.children == {"a": ("b", "c"), "b": ("d",), "c": ("d",), "d": ()}

    def test_nodes_are_found_by_their_ids(self):
        assert DIAMOND.node("a").title == "Do a"
        assert "a" in DIAMOND
        assert "z" not in DIAMOND

    def test_one_node_is_a_workflow(self):
        assert Graph.drawn([A], []).roots == ("a",)

    def test_parts_need_not_hang_together(self):
        assert graph("a>b", alone=["z"]).roots == ("z", "a")

    def test_texts_are_kept_without_blanks_around_them(self):
        drawn = Graph.drawn([Node("a", "  Cake ", CATERING, ALL, " Sweet ")], [])
        assert (drawn.node("a").title, drawn.node("a").description) == ("Cake", "Sweet")

    def test_what_was_looked_up_is_no_part_of_its_value(self):
        assert DIAMOND.in_order
        assert Graph(DIAMOND.nodes, DIAMOND.edges) == DIAMOND


class TestWhatIsWrong:
    def test_a_workflow_without_nodes(self):
        assert set(wrong([])) == {"nodes"}

    def test_more_than_anybody_draws(self):
        many = [node(str(number)) for number in range(MOST_NODES + 1)]
        assert set(wrong(many, *["0>1"] * (MOST_EDGES + 1))) == {"nodes", "edges"}

    @pytest.mark.parametrize("id", ["", "x" * (LONGEST_ID + 1), "a\nb", "a\x00", "a/b"], ids=repr)
    def test_an_id_that_cannot_be_one(self, id):
        assert set(wrong([A, Node(id, "Odd", CATERING)])) == {"nodes.1.id"}

    def test_an_id_that_is_there_twice_is_told_at_both_places(self):
        assert wrong([A, B, A]) == {
            "nodes.0.id": "is there 2 times",
            "nodes.2.id": "is there 2 times",
        }

    @pytest.mark.parametrize("title", [" ", "x" * 201, "a\x00"], ids=repr)
    def test_a_title_that_cannot_be_one(self, title):
        assert set(wrong([A, node("b", title=title)])) == {"nodes.1.title"}

    def test_a_description_that_is_too_long(self):
        assert set(wrong([Node("a", "A", CATERING, ALL, "x" * 1001)])) == {"nodes.0.description"}

    def test_edges_from_and_to_nowhere(self):
        assert wrong([A, B], "a>b", "a>x", "y>b") == {
            "edges.1.child": "there is no node x",
            "edges.2.parent": "there is no node y",
        }

    def test_an_edge_that_is_drawn_twice(self):
        assert wrong([A, B], "a>b", "a>b") == {"edges.1": "is drawn twice"}

    @pytest.mark.parametrize(
        "join",
        [
            at_least(0),
            at_least(3),
            Join(JoinKind.AT_LEAST),
            Join(JoinKind.ALL, 1),
            Join(JoinKind.ANY, 1),
        ],
        ids=str,
    )
    def test_a_join_that_counts_what_there_is_not(self, join):
        assert set(wrong([A, B, node("c", join)], "a>c", "b>c")) == {"nodes.2.join.count"}

    def test_a_join_that_counts_where_there_are_no_parents(self):
        assert set(wrong([node("a", at_least(1))])) == {"nodes.0.join.count"}

    def test_all_of_it_is_told_at_once(self):
        told = wrong([A, A, node("c", at_least(2), title=" ")], "a>c", "a>z")
        assert set(told) == {
            "nodes.0.id",
            "nodes.1.id",
            "nodes.2.title",
            "nodes.2.join.count",
            "edges.1.child",
        }

    def test_of_a_lot_of_nonsense_a_part_is_told(self):
        assert len(wrong([A], *[f"a>{number}" for number in range(500)])) == MOST_TOLD

    def test_as_many_as_there_are_may_be_counted(self):
        assert graph("a>c", "b>c", joins={"c": at_least(2)}).node("c").join.count == 2
        assert Graph.drawn([node("a", ANY)], []).roots == ("a",)


class TestCycles:
    def test_the_path_leads_along_the_edges_back_to_where_it_began(self):
        path = cycle_of("x>a", "a>b", "b>c", "c>a", "c>y").path
        assert path[0] == path[-1]
        assert set(path) == {"a", "b", "c"}
        assert {f"{one}>{two}" for one, two in pairwise(path)} == {
            "a>b",
            "b>c",
            "c>a",
        }

    def test_a_node_that_waits_for_itself(self):
        refusal = cycle_of("a>b", "b>b")
        assert refusal.path == ("b", "b")
        assert refusal.message == "The workflow has a cycle: b → b."

    def test_of_a_long_one_the_sentence_tells_both_ends(self):
        nodes = [node(str(number)) for number in range(500)]
        told = edges(*(f"{number}>{(number + 1) % 500}" for number in range(500)))
        with pytest.raises(RuleBroken) as refused:
            Graph.drawn(nodes, told)
        (cycle,) = refused.value.refusals
        assert len(cycle.path) == 501
        assert cycle.message.count("→") == 20
        assert " → … → " in cycle.message

    def test_two_that_wait_for_each_other(self):
        assert sorted(set(cycle_of("a>b", "b>a").path)) == ["a", "b"]


class TestAdding:
    def test_a_node_comes_between_others(self):
        drawn = DIAMOND.with_node(node("e"), ["a"], ["d"])
        assert (drawn.parents["e"], drawn.parents["d"]) == (("a",), ("b", "c", "e"))

    def test_what_is_wrong_is_named_as_it_was_asked_for(self):
        with pytest.raises(Invalid) as refused:
            DIAMOND.with_node(node("a", at_least(4), title=" "), ["a", "x", "a"], ["y"])
        assert refused.value.data["fields"] == {
            "node.id": "is there already",
            "node.title": "must have between 1 and 200 characters",
            "node.join.count": "must be between 1 and its 3 parents",
            "parents.1": "there is no node x",
            "parents.2": "is there twice",
            "children.0": "there is no node y",
        }

    def test_a_cycle_is_refused(self):
        with pytest.raises(RuleBroken) as refused:
            DIAMOND.with_node(node("e"), ["d"], ["a"])
        assert set(refused.value.refusals[0].path) >= {"e", "d", "a"}


class TestExchanging:
    def test_it_keeps_its_place_and_its_edges(self):
        drawn = DIAMOND.with_another(node("b", ANY, title=" Better "))
        assert [each.id for each in drawn.nodes] == ["a", "b", "c", "d"]
        assert (drawn.edges, drawn.node("b").title) == (DIAMOND.edges, "Better")

    def test_what_is_wrong_is_named_as_it_was_asked_for(self):
        with pytest.raises(Invalid) as refused:
            DIAMOND.with_another(node("b", at_least(2), title=" "))
        assert set(refused.value.data["fields"]) == {"title", "join.count"}


def test_a_thousand_nodes_are_no_matter():
    ids = [str(number) for number in range(1000)]
    told = [f"{n}>{n + step}" for step in range(1, 6) for n in range(1000 - step)]
    drawn = Graph.drawn([node(each) for each in ids], edges(*told))
    assert len(drawn.edges) == 4985
    assert drawn.in_order == tuple(ids)
    assert all(Edge(one, two) in set(drawn.edges) for one, two in (("0", "1"), ("0", "5")))
