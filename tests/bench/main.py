"""`uv run bench`: opstream beside its peers, on one Postgres, under one load generator."""

import logging
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.status import Status
from rich.table import Table

from tests.bench.catalogue import PARTS, Part
from tests.bench.databases import durability
from tests.bench.engines import Servers, servers
from tests.bench.plan import Plan, Report, Tell
from tests.bench.store import Kept, machine

FULL = Plan()
ALL = "all"


def _text(numbers_: Sequence[int]) -> str:
    return ",".join(map(str, numbers_))


cli = typer.Typer(add_completion=False)
console = Console(width=None if sys.stdout.isatty() else 120)


def main() -> None:
    """A terminated bench unwinds like an interrupted one, so that its servers end with it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    cli()


@cli.command()
def bench(
    part: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="A part to measure, may be repeated; `all` for all of them. "
            f"Without: {', '.join(part.name for part in PARTS.values() if part.by_default)}.",
        ),
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="Tell the parts and stop.")] = False,
    seconds: Annotated[
        float, typer.Option(min=0.5, max=120, help="Measured per turn.")
    ] = FULL.seconds,
    rounds: Annotated[int, typer.Option(min=1, max=20, help="Median wins.")] = FULL.rounds,
    clients: Annotated[
        str, typer.Option(metavar="N,N,…", help="commands: numbers of clients.")
    ] = _text(FULL.clients),
    only: Annotated[
        str, typer.Option(help="commands, projector: only systems whose name contains this.")
    ] = FULL.only,
    events: Annotated[
        int, typer.Option(min=1, help="projector, rebuild: events to fold.")
    ] = FULL.events,
    log_sizes: Annotated[
        str, typer.Option(metavar="N,N,…", help="log-size: events there before, each a log.")
    ] = _text(FULL.log_sizes),
    aggregate_sizes: Annotated[
        str, typer.Option(metavar="N,N,…", help="long-aggregate: events of an aggregate.")
    ] = _text(FULL.aggregate_sizes),
    rate: Annotated[int, typer.Option(min=1, help="lag: commands per second.")] = FULL.rate,
    commands: Annotated[
        int, typer.Option(min=1, help="memory: commands to look after.")
    ] = FULL.commands,
    shifts: Annotated[
        int, typer.Option(min=100, help="queries: shifts stored before.")
    ] = FULL.shifts,
    rows: Annotated[
        int, typer.Option(min=1, max=10_000, help="import: rows of the spreadsheet.")
    ] = FULL.rows,
    tasks: Annotated[
        int, typer.Option(min=128, help="workflows: tasks that are there for a turn.")
    ] = FULL.tasks,
    out: Annotated[
        Path, typer.Option(help="Folder for the results, one JSON file per run.")
    ] = Path(".opstream/bench"),
    database_url: Annotated[
        str | None, typer.Option(help="Superuser's URL; gets databases bench_…. Else embedded.")
    ] = None,
    nats_url: Annotated[
        str | None, typer.Option(help="Loses its stream EVENTS. Else embedded.")
    ] = None,
) -> None:
    """Measure what opstream costs, beside its peers, in parts; `--list` tells them."""
    if list_:
        console.print(_catalogue())
        return
    plan = Plan(
        seconds=seconds,
        rounds=rounds,
        clients=numbers(clients, highest=512),
        only=only,
        events=events,
        log_sizes=numbers(log_sizes),
        aggregate_sizes=numbers(aggregate_sizes),
        rate=rate,
        commands=commands,
        shifts=shifts,
        rows=rows,
        tasks=tasks,
    )
    parts = chosen(part or [])
    kept = Kept.new(out)
    reports: dict[str, Report] = {}
    with servers(database_url, nats_url, out) as shared:
        facts = {**machine(durability(shared.database_url)), "plan": plan}
        for each in parts:
            reports[each.name] = _measure(each, plan, shared)
            kept.write(facts, _records(reports))
    console.print(f"kept in {kept.path}")
    if any(report.wrong for report in reports.values()):
        raise typer.Exit(1)


def chosen(names: Sequence[str]) -> list[Part]:
    """In the order in which parts run, whatever the order of the names."""
    if unknown := set(names) - {ALL, *PARTS}:
        raise typer.BadParameter(
            f"no such part: {', '.join(sorted(unknown))}; of {', '.join([*PARTS, ALL])}"
        )
    if not names:
        return [part for part in PARTS.values() if part.by_default]
    return [part for part in PARTS.values() if ALL in names or part.name in names]


def numbers(text: str, highest: int = 10_000_000) -> tuple[int, ...]:
    """Such as ``1,16,64``."""
    try:
        found = tuple(int(part.replace("_", "")) for part in text.split(","))
    except ValueError as error:
        raise typer.BadParameter(f"not a list of numbers: {text}") from error
    if not all(1 <= number <= highest for number in found):
        raise typer.BadParameter(f"{text}: all lie between 1 and {highest}")
    return found


def _measure(part: Part, plan: Plan, shared: Servers) -> Report:
    """What a part found is shown, and kept, as soon as it is known."""
    with console.status(part.name) as status:
        report = part.measure(plan, shared, _telling(status, part))
    console.rule(part.name, align="left")
    console.print(*report.shown, *(f"[red]{each}[/red]" for each in report.wrong), sep="\n")
    return report


def _telling(status: Status, part: Part) -> Tell:
    return lambda what: status.update(f"{part.name}: {what}")


def _records(reports: Mapping[str, Report]) -> Mapping[str, object]:
    return {name: {**report.records, "wrong": report.wrong} for name, report in reports.items()}


def _catalogue() -> Table:
    table = Table("part", "measures", box=SIMPLE_HEAD)
    table.add_column("about, min", justify="right")
    table.add_column("without --part", justify="center")
    for part in PARTS.values():
        told = "yes" if part.by_default else ""
        table.add_row(part.name, part.measures, f"{part.minutes:g}", told)
    return table
