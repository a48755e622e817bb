"""Every command can be carried out, by somebody who may."""

import inspect

import pytest

from application.commands import HANDLERS, Command
from domain.identity.roles import ROLES
from domain.shared.permissions import Permission
from infrastructure.registry import load_all

load_all()

OF_OPSTREAM_ALONE = {"tenants:write:all", "accounts:write:all", "digests:issue:all"}
"""What no role may: only the system does these."""


def commands():
    found = [
        kind for kind in Command.__subclasses__() if kind.__module__.startswith("application.")
    ]
    return sorted(found, key=lambda kind: kind.__name__)


each_command = pytest.mark.parametrize("command", commands(), ids=lambda kind: kind.__name__)


def test_there_are_commands():
    assert len(commands()) >= 21


def test_no_two_commands_share_a_name():
    """The name is what the log, the metrics and the audit trail call it."""
    names = [kind.__name__ for kind in commands()]
    assert len(set(names)) == len(names)


@each_command
def test_a_command_has_a_handler_beside_it(command):
    handler = HANDLERS[command]
    assert inspect.iscoroutinefunction(handler)
    assert handler.__module__ == command.__module__


@each_command
def test_a_command_says_what_it_needs(command):
    assert isinstance(command.needs, Permission)


@each_command
def test_somebody_may(command):
    roles = [role for role, granted in ROLES.items() if command.needs.satisfied_by(granted)]
    assert roles or str(command.needs) in OF_OPSTREAM_ALONE


@each_command
def test_a_command_is_named_as_its_handler_is(command):
    words = HANDLERS[command].__name__.split("_")
    assert "".join(word.capitalize() for word in words) == command.__name__


def test_no_handler_is_for_something_else():
    assert {kind for kind in HANDLERS if kind.__module__.startswith("application.")} == set(
        commands()
    )
