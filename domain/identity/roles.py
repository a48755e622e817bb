"""Roles: named sets of permissions.

Source: the Scheduler document's API surface, column "Auth Scope"; of the EventFlow document, its
access levels.
"""

from collections.abc import Iterable

from domain.shared.permissions import Permissions, permissions

_EVERYONE = permissions(
    "profile:read:own",
    "calendar:read:own",
    "calendar:write:own",
    "notifications:read:own",
    "notifications:write:own",
    "preferences:read:own",
    "preferences:write:own",
)
_WORKS = _EVERYONE | permissions(
    "assignments:answer:own",
    "availability:read:own",
    "availability:write:own",
    "shifts:claim:own",
    "swaps:read:own",
    "swaps:write:own",
)
_COORDINATES = _EVERYONE | permissions(
    "units:read",
    "roles:read",
    "reports:read",
    "people:read",
    "shifts:read",
    "shifts:write",
    "imports:read",
    "imports:write",
    "assignments:answer",
    "availability:read",
    "availability:write",
    "policy:read",
    "swaps:read",
    "swaps:write",
    "swaps:approve",
)
_TASKS = _EVERYONE | permissions(
    "tasks:read:own",
    "tasks:write:own",
    "occasions:read:own",
    "workflows:read:own",
    "workflows:write:own",
    "reference:read",
)
"""What of it somebody may do with a task, the account's user type says."""

ROLES: dict[str, Permissions] = {
    "admin": _COORDINATES
    | permissions(
        "units:write",
        "roles:write",
        "people:write",
        "members:read",
        "members:write",
        "policy:write",
        "warnings:override",
        "deliveries:read",
        "deliveries:write",
        "audit:read",
        "jobs:read",
        "tasks:read",
        "tasks:write",
        "occasions:read",
        "occasions:write",
        "workflows:read",
        "workflows:write",
        "templates:write",
        "reference:read",
        "reference:write",
    ),
    "coordinator": _COORDINATES,
    "staff": _WORKS,
    "volunteer": _WORKS,
    "manager": _TASKS | permissions("occasions:write:own", "templates:write"),
    "member": _TASKS,
    "auditor": _EVERYONE | permissions("audit:read", "reports:read"),
}


def permissions_of(roles: Iterable[str]) -> Permissions:
    """Everything that any of the roles allows; an unknown role allows nothing."""
    return frozenset().union(*(ROLES.get(role, frozenset()) for role in roles))
