"""The demo tenant's events: the EventFlow document's sample users, types and events, a template and
a wedding that is under way by it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from application.access import Actor
from application.commands import Command
from application.processes.tasks_of_workflows import MoveTask
from application.processes.user_types import SetUserType
from application.processes.workflows import SaveTemplate, StartInstance
from application.work.occasions import AddOccasionMember, PlanOccasion
from application.work.reference import AddTaskType, AddUserType, MapEligibility
from application.work.tasks import PickTask, PlanTask
from domain.shared.ids import AccountId, OccasionId, ScopeId, TaskId, TaskTypeId
from domain.shared.period import Period
from domain.work.states import TaskState
from domain.work.task_type import TaskType
from domain.work.user_type import TaskPermission, UserType
from domain.workflow.graph import Edge, Node
from domain.workflow.joins import ALL, ANY, Join, at_least
from domain.workflow.template import Template
from infrastructure.bootstrap import Core, now
from interfaces.cli.accounts import run

VIEW, TAKE, MOVE, ASSIGN = TaskPermission
USER_TYPES: dict[str, tuple[tuple[TaskPermission, ...], bool]] = {
    "SystemAdmin": ((VIEW, TAKE, MOVE, ASSIGN), False),
    "EventManager": ((VIEW, TAKE, MOVE, ASSIGN), False),
    "Vendor": ((VIEW, TAKE, MOVE), False),
    "Customer": ((VIEW,), True),
    "Coordinator": ((VIEW, MOVE, ASSIGN), False),
}
"""What each may do, and whether it reads only."""
TASK_TYPES = {"Planning": 120, "Venue": 480, "Catering": 240, "Music": 180, "Decoration": 300}
"""How many minutes one takes."""
ELIGIBLE = {
    **dict.fromkeys(("SystemAdmin", "EventManager", "Coordinator", "Customer"), tuple(TASK_TYPES)),
    "Vendor": ("Catering", "Music", "Decoration"),
}
USERS = {
    "admin@eventflow.com": ("admin", "SystemAdmin"),
    "manager1@eventflow.com": ("manager", "EventManager"),
    "vendor1@eventflow.com": ("member", "Vendor"),
    "customer1@eventflow.com": ("member", "Customer"),
    "coordinator1@eventflow.com": ("member", "Coordinator"),
}
"""The document's sample users, each with the role of its account and its user type."""
ADMIN, MANAGER, VENDOR, CUSTOMER, COORDINATOR = USERS
EVENTS = {
    "Wedding of Ana and Ben": (MANAGER, VENDOR, CUSTOMER, COORDINATOR),
    "Spring fair": (MANAGER, COORDINATOR),
}
"""Each with its members."""
NODES: tuple[tuple[str, str, str, Join], ...] = (
    ("budget", "Agree on the budget", "Planning", ALL),
    ("guests", "Write the list of guests", "Planning", ALL),
    ("venue", "Book the venue", "Venue", ALL),
    ("menu", "Choose the menu", "Catering", ALL),
    ("band", "Find a band", "Music", ALL),
    ("dj", "Find somebody with records", "Music", ALL),
    ("music", "Agree on the music", "Music", ANY),
    ("flowers", "Order the flowers", "Decoration", ALL),
    ("invitations", "Send the invitations", "Planning", at_least(2)),
    ("day", "Celebrate", "Planning", ALL),
)
EDGES = (
    *("budget>venue", "budget>menu", "guests>menu", "budget>band", "budget>dj", "band>music"),
    *("dj>music", "venue>flowers", "guests>invitations", "venue>invitations", "menu>invitations"),
    *("menu>day", "music>day", "flowers>day", "invitations>day"),
)
"""Parents and their children."""


