"""A campaign's outcome on the console."""

from collections.abc import Collection

from rich.console import Console
from rich.table import Column, Table

from tests.fuzz.findings import Finding, Findings
from tests.fuzz.settings import Budget
from tests.fuzz.target import Target, labels_of


def show(
    console: Console,
    findings: Findings,
    target: Target,
    roles: Collection[str],
    budget: Budget,
    seconds: float,
) -> None:
    """The table of what was reached, every finding, and one line of figures."""
    asked = {label for _, label, _ in findings.answers}
    console.print(_table(findings, target, roles, asked))
    for finding in findings.found.values():
        console.print(told(finding, budget), markup=False, highlight=False, soft_wrap=True)
    console.print(
        f"{len(asked)} operations, {len(roles)} roles, {findings.cases} cases in {seconds:.0f} s: "
        f"{len(findings.found)} findings"
    )


def told(finding: Finding, budget: Budget) -> str:
    """What was found and how to see it again."""
    again = f"uv run fuzz --seed {budget.seed} --examples {budget.examples}"
    again += f" --contract {finding.contract} --role {finding.role}"
    head = f"\n✗ {finding.label} as {finding.role}: {finding.what}"
    return "\n".join(part for part in (head, finding.detail, f"again: {again}") if part)


def _table(
    findings: Findings, target: Target, roles: Collection[str], asked: Collection[str]
) -> Table:
    title = "answers 2xx/all; in brackets where one may not ask"
    table = Table(Column("operation", no_wrap=True), *roles, title=title, box=None)
    for document in target.documents.values():
        for label in labels_of(document):
            if label in asked:
                cells = (_cell(findings, role, label, target.may(role, label)) for role in roles)
                table.add_row(label, *cells)
    return table


def _cell(findings: Findings, role: str, label: str, may: bool) -> str:
    mine = {
        status: count
        for (asker, asked, status), count in findings.answers.items()
        if (asker, asked) == (role, label)
    }
    good = sum(count for status, count in mine.items() if 200 <= status < 300)
    every = sum(mine.values())
    return f"{good}/{every}" if may else f"({every})"
