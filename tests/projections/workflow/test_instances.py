"""Instances: how far each is, and as what it is drawn now."""

from uuid import UUID

import pytest

from domain.shared.ids import InstanceId, ScopeId, TemplateId
from domain.workflow.joins import ANY
from domain.workflow.migration import plan
from domain.workflow.template import Template
from projections.paging import PageRequest
from projections.workflow import instances
from projections.workflow.drawings import graph_from
from projections.workflow.instances import InstanceFilter, find_instance, list_instances
from tests.support.given import given, projected, then_rows, when
from tests.support.scheduling import FOREIGN, LAST_WEEK, NOW, TENANT
from tests.support.work import FAIR, INSTANCE, MANAGER, WEDDING
from tests.support.workflows import DIAMOND, graph, instance, node, task_of

TEMPLATE = Template.id_of(TENANT, "Wedding")
OTHER = InstanceId(UUID("00000014-0000-4000-8000-000000000002"))
WHY = "The weather."


def row(**changes):
    known = {
        "instance_id": INSTANCE,
        "tenant_id": TENANT,
        "template_id": TEMPLATE,
        "number": 1,
        "scope_id": WEDDING,
        "name": "Their wedding",
        "total": 4,
        "done": 0,
        "skipped": 0,
        "started_at": LAST_WEEK,
        "changed_at": LAST_WEEK,
    }
    return known | changes


def drawing():
    """The only one: what it shows, and the tasks of its nodes, in their order."""
    held = {table.name: of_table.all() for table, of_table in projected(instances.model)}
    (kept,) = held["drawings"]
    assert (kept["instance_id"], kept["tenant_id"]) == (INSTANCE, TENANT)
    return graph_from(kept["nodes"], kept["edges"]), kept["tasks"]


def tasks(*names):
    return [str(task_of(name)) for name in names]


def test_it_is_started_with_nothing_done():
    given(instance())
    then_rows(instances.model, instances=[row()])
    assert drawing() == (DIAMOND, tasks("a", "b", "c", "d"))


def test_what_is_done_is_counted():
    given(instance())
    when(lambda runs: [runs.finish("a"), runs.finish("b")])
    then_rows(instances.model, instances=[row(done=2, changed_at=NOW)])


def test_what_is_skipped_is_counted_with_its_branch():
    given(instance())
    when(lambda runs: runs.skip("b", WHY, MANAGER))
    then_rows(instances.model, instances=[row(skipped=1, changed_at=NOW)])
    when(lambda runs: runs.skip("a", WHY, MANAGER))
    then_rows(instances.model, instances=[row(skipped=4, changed_at=NOW)])


def test_an_added_node_is_drawn_with_its_edges():
    given(instance())
    when(lambda runs: runs.add(node("e"), ["a"], ["d"], task_of("e"), WHY, MANAGER))
    then_rows(instances.model, instances=[row(total=5, changed_at=NOW)])
    drawn = DIAMOND.extended(node("e"), ["a"], ["d"])
    assert drawing() == (drawn, tasks("a", "b", "c", "d", "e"))


@pytest.mark.parametrize("node_id", list("abcd"))
def test_a_replaced_node_keeps_its_place(node_id):
    given(instance())
    new = node(node_id, ANY, title="Do it well")
    when(lambda runs: runs.replace(new, task_of("new"), WHY, MANAGER))
    then_rows(instances.model, instances=[row(changed_at=NOW)])
    order = ["new" if each == node_id else each for each in "abcd"]
    assert drawing() == (DIAMOND.exchanged(new), tasks(*order))


def test_a_migrated_one_is_drawn_and_counted_anew():
    runs, newer = instance(done="ab", skipped="c"), graph("a>e", "a>b", "c>d", "e>d")
    given(runs)
    migration = plan(runs, newer, 2, {}, ())
    when(lambda one: one.migrate(migration, newer, {"e": task_of("e")}, WHY, MANAGER))
    then_rows(
        instances.model,
        instances=[row(number=2, total=5, done=2, skipped=1, changed_at=NOW)],
    )
    assert drawing() == (newer, tasks("a", "e", "b", "c", "d"))


def test_what_is_shown_is_what_the_instance_is():
    runs = instance(done="a")
    given(runs)
    when(lambda one: one.add(node("e"), ["b"], ["d"], task_of("e"), WHY, MANAGER))
    when(lambda one: one.replace(node("b"), task_of("b2"), WHY, MANAGER))
    when(lambda one: one.skip("c", WHY, MANAGER))
    drawn, drawn_tasks = drawing()
    assert drawn == runs.graph
    assert drawn_tasks == [str(runs.tasks[each.id]) for each in drawn.nodes]


@pytest.mark.parametrize(
    ("scopes", "wanted", "found"),
    [
        (None, InstanceFilter(), {INSTANCE, OTHER}),
        ([WEDDING], InstanceFilter(), {INSTANCE, OTHER}),
        ([FAIR], InstanceFilter(), set()),
        ([], InstanceFilter(), set()),
        (None, InstanceFilter(scope_id=ScopeId(WEDDING)), {INSTANCE, OTHER}),
        (None, InstanceFilter(scope_id=ScopeId(FAIR)), set()),
        (None, InstanceFilter(template_id=TEMPLATE), {INSTANCE, OTHER}),
        (None, InstanceFilter(template_id=TemplateId(FAIR)), set()),
        (None, InstanceFilter(is_over=True), {OTHER}),
        (None, InstanceFilter(is_over=False), {INSTANCE}),
    ],
    ids=str,
)
async def test_they_are_found(asking, scopes, wanted, found):
    given(instance(done="a"), instance(id=OTHER, done="ab", skipped="cd"))
    given(instance(id=InstanceId(UUID(int=7))), tenant=FOREIGN)
    async with asking(instances.model) as connection:
        page = await list_instances(connection, TENANT, scopes, wanted, PageRequest())
        assert {each.instance_id for each in page.items} == found
        assert page.total == len(found)


async def test_one_is_found_with_its_drawing(asking):
    given(instance())
    when(lambda runs: runs.add(node("e"), ["a"], ["d"], task_of("e"), WHY, MANAGER))
    async with asking(instances.model) as connection:
        found = await find_instance(connection, TENANT, INSTANCE)
        assert graph_from(found.nodes, found.edges) == drawing()[0]
        assert found.tasks == tasks("a", "b", "c", "d", "e")
        assert await find_instance(connection, FOREIGN, INSTANCE) is None
