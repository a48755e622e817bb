"""Person: somebody who can work shifts, with or without an account to log in with."""

from enum import StrEnum
from uuid import UUID

from domain.shared.aggregate import Aggregate, Created, Event, event
from domain.shared.ids import AccountId


class PersonKind(StrEnum):
    STAFF = "staff"
    VOLUNTEER = "volunteer"


class Person(Aggregate):
    TOPIC = "scheduling.Person"

    class Added(Created):
        TOPIC = "scheduling.PersonAdded"
        name: str
        email: str
        kind: PersonKind
        roles: tuple[str, ...]
        account_id: AccountId | None

    class Deactivated(Event):
        TOPIC = "scheduling.PersonDeactivated"

    @event(Added)
    def __init__(
        self,
        id: UUID,  # noqa: ARG002
        name: str,
        email: str,
        kind: PersonKind,
        roles: tuple[str, ...],
        account_id: AccountId | None,
    ) -> None:
        self.name = name
        self.email = email
        self.kind = kind
        self.roles = roles
        """The roles this person can fill on a shift, such as ``nurse``."""
        self.account_id = account_id
        self.active = True

    def deactivate(self) -> None:
        if self.active:
            self._deactivated()

    @event(Deactivated)
    def _deactivated(self) -> None:
        self.active = False
