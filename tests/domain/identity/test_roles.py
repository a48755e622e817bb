"""What each role may do, word by word as the Scheduler document has it."""

import pytest

from domain.identity.roles import ROLES, permissions_of
from domain.shared.permissions import permissions

EVERYONE = {
    "profile:read:own",
    "calendar:read:own",
    "calendar:write:own",
    "notifications:read:own",
    "notifications:write:own",
    "preferences:read:own",
    "preferences:write:own",
}
WORKS = EVERYONE | {
    "assignments:answer:own",
    "availability:read:own",
    "availability:write:own",
    "shifts:claim:own",
    "swaps:read:own",
    "swaps:write:own",
}
COORDINATES = EVERYONE | {
    "units:read:all",
    "roles:read:all",
    "reports:read:all",
    "people:read:all",
    "shifts:read:all",
    "shifts:write:all",
    "assignments:answer:all",
    "availability:read:all",
    "availability:write:all",
    "imports:read:all",
    "imports:write:all",
    "policy:read:all",
    "swaps:read:all",
    "swaps:write:all",
    "swaps:approve:all",
}
TASKS = EVERYONE | {
    "tasks:read:own",
    "tasks:write:own",
    "occasions:read:own",
    "workflows:read:own",
    "workflows:write:own",
    "reference:read:all",
}
MAY = {
    "admin": COORDINATES
    | {
        "units:write:all",
        "roles:write:all",
        "people:write:all",
        "members:read:all",
        "members:write:all",
        "policy:write:all",
        "warnings:override:all",
        "deliveries:read:all",
        "deliveries:write:all",
        "audit:read:all",
        "jobs:read:all",
        "tasks:read:all",
        "tasks:write:all",
        "occasions:read:all",
        "occasions:write:all",
        "workflows:read:all",
        "workflows:write:all",
        "templates:write:all",
        "reference:read:all",
        "reference:write:all",
    },
    "coordinator": COORDINATES,
    "staff": WORKS,
    "volunteer": WORKS,
    "manager": TASKS | {"occasions:write:own", "templates:write:all"},
    "member": TASKS,
    "auditor": EVERYONE | {"audit:read:all", "reports:read:all"},
}


@pytest.mark.parametrize("role", MAY)
def test_a_role_may(role):
    assert {str(permission) for permission in permissions_of([role])} == MAY[role]


def test_there_are_no_other_roles():
    assert set(ROLES) == set(MAY)


def test_several_roles_add_up():
    both = permissions_of(["staff", "auditor"])
    assert both == permissions_of(["staff"]) | permissions_of(["auditor"])


def test_an_unknown_role_allows_nothing():
    assert permissions_of(["wizard"]) == permissions()
    assert permissions_of([]) == permissions()
