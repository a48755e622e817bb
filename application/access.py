"""Who is asking, and what he or she may do."""

from dataclasses import dataclass, field

from domain.identity.roles import permissions_of
from domain.shared.errors import Forbidden
from domain.shared.ids import PLATFORM, AccountId, TenantId
from domain.shared.permissions import Permission, Permissions

_SYSTEM = AccountId(PLATFORM)


@dataclass(frozen=True)
class Actor:
    """An account acting in one tenant."""

    account_id: AccountId
    tenant_id: TenantId
    roles: tuple[str, ...]
    granted: Permissions = field(repr=False, compare=False)

    @classmethod
    def with_roles(
        cls, account_id: AccountId, tenant_id: TenantId, roles: tuple[str, ...]
    ) -> "Actor":
        return cls(account_id, tenant_id, roles, permissions_of(roles))

    @classmethod
    def system(cls, tenant_id: TenantId) -> "Actor":
        """Opstream itself: jobs, demo data, the command line."""
        return cls(_SYSTEM, tenant_id, ("system",), frozenset())

    @property
    def is_system(self) -> bool:
        return self.account_id == _SYSTEM

    def may(self, permission: Permission) -> bool:
        return self.is_system or permission.satisfied_by(self.granted)

    def must(self, permission: Permission) -> None:
        """Raises Forbidden, naming the permission, unless the actor has it."""
        if not self.may(permission):
            raise Forbidden("You may not do this.", needs=str(permission))
