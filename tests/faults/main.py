"""`uv run faults`: breaks the running system in every way we know, and looks what is broken."""

import asyncio
import logging
import random
import signal
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.table import Column, Table

from tests.faults.bed import Bed, a_bed
from tests.faults.disks import SkippedError
from tests.faults.operations import Outcome
from tests.faults.registry import Scenario
from tests.faults.rounds import Report, play
from tests.faults.scenarios import SCENARIOS

cli = typer.Typer(add_completion=False)
console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)


def main() -> None:
    """A terminated run unwinds like an interrupted one, so that its servers end with it."""
    # The bed's processes have logs of their own; what this one logs is the making of demo data.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    cli()


@cli.command()
def faults(
    seed: Annotated[int, typer.Option(help="The same seed gives the same schedule.")] = 1,
    rounds: Annotated[int, typer.Option(min=0, help="0: each scenario once.")] = 0,
    scenario: Annotated[list[str] | None, typer.Option(help="Only these; repeatable.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="Tell the scenarios and stop.")] = False,
    keep: Annotated[bool, typer.Option(help="Keep the data folder of a broken round.")] = False,
) -> None:
    """Break API processes, workers, Postgres, NATS and the lines between them while clients go on,
    and check after each round that nothing is lost, doubled or skipped.
    """
    if list_:
        _tell_scenarios()
        return
    schedule = _schedule(seed, rounds, scenario or [])
    console.print(f"seed {seed}: {' '.join(one.name for one, _ in schedule)}")
    reports = asyncio.run(_play_all(schedule, keep=keep))
    console.print(_table(reports))
    if any(report.violations for report in reports):
        raise typer.Exit(1)


def _tell_scenarios() -> None:
    table = Table("scenario", "what happens")
    for one in SCENARIOS.values():
        table.add_row(one.name, one.about)
    console.print(table)


def _schedule(seed: int, rounds: int, names: Sequence[str]) -> list[tuple[Scenario, str]]:
    """Which scenario in each round, and the round's own seed."""
    if unknown := set(names) - SCENARIOS.keys():
        raise typer.BadParameter(f"no such scenario: {', '.join(sorted(unknown))}")
    chosen = [SCENARIOS[name] for name in names or SCENARIOS]
    rng, order = random.Random(seed), list(chosen)
    while len(order) < rounds:
        again = list(chosen)
        rng.shuffle(again)
        order += again
    order = order[: rounds or len(chosen)]
    return [(one, f"{seed}.{number}") for number, one in enumerate(order)]


async def _play_all(schedule: Sequence[tuple[Scenario, str]], *, keep: bool) -> list[Report]:
    """A bed is used again as long as nothing is wrong with it."""
    reports: list[Report] = []
    left = list(schedule)
    while left:
        played = len(reports)
        try:
            async with a_bed(left[0][0].disks, keep=keep) as bed:
                await _play_on(bed, left, reports)
        except SkippedError as reason:
            scenario, seed = schedule[len(reports)]
            reports.append(Report(scenario.name, seed, skipped=str(reason)))
        del left[: len(reports) - played]
    return reports


async def _play_on(
    bed: Bed, schedule: Sequence[tuple[Scenario, str]], reports: list[Report]
) -> None:
    """Until a round is broken or leaves its mark, or one needs another bed."""
    for scenario, seed in schedule:
        if scenario.disks != schedule[0][0].disks:
            return
        console.print(f"{seed} {scenario.name}: ", end="")
        report = await _play(bed, scenario, seed)
        reports.append(report)
        _tell(report)
        if report.violations or scenario.spoils:
            return


async def _play(bed: Bed, scenario: Scenario, seed: str) -> Report:
    """What goes wrong with the bed itself is a broken round too."""
    try:
        return await play(bed, scenario, seed)
    except SkippedError as reason:
        return Report(scenario.name, seed, skipped=str(reason))
    except Exception as error:  # noqa: BLE001 - whatever it is, the other rounds go on
        where = "".join(traceback.format_tb(error.__traceback__)[-3:])
        return Report(scenario.name, seed, violations=[f"the_round_ends: {error!r}\n{where}"])


_COLUMNS = (
    *("seed", "scenario", "ok", "fail", "unknown"),
    *("silence s", "recovered s", "converged s", "verdict"),
)


def _tell(report: Report) -> None:
    mark = "[red]broken[/]" if report.violations else report.skipped or "holds"
    console.print(
        f"{mark}, recovered in {report.recovered:.1f} s, converged in {report.converged:.1f} s"
    )
    for violation in report.violations:
        console.print(f"    {violation}", markup=False)


def _table(reports: Sequence[Report]) -> Table:
    table = Table(*(Column(name, overflow="fold") for name in _COLUMNS))
    for one in reports:
        counts = [str(one.outcomes.get(kind, 0)) for kind in Outcome]
        verdict = f"{len(one.violations)} violations" if one.violations else one.skipped or "holds"
        times = (f"{t:.1f}" for t in (one.silence, one.recovered, one.converged))
        table.add_row(one.seed, one.scenario, *counts, *times, verdict)
    return table
