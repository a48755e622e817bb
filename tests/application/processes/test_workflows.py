"""Templates are saved, and instances of them started with all their tasks in one append."""

from uuid import uuid4

import pytest

from application.processes.workflows import (
    ReopenTemplate,
    RetireTemplate,
    SaveTemplate,
    StartInstance,
)
from application.work.reference import RetireTaskType
from domain.shared.errors import Forbidden, Invalid, NotFound, Stale
from domain.shared.ids import OccasionId, ScopeId, TaskTypeId
from domain.work.task import Task
from domain.work.task_type import TaskTypeIsRetired
from domain.workflow.graph import Cyclic
from domain.workflow.instance import Instance
from domain.workflow.template import Template, TemplateIsRetired
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
    FAIR,
    FLOWERS,
    ITS_CUSTOMER,
    ITS_MANAGER,
    ITS_VENDOR,
    MANAGER,
    SOMEBODY,
    THE_ADMIN,
    WEDDING,
    everybody,
    occasion,
)
from tests.support.workflows import DIAMOND, graph, node, template

TEMPLATE = Template.id_of(TENANT, "Wedding")
LINE = graph("a>b")


def saving(drawn=DIAMOND, seen=None, name="Wedding", description=""):
    return SaveTemplate(name, description, drawn.nodes, drawn.edges, seen)


def starting(number=None, name="", scope=WEDDING):
    return StartInstance(TEMPLATE, ScopeId(scope), name, number)


class TestSaving:
    async def test_under_a_new_name_it_is_the_first_version(self):
        given(*everybody())
        done = await when_asked(saving(name="  Big   wedding"), by=ITS_MANAGER)
        then(
            happened(
                Template.Drawn,
                name="Big wedding",
                description="",
                nodes=DIAMOND.nodes,
                edges=DIAMOND.edges,
            )
        )
        assert done.result.id == Template.id_of(TENANT, "big wedding")

    @pytest.mark.parametrize("seen", [None, 1])
    async def test_under_a_known_name_it_is_the_next(self, seen):
        given(*everybody(), template())
        await when_asked(saving(LINE, seen, name="WEDDING"), by=ITS_MANAGER)
        then(
            happened(Template.Revised, number=2, description="", nodes=LINE.nodes, edges=LINE.edges)
        )

    @pytest.mark.parametrize("seen", [None, 1])
    async def test_what_is_the_same_is_no_version(self, seen):
        given(*everybody(), template())
        await when_asked(saving(DIAMOND, seen), by=ITS_MANAGER)
        then_nothing()

    @pytest.mark.parametrize("seen", [0, 1, 3])
    async def test_made_of_another_version_than_the_newest_it_is_stale(self, seen):
        given(*everybody(), template(DIAMOND, LINE))
        await when_asked(saving(DIAMOND, seen), by=ITS_MANAGER)
        then_failed(Stale, version=2)

    async def test_made_of_a_version_of_what_is_not_there_it_is_stale(self):
        given(*everybody())
        await when_asked(saving(DIAMOND, 1), by=ITS_MANAGER)
        then_failed(Stale, version=0)

    async def test_of_two_who_change_the_same_version_the_second_is_told(self):
        given(*everybody(), template())
        await when_asked(saving(LINE, 1), by=ITS_MANAGER)
        await when_asked(saving(graph("a>c"), 1), by=THE_ADMIN)
        then_failed(Stale, version=2)

    async def test_an_unknown_type_is_named_by_its_node(self):
        given(*everybody())
        drawn = graph("a>b").with_another(node("b", kind=TaskTypeId(uuid4())))
        await when_asked(saving(drawn), by=ITS_MANAGER)
        then_failed(Invalid, fields={"nodes.1.taskTypeId": "no such task type"})

    async def test_a_retired_type_is_refused(self):
        given(*everybody())
        await when_asked(RetireTaskType(FLOWERS), by=THE_ADMIN)
        drawn = graph("a>b").with_another(node("b", kind=FLOWERS))
        await when_asked(saving(drawn), by=ITS_MANAGER)
        then_refused(TaskTypeIsRetired)

    async def test_a_cycle_is_refused(self):
        given(*everybody())
        nodes, edges = graph("a>b").nodes, (*graph("a>b").edges, *graph("b>a").edges)
        await when_asked(SaveTemplate("Round", "", nodes, edges), by=ITS_MANAGER)
        then_refused(Cyclic)

    @pytest.mark.parametrize("who", [ITS_VENDOR, ITS_CUSTOMER], ids=["vendor", "customer"])
    async def test_is_for_who_may_write_templates(self, who):
        given(*everybody())
        await when_asked(saving(), by=who)
        then_failed(Forbidden)


