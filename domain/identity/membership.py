"""Membership: what an account is in one tenant."""

from collections.abc import Iterable
from uuid import UUID

from domain.identity.roles import ROLES
from domain.shared.aggregate import Aggregate, Created, Event, event
from domain.shared.errors import Invalid, NotFound, refuse
from domain.shared.ids import AccountId, TenantId, derived_id
from domain.shared.refusals import Refusal

ADMIN = "admin"


class AlreadyAMember(Refusal):
    @property
    def message(self) -> str:
        return "The account is a member of this tenant already."


class OwnAdminRole(Refusal):
    """So a tenant has an admin always: the one who acts stays one."""

    @property
    def message(self) -> str:
        return "Nobody takes the admin role from himself or herself: another admin has to."


class Membership(Aggregate):
    TOPIC = "identity.Membership"
    SNAPSHOT_VERSION = 2

    class Joined(Created):
        TOPIC = "identity.MemberJoined"
        account_id: AccountId
        roles: tuple[str, ...]

    class RolesChanged(Event):
        TOPIC = "identity.MemberRolesChanged"
        roles: tuple[str, ...]

    class Removed(Event):
        TOPIC = "identity.MemberRemoved"

    class Rejoined(Event):
        TOPIC = "identity.MemberRejoined"
        roles: tuple[str, ...]

    @event(Joined)
    def __init__(self, id: UUID, account_id: AccountId, roles: tuple[str, ...]) -> None:  # noqa: ARG002
        self.account_id = account_id
        self.roles = roles
        self.active = True

    @staticmethod
    def id_of(tenant_id: TenantId, account_id: AccountId) -> UUID:
        return derived_id(tenant_id, "member", account_id)

    def change_roles(self, roles: Iterable[str]) -> None:
        """Raises Invalid when a role is unknown, NotFound when the account is a member no more.

        Asking for what is so already changes nothing.
        """
        self._must_be_active()
        wanted = known_roles(roles)
        if wanted != self.roles:
            self._roles_changed(roles=wanted)

    def remove(self) -> None:
        """Raises NotFound when the account is a member no more."""
        self._must_be_active()
        self._removed()

    def rejoin(self, roles: Iterable[str]) -> None:
        """Raises RuleBroken when it is a member, Invalid when a role is unknown."""
        refuse(AlreadyAMember() if self.active else None)
        self._rejoined(roles=known_roles(roles))

    def _must_be_active(self) -> None:
        if not self.active:
            raise NotFound("member", self.account_id)

    @event(RolesChanged)
    def _roles_changed(self, roles: tuple[str, ...]) -> None:
        self.roles = roles

    @event(Removed)
    def _removed(self) -> None:
        self.roles = ()
        self.active = False

    @event(Rejoined)
    def _rejoined(self, roles: tuple[str, ...]) -> None:
        self.roles = roles
        self.active = True


def known_roles(roles: Iterable[str]) -> tuple[str, ...]:
    """The roles, sorted and each once. Raises Invalid when one is unknown."""
    wanted = tuple(sorted(set(roles)))
    if unknown := [role for role in wanted if role not in ROLES]:
        raise Invalid(
            "Unknown role.",
            {"roles": f"unknown: {', '.join(unknown)}; known: {', '.join(ROLES)}"},
        )
    return wanted
