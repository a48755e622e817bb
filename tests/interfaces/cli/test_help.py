"""``--help`` tells everything there is to know."""

import pytest
import typer

from interfaces.cli.main import app
from interfaces.workers.main import ROLES

GROUP = typer.main.get_command(app)
SUBCOMMANDS = {
    "serve",
    "migrate",
    "api",
    "worker",
    "rebuild",
    "verify",
    "checkpoints",
    "replay",
    "jobs",
    "openapi",
    "account",
    "link-identity",
    "settings",
}


def parameters():
    return [(name, each) for name, command in GROUP.commands.items() for each in command.params]


def test_these_are_the_subcommands():
    assert set(GROUP.commands) == SUBCOMMANDS


def test_the_options_of_serve_are_those_of_the_readme():
    names = {option for parameter in GROUP.commands["serve"].params for option in parameter.opts}
    assert names == {"--demo", "--host", "--port", "--data-dir", "--api-workers"}


def test_opstream_help_lists_every_subcommand_with_what_it_does(opstream):
    ended = opstream("--help")
    assert ended.code == 0
    listed = {line.split()[1] for line in ended.out.splitlines() if len(line.split()) > 2}
    assert listed >= SUBCOMMANDS


@pytest.mark.parametrize("name", sorted(SUBCOMMANDS))
def test_a_subcommand_says_what_it_does_and_each_of_its_options(name, opstream, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    ended = opstream(name, "--help")
    assert ended.code == 0
    command = GROUP.commands[name]
    assert command.help
    assert command.help.splitlines()[0] in ended.out
    for parameter in command.params:
        if parameter.opts[0].startswith("--"):
            assert parameter.opts[0] in ended.out


def test_a_worker_says_which_roles_there_are():
    (only,) = (each for each in GROUP.commands["worker"].params if each.name == "only")
    assert f"One of {', '.join(ROLES)};" in only.help


def test_every_parameter_has_a_help_text():
    assert len(parameters()) >= 20
    silent = [f"{name} {each.name}" for name, each in parameters() if not each.help]
    assert silent == []


def test_a_first_line_stands_alone_in_the_list_of_subcommands():
    for name, command in GROUP.commands.items():
        first = command.help.split("\n\n")[0]
        assert first.endswith("."), name
        assert "\n" not in first, name
