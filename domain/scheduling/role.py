"""Role: a kind of work that shifts ask for and people can do, such as ``nurse``.

What an account may do is something else: see `domain.identity.roles`.
"""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from domain.shared.aggregate import Aggregate, Created, Event, event
from domain.shared.errors import refuse
from domain.shared.ids import RoleId, TenantId
from domain.shared.keeping import KEPT, Kept, kept_or
from domain.shared.money import Money, rate_of
from domain.shared.named import named_id, shown_name
from domain.shared.refusals import Refusal
from domain.shared.texts import description_of


@dataclass(frozen=True)
class RoleExists(Refusal):
    role_id: RoleId
    active: bool

    @property
    def message(self) -> str:
        then = "" if self.active else " and is closed: reopen it"
        return f"A role of this name exists already{then}."


@dataclass(frozen=True)
class RoleIsClosed(Refusal):
    role: str

    @property
    def message(self) -> str:
        return f"The role {self.role} is closed: nothing new is given it."


@dataclass(frozen=True)
class RoleNameIsFixed(Refusal):
    """Shifts and people are told by the name, and so is what was."""

    role: str

    @property
    def message(self) -> str:
        return f"The role {self.role} keeps its name: add another role, and close this one."


def role_name(name: str) -> str:
    """In the form in which it is shown. Raises Invalid when it can't be one."""
    return shown_name("role", name)


@dataclass(frozen=True)
class RoleChange:
    """What is given is changed, the rest kept; without a rate nobody is paid for it."""

    name: str | Literal[Kept.KEPT] = KEPT
    description: str | Literal[Kept.KEPT] = KEPT
    hourly_rate: Money | Literal[Kept.KEPT] | None = KEPT


class Role(Aggregate):
    TOPIC = "scheduling.Role"

    class Added(Created):
        TOPIC = "scheduling.RoleAdded"
        name: str
        description: str
        hourly_rate: Money | None

    class Changed(Event):
        TOPIC = "scheduling.RoleChanged"
        description: str
        hourly_rate: Money | None

    class Closed(Event):
        TOPIC = "scheduling.RoleClosed"

    class Reopened(Event):
        TOPIC = "scheduling.RoleReopened"

    @event(Added)
    def __init__(self, id: UUID, name: str, description: str, hourly_rate: Money | None) -> None:  # noqa: ARG002
        self.name = name
        self.description = description
        self.hourly_rate = hourly_rate
        """What an hour of a member of staff costs who has no rate of his or her own."""
        self.active = True

    @staticmethod
    def id_of(tenant_id: TenantId, name: str) -> RoleId:
        """The same however it is spelled: capitals, blanks and composed characters are alike."""
        return RoleId(named_id(tenant_id, "role", name))

    @classmethod
    def add(cls, tenant_id: TenantId, name: str, description: str, rate: Money | None) -> "Role":
        """Raises Invalid when a part can't be one."""
        shown = role_name(name)
        return cls(
            id=cls.id_of(tenant_id, shown),
            name=shown,
            description=description_of("role", description),
            hourly_rate=rate_of(rate),
        )

    def change(self, change: RoleChange) -> None:
        """Change what is given, also of a closed one. Raises Invalid, or RuleBroken on another
        name, even if only its spelling is another.
        """
        name = kept_or(self.name, change.name, role_name)
        refuse(None if name == self.name else RoleNameIsFixed(self.name))
        new = (
            kept_or(
                self.description, change.description, lambda text: description_of("role", text)
            ),
            kept_or(self.hourly_rate, change.hourly_rate, rate_of),
        )
        if new != (self.description, self.hourly_rate):
            self._changed(*new)

    def close(self) -> None:
        if self.active:
            self._closed()

    def reopen(self) -> None:
        if not self.active:
            self._reopened()

    @property
    def closed(self) -> Refusal | None:
        """The refusal to give it to anything new, if it is closed."""
        return None if self.active else RoleIsClosed(self.name)

    @event(Changed)
    def _changed(self, description: str, hourly_rate: Money | None) -> None:
        self.description = description
        self.hourly_rate = hourly_rate

    @event(Closed)
    def _closed(self) -> None:
        self.active = False

    @event(Reopened)
    def _reopened(self) -> None:
        self.active = True
