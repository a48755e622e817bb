"""UserType: a kind of user, such as ``Vendor``: what it may do, and with which types of task.

Source: the EventFlow document's authorization model. Its permissions and eligibility mappings are
data here, changed by admins; what an account may do in general is in `domain.identity.roles`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal
from uuid import UUID

from domain.shared.aggregate import Aggregate, Created, Event, event
from domain.shared.ids import TaskTypeId, TenantId, UserTypeId
from domain.shared.keeping import KEPT, Kept, kept_or
from domain.shared.named import named_id, shown_name
from domain.shared.refusals import Refusal
from domain.shared.texts import description_of


class TaskPermission(StrEnum):
    VIEW = "view"
    TAKE = "take"
    MOVE_STATE = "move_state"
    ASSIGN = "assign"


@dataclass(frozen=True)
class UserTypeExists(Refusal):
    user_type_id: UserTypeId

    @property
    def message(self) -> str:
        return "A user type of this name exists already."


@dataclass(frozen=True)
class Powers:
    """What users of one type may do, with tasks of which types."""

    user_type: str
    permissions: frozenset[TaskPermission]
    task_types: frozenset[TaskTypeId]
    read_only: bool
    """A customer: looks, changes nothing, and never sees a task that is still to do."""


@dataclass(frozen=True)
class UserTypeChange:
    """What is given is changed, the rest kept."""

    description: str | Literal[Kept.KEPT] = KEPT
    permissions: tuple[TaskPermission, ...] | Literal[Kept.KEPT] = KEPT
    read_only: bool | Literal[Kept.KEPT] = KEPT


class UserType(Aggregate):
    TOPIC = "work.UserType"

    class Added(Created):
        TOPIC = "work.UserTypeAdded"
        name: str
        description: str
        permissions: tuple[TaskPermission, ...]
        read_only: bool

    class Changed(Event):
        TOPIC = "work.UserTypeChanged"
        description: str
        permissions: tuple[TaskPermission, ...]
        read_only: bool

    class Mapped(Event):
        TOPIC = "work.EligibilityMapped"
        task_type_id: TaskTypeId

    class Unmapped(Event):
        TOPIC = "work.EligibilityUnmapped"
        task_type_id: TaskTypeId

    @event(Added)
    def __init__(
        self,
        id: UUID,  # noqa: ARG002
        name: str,
        description: str,
        permissions: tuple[TaskPermission, ...],
        read_only: bool,
    ) -> None:
        self.name = name
        self.description = description
        self.permissions = permissions
        self.read_only = read_only
        self.task_types: tuple[TaskTypeId, ...] = ()
        """The eligibility mappings: types of task that its users have to do with."""

    @staticmethod
    def id_of(tenant_id: TenantId, name: str) -> UserTypeId:
        return UserTypeId(named_id(tenant_id, "user type", name))

    @classmethod
    def add(
        cls,
        tenant_id: TenantId,
        name: str,
        description: str,
        permissions: Iterable[TaskPermission],
        *,
        read_only: bool,
    ) -> "UserType":
        """Raises Invalid when a part can't be one."""
        shown = shown_name("user type", name)
        return cls(
            id=cls.id_of(tenant_id, shown),
            name=shown,
            description=description_of("user type", description),
            permissions=_in_order(permissions),
            read_only=read_only,
        )

    @property
    def powers(self) -> Powers:
        return Powers(
            self.name, frozenset(self.permissions), frozenset(self.task_types), self.read_only
        )

    def change(self, change: UserTypeChange) -> None:
        """Change what is given; the name stays. Raises Invalid."""
        new = (
            kept_or(
                self.description,
                change.description,
                lambda text: description_of("user type", text),
            ),
            kept_or(self.permissions, change.permissions, _in_order),
            kept_or(self.read_only, change.read_only),
        )
        if new != (self.description, self.permissions, self.read_only):
            self._changed(*new)

    def map(self, task_type_id: TaskTypeId) -> None:
        """Let its users have to do with a type of task; what is mapped already stays so."""
        if task_type_id not in self.task_types:
            self._mapped(task_type_id)

    def unmap(self, task_type_id: TaskTypeId) -> None:
        if task_type_id in self.task_types:
            self._unmapped(task_type_id)

    @event(Changed)
    def _changed(
        self, description: str, permissions: tuple[TaskPermission, ...], read_only: bool
    ) -> None:
        self.description = description
        self.permissions = permissions
        self.read_only = read_only

    @event(Mapped)
    def _mapped(self, task_type_id: TaskTypeId) -> None:
        self.task_types = (*self.task_types, task_type_id)

    @event(Unmapped)
    def _unmapped(self, task_type_id: TaskTypeId) -> None:
        self.task_types = tuple(each for each in self.task_types if each != task_type_id)


def _in_order(permissions: Iterable[TaskPermission]) -> tuple[TaskPermission, ...]:
    """Each once, in the order of the document."""
    wanted = set(permissions)
    return tuple(permission for permission in TaskPermission if permission in wanted)
