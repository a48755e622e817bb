"""``uv run fuzz``: every operation of every contract, for each role, at length."""

import logging
import random
import signal
import sys
import tempfile
from pathlib import Path
from time import monotonic
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from infrastructure.embedded.engines import Engines
from infrastructure.postgres.migrate import migrate
from interfaces.http.app import CONTRACTS
from tests.fuzz.campaign import campaign
from tests.fuzz.findings import Findings
from tests.fuzz.opstream import EVERYBODY, opstream
from tests.fuzz.report import show
from tests.fuzz.serving import serving
from tests.fuzz.settings import Budget
from tests.fuzz.target import NOBODY, Target

cli = typer.Typer(add_completion=False)
console = Console(width=None if sys.stdout.isatty() else 120)
EXAMPLES = "Arbitrary requests per operation and role, beside the bounds of every field."
ONLY = "Only this one; may be given again."


def main() -> None:
    """A terminated run unwinds like an interrupted one, so that its servers end with it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    cli()


@cli.command()
def fuzz(
    examples: Annotated[int, typer.Option(min=1, help=EXAMPLES)] = 150,
    seed: Annotated[
        int | None, typer.Option(help="Draws a run again, but for its ids; else by chance.")
    ] = None,
    contract: Annotated[list[str] | None, typer.Option(help=ONLY)] = None,
    role: Annotated[list[str] | None, typer.Option(help=f"{ONLY} `{NOBODY}` has no token.")] = None,
) -> None:
    """Ask every operation what nobody thought of, and hold the answers to the documents.

    Exits with 1 when an answer is a 5xx or not told of, when somebody gets in who may not, or when
    an operation was never really reached.
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    contracts = _known(contract, list(CONTRACTS), "--contract")
    roles = _known(role, list(EVERYBODY), "--role")
    budget = Budget(examples, random.randrange(2**32) if seed is None else seed, stateful=True)
    console.print(f"seed {budget.seed}, {examples} examples")
    started = monotonic()
    with tempfile.TemporaryDirectory(prefix="opstream-fuzz-") as folder:
        findings, target = _run(Path(folder), budget, contracts, roles)
    show(console, findings, target, roles, budget, monotonic() - started)
    if findings.found:
        raise typer.Exit(1)


def _known(chosen: list[str] | None, known: list[str], option: str) -> list[str]:
    for name in chosen or ():
        if name not in known:
            raise typer.BadParameter(f"{name} is not one of {', '.join(known)}", param_hint=option)
    return chosen or known


def _run(
    folder: Path, budget: Budget, contracts: list[str], roles: list[str]
) -> tuple[Findings, Target]:
    engines = Engines(folder)
    try:
        with engines:
            migrate(engines.database_url)
            with serving(lambda: opstream(engines.database_url, folder)) as (url, target):
                return _with_progress(target, url, budget, contracts, roles), target
    finally:
        engines.remove()


def _with_progress(
    target: Target, url: str, budget: Budget, contracts: list[str], roles: list[str]
) -> Findings:
    text, bar = TextColumn("{task.description}"), BarColumn()
    columns = (text, bar, MofNCompleteColumn(), TimeElapsedColumn())
    hidden = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as progress:
        task = progress.add_task("starting", total=len(contracts) * len(roles))
        courses: set[tuple[str, str]] = set()

        def tell(contract: str, role: str, label: str, findings: Findings) -> None:
            courses.add((contract, role))
            words = f"{contract} as {role}: {label}, {findings.cases} cases"
            progress.update(task, completed=len(courses) - 1, description=words)

        return campaign(target, url, budget, contracts, roles, tell)
