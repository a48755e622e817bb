"""What each role may do, word by word as the Scheduler document has it."""

import pytest

from domain.identity.roles import ROLES, permissions_of
from domain.shared.permissions import permissions

EVERYONE = {"profile:read:own"}
ANSWERS_FOR_SELF = EVERYONE | {"assignments:answer:own"}
COORDINATES = EVERYONE | {
    "units:read:all",
    "people:read:all",
    "shifts:read:all",
    "shifts:write:all",
    "assignments:answer:all",
}
MAY = {
    "admin": COORDINATES
    | {
        "units:write:all",
        "people:write:all",
        "members:read:all",
        "members:write:all",
        "audit:read:all",
    },
    "coordinator": COORDINATES,
    "staff": ANSWERS_FOR_SELF,
    "volunteer": ANSWERS_FOR_SELF,
    "auditor": EVERYONE | {"audit:read:all"},
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
