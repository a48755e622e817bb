"""The README says what is so."""

import re
import subprocess
import tomllib

import pytest
import typer

from infrastructure.settings import Settings
from interfaces.cli import demo, settings_table
from interfaces.cli.main import app
from interfaces.http.app import CONTRACTS
from tests.architecture.code import ROOT

README = (ROOT / "README.md").read_text()
LINKS = [link for link in re.findall(r"\]\(([^)\s]+)\)", README) if "://" not in link]
CI = (ROOT / ".ci/run").read_text().splitlines()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
COMMANDS = typer.main.get_command(app).commands

TRACE = [
    "interfaces/http/middleware.py",
    "interfaces/http/scheduler/shifts.py",
    "interfaces/http/call.py",
    "application/dispatch.py",
    "application/scheduling/assignments.py",
    "domain/scheduling/shift.py",
    "infrastructure/event_store/group_commit.py",
    "infrastructure/postgres/projector/runner.py",
    "infrastructure/nats/relay.py",
    "infrastructure/postgres/audit.py",
    "interfaces/http/scheduler/audit.py",
]
"""Stations of the command that is traced, in the order in which they run."""


def section(title):
    """The text below a heading, up to the next of the same rank."""
    rank, _, _ = title.partition(" ")
    _, _, rest = README.partition(f"\n{title}\n")
    assert rest, f"there is no {title}"
    return re.split(rf"^{rank} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def first_column(text):
    """What stands in backticks at the start of a table's rows."""
    return re.findall(r"^\| `([^`]+)`", text, flags=re.MULTILINE)


def table_of(rows):
    return [line for line in rows.splitlines() if line.startswith("|")]


def between(mark):
    return README.split(f"<!-- {mark} -->\n")[1].split(f"<!-- /{mark} -->")[0]


def test_it_opens_with_three_lines_and_two_commands():
    opening = README.split("## Two commands")[0].strip().splitlines()[1:]
    assert len([line for line in opening if line]) == 3
    assert re.findall(r"^pip .*$", README, flags=re.MULTILINE) == [
        "pip install uv && uv run opstream serve --demo",
        "pip install uv && uv run pytest",
    ]


def test_the_commands_are_those_that_run_in_ci():
    assert "uv run pytest" in CI
    assert "uv run check" in CI
    assert any("pip install" in line and line.endswith(" uv") for line in CI)


def test_there_are_many_links():
    assert len(LINKS) >= 40


@pytest.mark.parametrize("link", sorted(set(LINKS)))
def test_a_link_leads_somewhere_that_is_committed(link):
    assert (ROOT / link).exists()
    command = ["git", "check-ignore", "--quiet", link]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode != 0, "is ignored by git"


def test_every_top_level_folder_is_on_the_map():
    folders = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()}
    assert folders == {
        *("domain", "application", "projections", "interfaces", "infrastructure", "tests")
    }
    for folder in folders:
        assert f"| [{folder}/]({folder}/) |" in section("## The flow")


def test_a_command_is_followed_in_the_order_in_which_it_runs():
    trace = section("## One command from HTTP to audit trail")
    places = [trace.find(f"]({file})") for file in TRACE]
    assert -1 not in places
    assert places == sorted(places)


def test_the_demo_accounts_are_those_that_are_made():
    accounts = [name for name in first_column(section("## Two commands")) if "@" in name]
    assert accounts == list(demo.EMAILS)
    assert f"`{demo.PASSWORD}`" in section("## Two commands")


def test_every_contract_is_listed():
    contracts = first_column(section("## Contracts"))
    assert len(contracts) == 6
    assert set(CONTRACTS) <= set(contracts)
    for name in CONTRACTS:
        assert f"[here](interfaces/http/{name}/)" in section("## Contracts")


def test_every_subcommand_is_listed():
    listed = [row.split()[1] for row in first_column(section("## The command line"))]
    assert sorted(listed) == sorted(COMMANDS)


def test_every_option_that_is_named_exists():
    options = {option for each in COMMANDS.values() for p in each.params for option in p.opts}
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", section("## The command line")))
    assert len(named) >= 9
    assert named <= options


def test_the_settings_are_exactly_what_opstream_settings_prints():
    assert between("settings") == settings_table.markdown(Settings) + "\n"
    assert len(table_of(between("settings"))) == len(Settings.model_fields) + 2


def test_every_setting_that_is_named_exists():
    known = {f"OPSTREAM_{name.upper()}" for name in Settings.model_fields}
    secrets = set(first_column(section("## Operating")))
    named = set(re.findall(r"OPSTREAM_[A-Z_]+", README))
    assert len(named) > len(known)
    assert named <= known | secrets


def test_there_is_a_place_for_what_was_measured():
    assert README.count("<!-- bench -->") == README.count("<!-- /bench -->") == 1
    assert README.index("### Measured") < README.index("<!-- bench -->")
    assert README.index("<!-- bench -->") < README.index("<!-- /bench -->")


def test_every_script_is_told():
    for script in PROJECT["project"]["scripts"]:
        assert f"uv run {script}" in README


def test_every_dependency_has_its_reason():
    wanted = [
        *PROJECT["project"]["dependencies"],
        *PROJECT["dependency-groups"]["dev"],
        *PROJECT["build-system"]["requires"],
    ]
    names = {re.match(r"[a-z0-9-]+", each).group() for each in wanted}
    assert len(names) >= 30
    decisions = section("## Decisions")
    rows = " ".join(
        row.split("|")[1] for row in table_of(decisions[decisions.index("dependency") :])
    )
    assert {name for name in names if not re.search(rf"\b{name}\b", rows)} == set()
