"""What workflows and their tasks must be after each event: a small model of its own, which shares
nothing with the code that decides but the events.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from domain.shared.aggregate import Event
from domain.work import task_events as of_task
from domain.workflow import instance_events as of_instance
from domain.workflow.graph import Edge, Node

TODO, BLOCKED, DONE, SKIPPED = "todo", "blocked", "done", "skipped"
_OVER = {DONE, SKIPPED}


@dataclass
class ModelTask:
    state: str
    blocked_by: str | None
    instance_id: UUID | None
    assignee_id: UUID | None = None
    holders: set[UUID] = field(default_factory=set)
    """Everybody who ever had it."""

    @property
    def waits(self) -> bool:
        return self.blocked_by == "waiting"


@dataclass
class ModelInstance:
    joins: dict[str, tuple[str, int | None]]
    """The kind of each node's, and its count."""
    parents: dict[str, list[str]]
    tasks: dict[str, UUID]


@dataclass
class Wrong:
    """What events told that must never be, by what it breaks."""

    unlocked_again: list[str] = field(default_factory=list)
    taken_from: list[str] = field(default_factory=list)
    changed_when_over: list[str] = field(default_factory=list)
    out_of_turn: list[str] = field(default_factory=list)


class Model:
    def __init__(self) -> None:
        self.tasks: dict[UUID, ModelTask] = {}
        self.instances: dict[UUID, ModelInstance] = {}
        self.wrong = Wrong()
        self._touched: set[UUID] = set()

    def take(self, events: Iterable[Event]) -> None:
        """Those of one command, which are stored together."""
        for event in events:
            if event.originator_id in self.tasks:
                self._of_task(event, self.tasks[event.originator_id])
            elif isinstance(event, of_task.Planned):
                self._planned(event)
            else:
                self._of_instance(event)

    def broken(self) -> Iterator[str]:
        """Where a task of what the last commands touched isn't what its parents make of it."""
        touched, self._touched = sorted(self._touched & self.instances.keys()), set()
        for instance_id in touched:
            instance = self.instances[instance_id]
            for node_id in instance.tasks:
                if told := self._wrong_with(node_id, instance):
                    yield f"{node_id} of {instance_id} {told}"

    def counts(self, instance_id: UUID) -> tuple[int, int, int]:
        """How many tasks stand for its nodes, and how many of them are done and skipped."""
        tasks = self.instances[instance_id].tasks.values()
        states = [self.tasks[task_id].state for task_id in tasks]
        return len(states), states.count(DONE), states.count(SKIPPED)

    def _wrong_with(self, node_id: str, instance: ModelInstance) -> str:
        task = self.tasks[instance.tasks[node_id]]
        if task.state == SKIPPED:
            return ""
        parents = [self.tasks[instance.tasks[each]].state for each in instance.parents[node_id]]
        left, done = len(parents) - parents.count(SKIPPED), parents.count(DONE)
        kind, count = instance.joins[node_id]
        needed = {"all": max(1, left), "any": 1, "at_least": count or 1}[kind]
        if parents and left < needed:
            return "waits for what will never be done"
        if task.waits and (not parents or done >= needed):
            return "was not unlocked"
        if not task.waits and parents and done < needed:
            return "was unlocked too early"
        return ""

    def _planned(self, event: of_task.Planned) -> None:
        waits = ModelTask(BLOCKED, "waiting", event.instance_id)
        ready = ModelTask(TODO, None, event.instance_id)
        self.tasks[event.originator_id] = waits if event.waits else ready
        self._touch(event.instance_id)

    def _of_task(self, event: Event, task: ModelTask) -> None:
        self._touch(task.instance_id)
        name = f"{event.originator_id} was {task.state}"
        if task.state in _OVER and not isinstance(event, of_task.Deleted):
            self.wrong.changed_when_over.append(f"{name} and then {event.TOPIC}")
        self._held(event, task)
        self._stood(event, task, name)

    def _held(self, event: Event, task: ModelTask) -> None:
        match event:
            case of_task.Picked(account_id=account_id):
                if task.assignee_id not in {None, account_id}:
                    self._taken_from(event, task, account_id)
                self._given(task, account_id)
            case of_task.Assigned(account_id=account_id):
                self._given(task, account_id)
            case of_task.Unassigned(account_id=account_id):
                if task.assignee_id != account_id:
                    self._taken_from(event, task, account_id)
                task.assignee_id = None

    def _stood(self, event: Event, task: ModelTask, name: str) -> None:
        match event:
            case of_task.Unlocked():
                if not task.waits:
                    self.wrong.unlocked_again.append(f"{name} and unlocked")
                task.state, task.blocked_by = TODO, None
            case of_task.Locked():
                task.state, task.blocked_by = BLOCKED, "waiting"
            case of_task.Skipped():
                task.state, task.blocked_by = SKIPPED, None
            case of_task.Moved(from_state=from_state, to_state=to_state):
                if task.waits or from_state != task.state:
                    self.wrong.out_of_turn.append(f"{name} and moved from {from_state}")
                task.state = str(to_state)
                task.blocked_by = "held" if task.state == BLOCKED else None

    def _given(self, task: ModelTask, account_id: UUID) -> None:
        task.assignee_id = account_id
        task.holders.add(account_id)

    def _taken_from(self, event: Event, task: ModelTask, account_id: UUID) -> None:
        told = f"{event.originator_id} was {task.assignee_id}'s: {event.TOPIC} by {account_id}"
        self.wrong.taken_from.append(told)

    def _of_instance(self, event: Event) -> None:
        match event:
            case of_instance.Started() | of_instance.Migrated():
                tasks = dict(zip((node.id for node in event.nodes), event.tasks, strict=True))
                self.instances[event.originator_id] = _drawn(event.nodes, event.edges, tasks)
            case of_instance.NodeAdded(node=node, task_id=task_id):
                instance = self.instances[event.originator_id]
                instance.joins[node.id] = _join(node)
                instance.parents[node.id] = list(event.parents)
                instance.tasks[node.id] = task_id
                for child in event.children:
                    instance.parents[child].append(node.id)
            case of_instance.NodeReplaced(node=node, task_id=task_id):
                instance = self.instances[event.originator_id]
                instance.joins[node.id], instance.tasks[node.id] = _join(node), task_id
        self._touch(event.originator_id)

    def _touch(self, instance_id: UUID | None) -> None:
        if instance_id is not None:
            self._touched.add(instance_id)


def _drawn(nodes: Iterable[Node], edges: Iterable[Edge], tasks: dict[str, UUID]) -> ModelInstance:
    parents: dict[str, list[str]] = {node_id: [] for node_id in tasks}
    for edge in edges:
        parents[edge.child].append(edge.parent)
    return ModelInstance({node.id: _join(node) for node in nodes}, parents, tasks)


def _join(node: Node) -> tuple[str, int | None]:
    return str(node.join.kind), node.join.count
