"""Commands/s and latency on logs of different sizes: they should not differ."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from infrastructure.postgres.migrate import migrate
from tests.bench import summary, table
from tests.bench.databases import fresh_database
from tests.bench.engines import Servers
from tests.bench.load import LoadPlan
from tests.bench.opstream_folds import take_as_read
from tests.bench.opstream_log import fill
from tests.bench.opstream_system import SYSTEM
from tests.bench.plan import Plan, Report, Tell
from tests.bench.rounds import Sample, sampled

CLIENTS = 16


def measure(plan: Plan, shared: Servers, tell: Tell) -> Report:
    """Every round starts the system on one log after the other.

    The logs grow by what they are measured with: a log of 10³ is one of some 10⁴ in the end, which
    is still the smallest by far.
    """
    names = {size: f"{size:,} events" for size in plan.log_sizes}
    with ExitStack() as stack:
        logs = {size: _log(stack, shared, size, tell) for size in names}
        samples = []
        for number in range(1, plan.rounds + 1):
            for size, name in names.items():
                tell(f"round {number}/{plan.rounds}, {name}")
                samples.append(_turn(plan, shared, logs[size], name, number))
    return report(samples, names)


def report(samples: Sequence[Sample], names: Mapping[int, str]) -> Report:
    smallest = names[min(names)]
    relatives = summary.beside(
        samples, {name: smallest for name in names.values() if name != smallest}
    )
    cells = summary.cells(samples)
    shown = table.beside(f"by size of the log, {CLIENTS} clients", "log", cells, relatives)
    wrong = [remark for cell in cells for remark in table.errors(cell)]
    return Report(shown, {"ratios": relatives, "cells": cells, "samples": samples}, wrong)


def _log(stack: ExitStack, shared: Servers, events: int, tell: Tell) -> str:
    tell(f"writing a log of {events:,} events and folding it")
    database_url = stack.enter_context(fresh_database(shared.database_url, f"bench_log_{events}"))
    migrate(database_url)
    fill(database_url, events)
    take_as_read(database_url)
    return database_url


def _turn(plan: Plan, shared: Servers, database_url: str, name: str, number: int) -> Sample:
    with SYSTEM.start(database_url, shared.nats_url) as running:
        load = LoadPlan(running.posts, CLIENTS, plan.seconds, plan.warmup)
        return sampled(name, number, load, running.settle)
