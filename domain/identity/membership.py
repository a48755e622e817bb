"""Membership: what an account is in one tenant."""

from collections.abc import Iterable
from uuid import UUID

from domain.identity.roles import ROLES
from domain.shared.aggregate import Aggregate, Created, Event, event
from domain.shared.errors import Invalid
from domain.shared.ids import AccountId, TenantId, derived_id


class Membership(Aggregate):
    TOPIC = "identity.Membership"

    class Joined(Created):
        TOPIC = "identity.MemberJoined"
        account_id: AccountId
        roles: tuple[str, ...]

    class RolesChanged(Event):
        TOPIC = "identity.MemberRolesChanged"
        roles: tuple[str, ...]

    @event(Joined)
    def __init__(self, id: UUID, account_id: AccountId, roles: tuple[str, ...]) -> None:  # noqa: ARG002
        self.account_id = account_id
        self.roles = roles

    @staticmethod
    def id_of(tenant_id: TenantId, account_id: AccountId) -> UUID:
        return derived_id(tenant_id, "member", account_id)

    def change_roles(self, roles: Iterable[str]) -> None:
        """Raises Invalid when a role is unknown. Asking for what is so already changes nothing."""
        wanted = known_roles(roles)
        if wanted != self.roles:
            self._roles_changed(roles=wanted)

    @event(RolesChanged)
    def _roles_changed(self, roles: tuple[str, ...]) -> None:
        self.roles = roles


def known_roles(roles: Iterable[str]) -> tuple[str, ...]:
    """The roles, sorted and each once. Raises Invalid when one is unknown."""
    wanted = tuple(sorted(set(roles)))
    if unknown := [role for role in wanted if role not in ROLES]:
        raise Invalid(
            "Unknown role.",
            {"roles": f"unknown: {', '.join(unknown)}; known: {', '.join(ROLES)}"},
        )
    return wanted
