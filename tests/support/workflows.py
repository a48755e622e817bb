"""Workflows that tests tell about: small graphs by their edges, and instances of them."""

from collections.abc import Iterable, Mapping
from uuid import UUID, uuid5

from domain.shared.aggregate import Aggregate
from domain.shared.ids import InstanceId, ScopeId, TaskId
from domain.shared.moment import happening_at
from domain.work.task import Task
from domain.workflow.graph import Edge, Graph, Node
from domain.workflow.instance import Instance
from domain.workflow.joins import ALL, Join
from domain.workflow.migration import plan
from domain.workflow.template import Template
from tests.support.scheduling import LAST_WEEK, TENANT
from tests.support.work import CATERING, INSTANCE, MANAGER, WEDDING

_TASKS = UUID("00000015-0000-4000-8000-000000000001")


def node(id: str, join: Join = ALL, title: str = "", kind: UUID = CATERING) -> Node:
    return Node(id, title or f"Do {id}", kind, join)


def edges(*told: str) -> tuple[Edge, ...]:
    """``edges("a>c", "b>c")``."""
    return tuple(Edge(*each.split(">")) for each in told)


def graph(*told: str, joins: Mapping[str, Join] | None = None, alone: Iterable[str] = ()) -> Graph:
    """By its edges; `alone` are nodes that have none."""
    drawn = edges(*told)
    ids = dict.fromkeys([*alone, *(end for edge in drawn for end in (edge.parent, edge.child))])
    nodes = [node(each, (joins or {}).get(each, ALL)) for each in ids]
    return Graph.drawn(nodes, drawn)


DIAMOND = graph("a>b", "a>c", "b>d", "c>d")


def template(*graphs: Graph, name: str = "Wedding") -> Template:
    """Version 1 first."""
    first, *others = graphs or (DIAMOND,)
    with happening_at(LAST_WEEK):
        made = Template.draw(TENANT, name, "", first)
        for other in others:
            made.revise(other, "")
    return made


def task_of(node_id: str) -> TaskId:
    """The task of a node, before it was replaced."""
    return TaskId(uuid5(_TASKS, node_id))


def instance(
    drawn: Graph = DIAMOND,
    *,
    id: InstanceId = INSTANCE,
    done: Iterable[str] = (),
    skipped: Iterable[str] = (),
) -> Instance:
    """One that runs, of which this was done, and then this skipped."""
    with happening_at(LAST_WEEK):
        tasks = {each.id: task_of(each.id) for each in drawn.nodes}
        made = Instance.start(id, template(drawn), 1, ScopeId(WEDDING), "Their wedding", tasks)
        for node_id in done:
            made.finish(node_id)
        for node_id in skipped:
            made.skip(node_id, "It rains.", MANAGER)
    return made


def eventful_workflows() -> list[Aggregate]:
    """Things to which everything has happened that can."""
    revised = template(DIAMOND, graph("a>b"))
    runs = instance(done=["a"], skipped=["b"])
    with happening_at(LAST_WEEK):
        revised.retire()
        revised.reopen()
        runs.add(node("e"), ["a"], ["d"], task_of("e"), "They want a cake.", MANAGER)
        runs.replace(node("c", title="Do it well"), task_of("c2"), "The baker is ill.", MANAGER)
        migration = plan(runs, graph("a>c", "c>f"), 2, {"d": "f"}, ())
        runs.migrate(migration, graph("a>c", "c>f"), {}, "The menu changed.", MANAGER)
    return [revised, runs]


def tasks_of(drawn: Graph) -> list[Task]:
    """Those of its nodes, as they are when it is started."""
    with happening_at(LAST_WEEK):
        return [
            Task.of_node(
                *(task_of(each.id), ScopeId(WEDDING), each.task_type_id),
                *((each.title, each.description), MANAGER, (INSTANCE, each.id)),
                waits=bool(drawn.parents[each.id]),
            )
            for each in drawn.nodes
        ]


def running(drawn: Graph = DIAMOND, *newer: Graph) -> list[Aggregate]:
    """A template, an instance of its first version, and the tasks of that."""
    return [template(drawn, *newer), instance(drawn), *tasks_of(drawn)]
