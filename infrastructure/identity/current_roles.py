"""What an account may do in a tenant now, whatever its token was made for."""

from typing import Any
from uuid import UUID

from application.access import Actor
from domain.identity.membership import Membership
from domain.shared.errors import Unauthenticated
from domain.shared.ids import AccountId, TenantId
from infrastructure.identity.log_changes import Remembered

Key = tuple[AccountId, TenantId]


class CurrentRoles(Remembered[Key, Actor]):
    topics = (
        Membership.Joined.TOPIC,
        Membership.RolesChanged.TOPIC,
        Membership.Removed.TOPIC,
        Membership.Rejoined.TOPIC,
    )
    what = "What the account may do"

    async def of(self, account_id: AccountId, tenant_id: TenantId) -> Actor:
        """The account with the roles it has there now.

        Raises Unauthenticated when it is not a member, Unavailable when the log can't be read.
        """
        if (found := await self.recall((account_id, tenant_id))) is not None:
            return found
        raise Unauthenticated("The account is not a member of this tenant any more.")

    async def find(self, account_id: AccountId, tenant_id: TenantId) -> Actor | None:
        """None when it is not a member. Raises Unavailable when the log can't be read."""
        return await self.recall((account_id, tenant_id))

    def stream_of(self, key: Key) -> tuple[UUID, TenantId]:
        account_id, tenant_id = key
        return Membership.id_of(tenant_id, account_id), tenant_id

    def told_by(self, key: Key, state: dict[str, Any]) -> Actor | None:
        """By telling no roles, an event tells that the account is not a member."""
        roles = state.get("roles")
        return None if roles is None else Actor.with_roles(*key, tuple(roles))
