"""Templates as they are listed, and every version as it was drawn."""

from domain.workflow.joins import at_least
from domain.workflow.template import Template
from projections.workflow import templates
from projections.workflow.drawings import graph_from
from projections.workflow.templates import every_template, find_template
from tests.support.given import given, projected, then_rows, when
from tests.support.scheduling import FOREIGN, LAST_WEEK, NOW, TENANT
from tests.support.work import CATERING
from tests.support.workflows import DIAMOND, graph, template

WEDDING = Template.id_of(TENANT, "Wedding")
LINE = graph("a>b")
JOINED = graph("a>c", "b>c", joins={"c": at_least(2)})


def row(**changes):
    known = {
        "template_id": WEDDING,
        "tenant_id": TENANT,
        "name": "Wedding",
        "description": "",
        "newest": 1,
        "nodes": 4,
        "edges": 4,
        "active": True,
        "saved_at": LAST_WEEK,
    }
    return known | changes


def drawn(node_id, join="all", count=None):
    return {
        "id": node_id,
        "title": f"Do {node_id}",
        "description": "",
        "task_type_id": str(CATERING),
        "join": join,
        "count": count,
    }


def version(number, nodes, edges, at=LAST_WEEK):
    return {
        "template_id": WEDDING,
        "number": number,
        "tenant_id": TENANT,
        "nodes": nodes,
        "edges": edges,
        "saved_at": at,
    }


def test_a_template_is_listed_with_its_first_version():
    given(template(LINE))
    then_rows(
        templates.model,
        templates=[row(nodes=2, edges=1)],
        template_versions=[version(1, [drawn("a"), drawn("b")], [["a", "b"]])],
    )


def test_a_revision_is_the_newest_and_the_first_stays():
    given(template(LINE))
    when(lambda one: one.revise(JOINED, "Smaller"))
    then_rows(
        templates.model,
        templates=[row(newest=2, nodes=3, edges=2, description="Smaller", saved_at=NOW)],
        template_versions=[
            version(1, [drawn("a"), drawn("b")], [["a", "b"]]),
            version(
                2,
                [drawn("a"), drawn("c", "at_least", 2), drawn("b")],
                [["a", "c"], ["b", "c"]],
                NOW,
            ),
        ],
    )


def test_it_is_listed_as_retired_and_as_reopened():
    given(template())
    when(lambda one: one.retire())
    then_rows(templates.model, templates=[row(active=False)])
    when(lambda one: one.reopen())
    then_rows(templates.model, templates=[row()])


def test_what_was_drawn_is_read_back():
    given(template(JOINED))
    held = {table.name: of_table.all() for table, of_table in projected(templates.model)}
    (kept,) = held["template_versions"]
    assert graph_from(kept["nodes"], kept["edges"]) == JOINED


async def test_each_version_is_found(asking):
    given(template(DIAMOND, LINE), template(name="Ball"))
    given(template(name="Theirs"), tenant=FOREIGN)
    async with asking(templates.model) as connection:
        listed = await every_template(connection, TENANT)
        assert [(each.name, each.newest) for each in listed] == [("Ball", 1), ("Wedding", 2)]
        for number, wanted in ((None, LINE), (1, DIAMOND), (2, LINE)):
            found = await find_template(connection, TENANT, WEDDING, number)
            assert found.number == (number or 2)
            assert graph_from(found.drawn, found.arrows) == wanted
        assert await find_template(connection, TENANT, WEDDING, 3) is None
        assert await find_template(connection, FOREIGN, WEDDING, None) is None