@dataclass(frozen=True)
class _Events:
    parts: Core
    system: Actor
    accounts: dict[str, AccountId]

    def actor(self, email: str) -> Actor:
        role, _ = USERS[email]
        return Actor.with_roles(self.accounts[email], self.system.tenant_id, (role,))

    async def once(self, name: str, command: Command[Any], by: Actor | None = None) -> Any:
        """The id of what it made; each step once, whichever start makes it."""
        actor = by or self.system
        return await run(self.parts, command, actor, lambda made: made.id, f"demo: {name}")


async def make_wedding(parts: Core, system: Actor, accounts: dict[str, AccountId]) -> None:
    events = _Events(parts, system, accounts)
    await _refer(events)
    ids = {name: await _event(events, name) for name in EVENTS}
    wedding, fair = (ScopeId(ids[name]) for name in EVENTS)
    await events.once("stalls", PlanTask(fair, _kind(events, "Venue"), "Hire the stalls"))
    await _plan_by_template(events, wedding)
    await _type(events, ADMIN)


async def _refer(events: _Events) -> None:
    """Types, which have to do with each other, and who is of which."""
    for name, minutes in TASK_TYPES.items():
        await events.once(f"task type {name}", AddTaskType(name, minutes=minutes))
    for name, (permissions, read_only) in USER_TYPES.items():
        command = AddUserType(name, "", permissions, read_only)
        await events.once(f"user type {name}", command)
    tenant_id = events.system.tenant_id
    for name, kinds in ELIGIBLE.items():
        for kind in kinds:
            pair = UserType.id_of(tenant_id, name), TaskType.id_of(tenant_id, kind)
            await events.once(f"{name} and {kind}", MapEligibility(*pair))
    for email in (MANAGER, VENDOR, CUSTOMER, COORDINATOR):
        await _type(events, email)


async def _type(events: _Events, email: str) -> None:
    _, kind = USERS[email]
    user_type_id = UserType.id_of(events.system.tenant_id, kind)
    command = SetUserType(events.accounts[email], user_type_id)
    await events.once(f"type of {email}", command)


async def _event(events: _Events, name: str) -> OccasionId:
    start = (now() + timedelta(days=60)).replace(hour=12, minute=0, second=0, microsecond=0)
    period = Period(start, start + timedelta(hours=14))
    planned = PlanOccasion(name, "", period)
    occasion_id = OccasionId(await events.once(f"event {name}", planned, events.actor(MANAGER)))
    for email in EVENTS[name]:
        member = AddOccasionMember(occasion_id, events.accounts[email])
        await events.once(f"{email} at {name}", member)
    return occasion_id


async def _plan_by_template(events: _Events, wedding: ScopeId) -> None:
    """The budget is agreed on, the venue being booked, and the vendor has picked the menu."""
    manager, vendor = events.actor(MANAGER), events.actor(VENDOR)
    nodes = tuple(Node(n, title, _kind(events, kind), join) for n, title, kind, join in NODES)
    edges = tuple(Edge(*edge.split(">")) for edge in EDGES)
    told = "A wedding, from the budget to the day"
    await events.once("template", SaveTemplate("Wedding", told, nodes, edges), manager)
    template_id = Template.id_of(events.system.tenant_id, "Wedding")
    start = StartInstance(template_id, wedding, "Wedding of Ana and Ben")
    tasks = await run(
        events.parts, start, manager, lambda instance: dict(instance.tasks), "demo: start"
    )
    for number, command in enumerate(_begun(tasks)):
        await events.once(f"wedding, step {number}", command, manager)
    await events.once("menu", PickTask(tasks["menu"]), vendor)


def _begun(tasks: dict[str, TaskId]) -> Iterator[Command[Any]]:
    for node_id in ("budget", "guests"):
        yield MoveTask(tasks[node_id], TaskState.IN_PROGRESS, "They sat down together.")
        yield MoveTask(tasks[node_id], TaskState.DONE, "They agree.")
    yield MoveTask(tasks["venue"], TaskState.IN_PROGRESS, "The castle was called.")


def _kind(events: _Events, name: str) -> TaskTypeId:
    return TaskType.id_of(events.system.tenant_id, name)
