"""The product as a workplace: people, types and templates by commands, and its processes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID, uuid4

from application.access import Actor
from application.commands import Command
from application.identity.accounts import SetMemberRoles
from application.processes.user_types import SetUserType
from application.processes.workflows import SaveTemplate
from application.work.occasions import AddOccasionMember, PlanOccasion
from application.work.reference import AddTaskType, AddUserType, MapEligibility
from domain.shared.aggregate import Aggregate
from domain.shared.ids import AccountId, OccasionId, TaskTypeId, TenantId, UserTypeId
from domain.shared.period import Period
from domain.work.user_type import TaskPermission
from domain.workflow.graph import Edge, Node
from infrastructure.bootstrap import Core, core
from infrastructure.settings import Settings
from interfaces.cli.accounts import nothing, run
from projections.work import tasks
from projections.workflow import instances
from tests.bench.bodies import FIRST_START
from tests.bench.opstream_system import serving
from tests.bench.shapes import KINDS, Shape
from tests.bench.summary import SUBJECT
from tests.bench.workplace import WORKERS, Queries, Workplace

A = TypeVar("A", bound=Aggregate)

TAKES = (TaskPermission.VIEW, TaskPermission.TAKE, TaskPermission.MOVE_STATE)
_TASKS = f'"{tasks.model.schema}".tasks'
_TRAIL = f'"{tasks.model.schema}".task_trail'
_INSTANCES = f'"{instances.model.schema}".instances'
QUERIES = Queries(
    standing=f"""
        SELECT t.task_id, t.instance_id, t.node_id, t.state,
            t.blocked_by IS NOT DISTINCT FROM 'waiting', t.assignee_id
        FROM {_TASKS} t JOIN {_INSTANCES} i ON i.instance_id = t.instance_id
        WHERE i.name = %s ORDER BY t.instance_id, t.node_id
    """,
    trail=f"""
        SELECT what, count(*) FROM {_TRAIL} r JOIN {_TASKS} t ON t.task_id = r.task_id
        JOIN {_INSTANCES} i ON i.instance_id = t.instance_id WHERE i.name = %s GROUP BY 1
    """,
)


@dataclass
class _Wedding:
    event: UUID
    manager: str
    workers: list[str]
    templates: dict[Shape, UUID] = field(default_factory=dict)


@contextmanager
def opstream_wedding(
    database_url: str, nats_url: str | None, shapes: Sequence[Shape]
) -> Iterator[Workplace]:
    with serving(database_url, nats_url, partial(_seed, shapes)) as served:
        wedding = served.seeded
        yield Workplace(
            name=SUBJECT,
            base_url=served.base_url,
            database_url=database_url,
            manager=wedding.manager,
            workers=wedding.workers,
            event_id=wedding.event,
            templates=wedding.templates,
            queries=QUERIES,
            settle=served.settle,
        )


async def _seed(shapes: Sequence[Shape], settings: Settings) -> _Wedding:
    system = Actor.system(TenantId(uuid4()))
    async with core(settings) as parts:
        kinds = [await _made(parts, AddTaskType(f"Kind {n}"), system) for n in range(KINDS)]
        takes_all = AddUserType("EventManager", permissions=(*TAKES, TaskPermission.ASSIGN))
        manages = await _type(parts, takes_all, kinds, system)
        vends = await _type(parts, AddUserType("Vendor", permissions=TAKES), kinds, system)
        period = Period(FIRST_START, FIRST_START + timedelta(hours=12))
        event = await _made(parts, PlanOccasion("Wedding", "", period), system)
        manager = await _member(parts, "manager", manages, event, system)
        workers = [await _member(parts, "member", vends, event, system) for _ in range(WORKERS)]
        wedding = _Wedding(event, manager, workers)
        for shape in shapes:
            wedding.templates[shape] = await _made(parts, _drawn(shape, kinds), system)
        return wedding


async def _made(parts: Core, command: Command[A], by: Actor) -> UUID:
    return await run(parts, command, by, lambda made: made.id)


async def _type(parts: Core, command: AddUserType, kinds: list[UUID], by: Actor) -> UUID:
    """A user type that is eligible for every kind of task."""
    made = await _made(parts, command, by)
    for kind in kinds:
        await run(parts, MapEligibility(UserTypeId(made), TaskTypeId(kind)), by, nothing)
    return made


async def _member(parts: Core, role: str, type_: UUID, event: UUID, by: Actor) -> str:
    """The token of somebody of that type who has to do with the event."""
    actor = Actor.with_roles(AccountId(uuid4()), by.tenant_id, (role,))
    account_id = actor.account_id
    await run(parts, SetMemberRoles(account_id, actor.roles), by, nothing)
    await run(parts, SetUserType(account_id, UserTypeId(type_)), by, nothing)
    await run(parts, AddOccasionMember(OccasionId(event), account_id), by, nothing)
    return parts.tokens.issue(actor).text


def _drawn(shape: Shape, kinds: list[UUID]) -> SaveTemplate:
    nodes = tuple(
        Node(node, f"Task {node}", TaskTypeId(kinds[n % KINDS]))
        for n, node in enumerate(shape.nodes)
    )
    edges = tuple(Edge(parent, child) for parent, child in shape.edges)
    return SaveTemplate(shape.name, "", nodes, edges)
