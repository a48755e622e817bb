"""A template is drawn, revised, retired."""

import pytest

from domain.shared.errors import Invalid, NotFound
from domain.workflow.template import Template, TemplateIsRetired
from tests.support.given import given, happened, then, then_failed, then_nothing, then_refused, when
from tests.support.scheduling import FOREIGN, TENANT
from tests.support.workflows import DIAMOND, graph, template

LINE = graph("a>b")


def test_a_name_is_one_however_it_is_spelled_and_each_tenants_own():
    assert Template.id_of(TENANT, " the  WEDDING") == Template.id_of(TENANT, "The wedding")
    assert Template.id_of(TENANT, "Wedding") != Template.id_of(FOREIGN, "Wedding")


def test_it_is_drawn_in_its_first_version():
    drawn = template(name="  Big   wedding ")
    assert (drawn.name, drawn.newest, drawn.active) == ("Big wedding", 1, True)
    assert drawn.graph_of(1) == DIAMOND


@pytest.mark.parametrize(
    ("name", "description", "field"),
    [(" ", "", "name"), ("A", "x" * 1001, "description")],
    ids=str,
)
def test_its_texts_must_be_usable(name, description, field):
    when(lambda: Template.draw(TENANT, name, description, DIAMOND))
    assert set(then_failed(Invalid).data["fields"]) == {field}


def test_a_revision_is_its_next_version_and_the_first_stays():
    given(template())
    when(lambda drawn: drawn.revise(LINE, "Smaller "))
    then(
        happened(
            Template.Revised,
            number=2,
            description="Smaller",
            nodes=LINE.nodes,
            edges=LINE.edges,
        )
    )


def test_every_version_stays_as_it_was_saved():
    drawn = template(DIAMOND, LINE, DIAMOND)
    assert [drawn.graph_of(number) for number in (1, 2, 3)] == [DIAMOND, LINE, DIAMOND]


def test_what_is_the_same_is_no_version():
    given(template())
    when(lambda drawn: drawn.revise(DIAMOND, "  "))
    then_nothing()


def test_another_description_alone_is_a_version():
    given(template())
    when(lambda drawn: drawn.revise(DIAMOND, "By the lake"))
    then(
        happened(
            Template.Revised,
            number=2,
            description="By the lake",
            nodes=DIAMOND.nodes,
            edges=DIAMOND.edges,
        )
    )


@pytest.mark.parametrize("number", [-1, 0, 3])
def test_a_version_that_was_never_saved_is_not_found(number):
    given(template(DIAMOND, LINE))
    when(lambda drawn: drawn.graph_of(number))
    then_failed(NotFound, what="template version", id=str(number))


def test_it_is_retired_once_and_reopened():
    given(template())
    when(lambda drawn: [drawn.retire(), drawn.retire()])
    then(happened(Template.Retired))
    when(lambda drawn: drawn.must_be_active())
    then_refused(TemplateIsRetired, template="Wedding")
    when(lambda drawn: [drawn.reopen(), drawn.reopen(), drawn.must_be_active()])
    then(happened(Template.Reopened))


def test_what_is_retired_can_be_drawn_further():
    given(template())
    when(lambda drawn: drawn.retire())
    when(lambda drawn: drawn.revise(LINE, ""))
    then(happened(Template.Revised, number=2, description="", nodes=LINE.nodes, edges=LINE.edges))
