"""TaskType: a kind of task, such as ``Catering``, and how long one takes."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from domain.shared.aggregate import Aggregate, Created, Event, event
from domain.shared.errors import Invalid
from domain.shared.ids import TaskTypeId, TenantId
from domain.shared.keeping import KEPT, Kept, kept_or
from domain.shared.named import named_id, shown_name
from domain.shared.refusals import Refusal
from domain.shared.texts import description_of

LONGEST_MINUTES = 366 * 24 * 60
"""A year."""


@dataclass(frozen=True)
class TaskTypeExists(Refusal):
    task_type_id: TaskTypeId

    @property
    def message(self) -> str:
        return "A task type of this name exists already."


@dataclass(frozen=True)
class TaskTypeIsRetired(Refusal):
    task_type: str

    @property
    def message(self) -> str:
        return f"The task type {self.task_type} is retired: no new task gets it."


@dataclass(frozen=True)
class TaskTypeChange:
    """What is given is changed, the rest kept."""

    description: str | Literal[Kept.KEPT] = KEPT
    minutes: int | Literal[Kept.KEPT] = KEPT


class TaskType(Aggregate):
    TOPIC = "work.TaskType"

    class Added(Created):
        TOPIC = "work.TaskTypeAdded"
        name: str
        description: str
        minutes: int

    class Changed(Event):
        TOPIC = "work.TaskTypeChanged"
        description: str
        minutes: int

    class Retired(Event):
        TOPIC = "work.TaskTypeRetired"

    class Reopened(Event):
        TOPIC = "work.TaskTypeReopened"

    @event(Added)
    def __init__(self, id: UUID, name: str, description: str, minutes: int) -> None:  # noqa: ARG002
        self.name = name
        self.description = description
        self.minutes = minutes
        """How long such a task takes, as plans reckon."""
        self.active = True

    @staticmethod
    def id_of(tenant_id: TenantId, name: str) -> TaskTypeId:
        return TaskTypeId(named_id(tenant_id, "task type", name))

    @classmethod
    def add(cls, tenant_id: TenantId, name: str, description: str, minutes: int) -> "TaskType":
        """Raises Invalid when a part can't be one."""
        shown = shown_name("task type", name)
        return cls(
            id=cls.id_of(tenant_id, shown),
            name=shown,
            description=description_of("task type", description),
            minutes=_duration(minutes),
        )

    def change(self, change: TaskTypeChange) -> None:
        """Change what is given; the name stays. Raises Invalid."""
        new = (
            kept_or(
                self.description,
                change.description,
                lambda text: description_of("task type", text),
            ),
            kept_or(self.minutes, change.minutes, _duration),
        )
        if new != (self.description, self.minutes):
            self._changed(*new)

    def retire(self) -> None:
        if self.active:
            self._retired()

    def reopen(self) -> None:
        if not self.active:
            self._reopened()

    @property
    def retired(self) -> Refusal | None:
        """The refusal to give it to anything new, if it is retired."""
        return None if self.active else TaskTypeIsRetired(self.name)

    @event(Changed)
    def _changed(self, description: str, minutes: int) -> None:
        self.description = description
        self.minutes = minutes

    @event(Retired)
    def _retired(self) -> None:
        self.active = False

    @event(Reopened)
    def _reopened(self) -> None:
        self.active = True


def _duration(minutes: int) -> int:
    if not 0 <= minutes <= LONGEST_MINUTES:
        told = f"must be between 0 and {LONGEST_MINUTES}"
        raise Invalid("A task can't take so long.", {"minutes": told})
    return minutes
