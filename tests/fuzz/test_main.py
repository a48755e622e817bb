"""``uv run fuzz``: what it takes and how it ends."""

import pytest
from typer.testing import CliRunner

from tests.fuzz import main
from tests.fuzz.findings import Finding, Findings
from tests.fuzz.opstream import may
from tests.fuzz.settings import Budget
from tests.fuzz.target import Target

TARGET = Target({"scheduler": {"paths": {"/units": {"get": {}}}}}, {}, may)
RUNNER = CliRunner()


def a_run_that_finds(
    *found: Finding, monkeypatch: pytest.MonkeyPatch, asked: list[tuple[object, ...]]
) -> None:
    findings = Findings(cases=1)
    findings.answers["admin", "GET /units", 200] += 1
    for each in found:
        findings.add(each)

    def run(_folder: object, *what: object) -> tuple[Findings, Target]:
        asked.append(what)
        return findings, TARGET

    monkeypatch.setattr(main, "_run", run)


def test_it_asks_everything_as_everybody_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []
    a_run_that_finds(monkeypatch=monkeypatch, asked=asked)
    ended = RUNNER.invoke(main.cli, ["--seed", "5"])
    assert ended.exit_code == 0, ended.output
    ((budget, contracts, roles),) = asked
    assert budget == Budget(150, 5, stateful=True)
    assert contracts == ["scheduler", "eventflow", "platform"]
    others = ["coordinator", "staff", "volunteer", "manager", "member", "auditor"]
    assert roles == [*others, "nobody", "admin"]


def test_a_finding_ends_it_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = Finding("scheduler", "staff", "GET /units", "Server error", "curl …")
    a_run_that_finds(finding, monkeypatch=monkeypatch, asked=[])
    ended = RUNNER.invoke(main.cli, ["--seed", "5", "--examples", "9"])
    assert ended.exit_code == 1
    assert "GET /units as staff: Server error" in ended.output
    again = "uv run fuzz --seed 5 --examples 9 --contract scheduler --role staff"
    assert again in ended.output


@pytest.mark.parametrize("option", ["--contract", "--role"])
def test_what_nobody_knows_is_refused_by_name(option: str) -> None:
    ended = RUNNER.invoke(main.cli, [option, "nonsense"])
    assert ended.exit_code == 2
    assert "nonsense is not one of" in ended.output
