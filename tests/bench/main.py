"""`uv run bench`: opstream beside its peers, on one Postgres, under one load generator."""

import importlib
import importlib.util
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from tests.bench import rounds, summary, table
from tests.bench.databases import durability, fresh_database
from tests.bench.engines import Servers, servers
from tests.bench.folds import measure_folds
from tests.bench.peers import LIMITS, PEERS
from tests.bench.store import machine, store
from tests.bench.systems import Running, System

OPSTREAM = "tests.bench.opstream_system"
cli = typer.Typer(add_completion=False)
console = Console()


def main() -> None:
    """A terminated bench unwinds like an interrupted one, so that its servers end with it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    cli()


@cli.command()
def bench(
    seconds: Annotated[float, typer.Option(min=0.5, max=120, help="Measured per turn.")] = 5.0,
    rounds_: Annotated[int, typer.Option("--rounds", min=1, max=20, help="Median wins.")] = 3,
    clients: Annotated[str, typer.Option(help="Numbers of clients.")] = "1,16,64",
    json: Annotated[Path, typer.Option(help="Folder for the results.")] = Path(".opstream/bench"),
    only: Annotated[str, typer.Option(help="Only systems whose name contains this.")] = "",
    events: Annotated[int, typer.Option(min=0, help="Events to fold; 0 leaves it out.")] = 100_000,
    database_url: Annotated[str | None, typer.Option(help="Superuser URL, else embedded.")] = None,
    nats_url: Annotated[str | None, typer.Option(help="Else embedded.")] = None,
) -> None:
    """Measure commands per second and events per second of opstream and its peers."""
    course = rounds.Course(seconds, rounds_, _numbers(clients))
    with servers(database_url, nats_url, json) as shared:
        facts = machine(durability(shared.database_url))
        samples = _measure_commands(course, shared, only)
        folds = measure_folds(shared, events, _opstream(), only)
    cells, ratios = summary.cells(samples), summary.ratios(samples)
    table.show(console, ratios, cells, folds)
    parts = {"ratios": ratios, "cells": cells, "folds": folds, "samples": samples}
    console.print(f"kept in {store(json, facts, parts)}")
    if any(cell.errors for cell in cells):
        raise typer.Exit(1)


def _numbers(text: str) -> tuple[int, ...]:
    try:
        numbers = tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise typer.BadParameter(f"not a list of numbers: {text}") from error
    if not all(1 <= number <= 512 for number in numbers):
        raise typer.BadParameter("clients lie between 1 and 512")
    return numbers


def _measure_commands(course: rounds.Course, shared: Servers, only: str) -> list[rounds.Sample]:
    systems = _systems(only)
    if not systems:
        return []
    with ExitStack() as stack, Progress(console=console, transient=True) as progress:
        task = progress.add_task("starting", total=rounds.turns(course, systems))
        started = [(system, _start(stack, system, shared)) for system in systems]
        return rounds.run(
            course, started, lambda what: progress.update(task, advance=1, description=what)
        )


def _systems(only: str) -> list[System]:
    opstream = _opstream()
    systems: list[System] = [*LIMITS, *PEERS]
    if opstream:
        systems.append(opstream.SYSTEM)
    return [system for system in systems if only in system.name]


def _start(stack: ExitStack, system: System, shared: Servers) -> Running:
    name = "bench_" + "".join(letter if letter.isalnum() else "_" for letter in system.name)
    database_url = stack.enter_context(fresh_database(shared.database_url, name))
    return stack.enter_context(system.start(database_url, shared.nats_url))


def _opstream() -> ModuleType | None:
    """The product's own side, absent as long as nobody has written it."""
    if importlib.util.find_spec(OPSTREAM) is None:
        return None
    return importlib.import_module(OPSTREAM)
