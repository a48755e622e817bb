"""Memory of every process, before and after many commands."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psutil
from rich.box import SIMPLE_HEAD
from rich.table import Table

from tests.bench import table
from tests.bench.databases import fresh_database
from tests.bench.engines import Servers
from tests.bench.load import LoadPlan, drive
from tests.bench.opstream_system import SYSTEM
from tests.bench.plan import Plan, Report, Tell
from tests.bench.systems import Running

CLIENTS = 64
SLOWEST = 50
"""Commands per second; a system that is slower is not waited for."""
PROCESSES = {
    "API": "interfaces.http",
    "projector": "interfaces.workers projector",
    "relay": "interfaces.workers relay",
    "other workers": "interfaces.workers background",
    "Postgres": "postgres",
    "NATS": "nats-server",
}
"""By what their command lines hold; Postgres is all of its processes."""


@dataclass(frozen=True)
class Memory:
    """Bytes. PSS shares what several processes use among them; RSS counts it in each of them."""

    process: str
    processes: int
    pss: int
    rss: int


@dataclass(frozen=True)
class Grown:
    process: str
    commands: int
    before: Memory
    after: Memory

    @property
    def times(self) -> float:
        return self.after.pss / self.before.pss


def measure(plan: Plan, shared: Servers, tell: Tell) -> Report:
    """Looks when the system has started, and again when it has nothing left to do."""
    with (
        fresh_database(shared.database_url, "bench_memory") as database_url,
        SYSTEM.start(database_url, shared.nats_url) as running,
    ):
        return measured(plan, running, tell)


def measured(plan: Plan, running: Running, tell: Tell) -> Report:
    before = memory()
    tell(f"{plan.commands:,} commands")
    load = drive(
        LoadPlan(
            running.posts,
            clients=CLIENTS,
            seconds=60 + plan.commands / SLOWEST,
            warmup_seconds=0.0,
            max_requests=plan.commands,
        )
    )
    running.settle()
    after = memory()
    found = [Grown(name, load.sent, before[name], after[name]) for name in after if name in before]
    shown = _table(found)
    return Report([shown], {"memory": found, "load": [load]}, table.refused(load.errors))


def memory() -> Mapping[str, Memory]:
    """Of the processes that this one has started; servers given by URL are not among them."""
    children = psutil.Process(os.getpid()).children(recursive=True)
    found = {name: _memory(name, mark, children) for name, mark in PROCESSES.items()}
    return {name: each for name, each in found.items() if each.processes}


def _memory(name: str, mark: str, children: Sequence[psutil.Process]) -> Memory:
    sizes = [size for child in children if (size := _size(child, mark)) is not None]
    return Memory(name, len(sizes), sum(pss for pss, _ in sizes), sum(rss for _, rss in sizes))


def _size(process: psutil.Process, mark: str) -> tuple[int, int] | None:
    """PSS and RSS, or None when it is another process or has ended."""
    try:
        if mark not in " ".join(process.cmdline()):
            return None
        full = process.memory_full_info()
    except psutil.NoSuchProcess:
        return None
    return full.pss, full.rss


def _table(found: Sequence[Grown]) -> Table:
    commands = max((each.commands for each in found), default=0)
    table_ = Table("process", title=f"memory after {commands:,} commands, MB", box=SIMPLE_HEAD)
    for column in ("times", "PSS before", "PSS after", "RSS before", "RSS after", "processes"):
        table_.add_column(column, justify="right")
    for each in found:
        table_.add_row(
            each.process,
            f"{each.times:.1f}",
            *(_megabytes(size) for size in (each.before.pss, each.after.pss)),
            *(_megabytes(size) for size in (each.before.rss, each.after.rss)),
            str(each.after.processes),
        )
    table_.caption = "Postgres' RSS counts its shared memory in each of its processes; PSS once"
    return table_


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f}"