class TestRetiring:
    async def test_it_is_retired_and_reopened(self):
        given(*everybody(), template())
        await when_asked(RetireTemplate(TEMPLATE), by=ITS_MANAGER)
        then(happened(Template.Retired))
        await when_asked(starting(), by=ITS_MANAGER)
        then_refused(TemplateIsRetired)
        await when_asked(ReopenTemplate(TEMPLATE), by=ITS_MANAGER)
        then(happened(Template.Reopened))

    async def test_another_tenants_is_not_there(self):
        given(*everybody(), template())
        await when_asked(RetireTemplate(TEMPLATE), by=STRANGER)
        then_failed(NotFound, what="template")


class TestStarting:
    async def test_all_its_tasks_come_with_it_in_one_append(self, story):
        given(*everybody(), template())
        done = await when_asked(starting(), by=ITS_MANAGER)
        assert len(story.log.appends) == 1
        assert told_of(Task) == ["Task.Planned"] * 4
        started = done.result
        tasks = [each for each in story.news() if isinstance(each, Task.Planned)]
        assert {each.node_id: each.originator_id for each in tasks} == started.tasks
        assert {each.node_id: each.waits for each in tasks} == {
            "a": False,
            "b": True,
            "c": True,
            "d": True,
        }
        assert {(each.by, each.scope_id, each.instance_id) for each in tasks} == {
            (MANAGER, WEDDING, started.id)
        }

    async def test_it_runs_by_the_newest_version_under_the_templates_name(self):
        given(*everybody(), template(DIAMOND, LINE))
        started = (await when_asked(starting(), by=ITS_MANAGER)).result
        assert (started.number, started.graph, started.name) == (2, LINE, "Wedding")

    async def test_it_runs_by_the_version_and_under_the_name_that_are_given(self):
        given(*everybody(), template(DIAMOND, LINE))
        started = (await when_asked(starting(1, " Ours "), by=ITS_MANAGER)).result
        assert (started.number, started.graph, started.name) == (1, DIAMOND, "Ours")

    async def test_a_later_version_does_not_change_it(self, story):
        given(*everybody(), template())
        started = (await when_asked(starting(), by=ITS_MANAGER)).result
        await when_asked(saving(LINE), by=ITS_MANAGER)
        assert told_of(Instance) == []
        assert story.log.replayed(started.id).graph == DIAMOND

    async def test_an_admin_needs_no_membership(self):
        given(*everybody(), template())
        await when_asked(starting(), by=THE_ADMIN)
        assert told_of(Instance) == ["Instance.Started"]

    @pytest.mark.parametrize(
        "who", [ITS_VENDOR, ITS_CUSTOMER, SOMEBODY], ids=["vendor", "customer", "no member"]
    )
    async def test_who_may_not_plan_may_not_start(self, who):
        given(*everybody(), template())
        await when_asked(starting(), by=who)
        then_failed(Forbidden)

    async def test_who_may_not_is_not_told_whether_it_is_retired(self):
        given(*everybody(), template())
        await when_asked(RetireTemplate(TEMPLATE), by=ITS_MANAGER)
        await when_asked(starting(), by=ITS_VENDOR)
        then_failed(Forbidden)

    async def test_in_a_foreign_event_nobody_starts_one(self):
        given(*everybody(), template(), occasion(FAIR, members=()))
        await when_asked(starting(scope=FAIR), by=ITS_MANAGER)
        then_failed(Forbidden)

    async def test_to_another_tenant_nothing_of_it_is_there(self):
        given(*everybody(), template())
        await when_asked(starting(), by=STRANGER)
        then_failed(NotFound, what="event")

    async def test_where_there_is_no_event_none_is_started(self):
        given(*everybody(), template())
        await when_asked(starting(scope=OccasionId(uuid4())), by=THE_ADMIN)
        then_failed(NotFound, what="event")

    async def test_of_no_template_and_of_no_version_none_is_started(self):
        given(*everybody())
        await when_asked(starting(), by=ITS_MANAGER)
        then_failed(NotFound, what="template")
        given(template())
        await when_asked(starting(number=2), by=ITS_MANAGER)
        then_failed(NotFound, what="template version")

    async def test_of_a_type_that_was_retired_since_none_is_started(self):
        drawn = graph("a>b").with_another(node("b", kind=FLOWERS))
        given(*everybody(), template(drawn))
        await when_asked(RetireTaskType(FLOWERS), by=THE_ADMIN)
        await when_asked(starting(), by=ITS_MANAGER)
        then_refused(TaskTypeIsRetired)
