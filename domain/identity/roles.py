"""Roles: named sets of permissions.

Source: the Scheduler document's API surface, column "Auth Scope".
"""

from collections.abc import Iterable

from domain.shared.permissions import Permissions, permissions

_EVERYONE = permissions("profile:read:own")
_ANSWERS_FOR_SELF = _EVERYONE | permissions("assignments:answer:own")
_COORDINATES = _EVERYONE | permissions(
    "units:read",
    "people:read",
    "shifts:read",
    "shifts:write",
    "assignments:answer",
)

ROLES: dict[str, Permissions] = {
    "admin": _COORDINATES
    | permissions("units:write", "people:write", "members:read", "members:write", "audit:read"),
    "coordinator": _COORDINATES,
    "staff": _ANSWERS_FOR_SELF,
    "volunteer": _ANSWERS_FOR_SELF,
    "auditor": _EVERYONE | permissions("audit:read"),
}


def permissions_of(roles: Iterable[str]) -> Permissions:
    """Everything that any of the roles allows; an unknown role allows nothing."""
    return frozenset().union(*(ROLES.get(role, frozenset()) for role in roles))
