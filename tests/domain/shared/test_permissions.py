"""Permissions are written ``resource:action:scope``, and all includes own."""

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain.shared.permissions import Permission, permissions

words = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=12)


@settings(max_examples=50, deadline=None)
@for_all(words, words, st.sampled_from(["all", "own"]))
def test_what_is_written_can_be_read(resource, action, scope):
    permission = Permission(resource, action, scope)
    assert Permission.parse(str(permission)) == permission


def test_without_a_scope_it_is_everything():
    assert Permission.parse("shifts:write") == Permission("shifts", "write", "all")


@pytest.mark.parametrize("text", ["", "shifts", "shifts:write:some", "shifts:write:all:x"])
def test_anything_else_is_no_permission(text):
    with pytest.raises(ValueError, match="not a permission"):
        Permission.parse(text)


@pytest.mark.parametrize(
    ("needed", "granted", "enough"),
    [
        ("shifts:write:all", ["shifts:write:all"], True),
        ("shifts:write:own", ["shifts:write:own"], True),
        ("shifts:write:own", ["shifts:write:all"], True),
        ("shifts:write:all", ["shifts:write:own"], False),
        ("shifts:write:all", ["shifts:read:all"], False),
        ("shifts:write:all", ["people:write:all"], False),
        ("shifts:write:own", [], False),
        ("shifts:write:all", ["people:write:all", "shifts:write:all"], True),
    ],
)
def test_a_permission_is_satisfied_by_itself_and_by_all(needed, granted, enough):
    assert Permission.parse(needed).satisfied_by(permissions(*granted)) is enough
