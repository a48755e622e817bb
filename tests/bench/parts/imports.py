"""One large spreadsheet: how long until its shifts are there, at what cost, and whom it bothers."""

import itertools
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import psutil
from rich.box import SIMPLE_HEAD
from rich.table import Table

from tests.bench.databases import fresh_database
from tests.bench.engines import Servers
from tests.bench.load import percentile
from tests.bench.opstream_system import SYSTEM
from tests.bench.parts.memory import PROCESSES
from tests.bench.plan import Plan, Report, Tell
from tests.bench.systems import Running
from tests.support.sheets import many_rows

LOOK_EVERY = 0.05
"""Seconds between two looks at memory, and between two commands of somebody else."""
ALLOWED_SECONDS, ALLOWED_BYTES = 20.0, 512 * 1024 * 1024
"""For 10 000 rows."""
READER = "reader of the file"
_WATCHED = {**PROCESSES, READER: "infrastructure.spreadsheets.parse"}
_OURS = ("API", "projector", "relay", "other workers", READER)


@dataclass(frozen=True)
class Import:
    """Seconds; of other commands' answers, milliseconds; bytes resident, at the most."""

    rows: int
    dry_run: float
    answered: float
    settled: float
    """Until relay, audit trail and notifier had come through it, too."""
    others_before: float
    others_meanwhile: float
    """The 99th of 100 of somebody else's commands."""
    highest: float
    memory: Mapping[str, int]


def measure(plan: Plan, shared: Servers, tell: Tell) -> Report:
    with (
        fresh_database(shared.database_url, "bench_import") as database_url,
        SYSTEM.start(database_url, shared.nats_url) as running,
    ):
        return measured(plan, running, tell)


def measured(plan: Plan, running: Running, tell: Tell) -> Report:
    """Each round imports the same rows again, without a key."""
    unit_id = getattr(running.body, "unit_id")  # noqa: B009 - other systems' bodies have none
    file = many_rows(plan.rows, str(unit_id))
    found = []
    for number in range(1, plan.rounds + 1):
        tell(f"round {number}/{plan.rounds}, {plan.rows:,} rows")
        found.append(_imported(plan, running, file))
    wrong = [remark for each in found for remark in _too_much(each)]
    return Report([_table(found)], {"imports": found}, wrong)


def _imported(plan: Plan, running: Running, file: bytes) -> Import:
    with _others(running) as before:
        time.sleep(plan.seconds)
    with _peaks() as memory, _others(running) as meanwhile:
        dry_run = _send(running, file, plan.rows, dry_run=True)
        answered = _send(running, file, plan.rows, dry_run=False)
        started = time.perf_counter()
    running.settle()
    settled = answered + time.perf_counter() - started
    return Import(
        rows=plan.rows,
        dry_run=dry_run,
        answered=answered,
        settled=settled,
        others_before=percentile(sorted(before), 0.99),
        others_meanwhile=percentile(sorted(meanwhile), 0.99),
        highest=1000 * max(meanwhile),
        memory=memory,
    )


def _send(running: Running, file: bytes, rows: int, *, dry_run: bool) -> float:
    started = time.perf_counter()
    answer = httpx.post(
        f"{running.base_url}/import/shifts",
        params={"dry_run": dry_run},
        files={"file": ("bench.xlsx", file)},
        headers=dict(running.headers),
        timeout=60,
    )
    seconds = time.perf_counter() - started
    told: dict[str, Any] = answer.json()
    expected = 0 if dry_run else rows
    if (answer.status_code, told.get("created")) != (201, expected):
        raise ValueError(f"{answer.status_code}: {answer.text[:500]}")
    if "opstream-reads" in answer.headers:
        raise ValueError("the answer came before the reads showed it")
    return seconds


@contextmanager
def _others(running: Running) -> Iterator[list[float]]:
    """Somebody else drafts one shift after the other; seconds until each answer."""
    stop, seconds = threading.Event(), list[float]()

    def post() -> None:
        with httpx.Client(headers=dict(running.headers), timeout=30) as client:
            for number in itertools.count():
                started = time.perf_counter()
                answer = client.post(
                    f"{running.base_url}{running.path}",
                    content=running.body(number),
                    headers={"content-type": "application/json"},
                )
                answer.raise_for_status()
                seconds.append(time.perf_counter() - started)
                if stop.wait(LOOK_EVERY):
                    return

    with _beside(post, stop):
        yield seconds


@contextmanager
def _peaks() -> Iterator[dict[str, int]]:
    """The most that each process has held, by what it is."""
    stop, highest = threading.Event(), dict[str, int]()

    def look() -> None:
        while not stop.wait(LOOK_EVERY):
            for name, size in _sizes().items():
                highest[name] = max(highest.get(name, 0), size)

    with _beside(look, stop):
        yield highest


@contextmanager
def _beside(work: Any, stop: threading.Event) -> Iterator[None]:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _sizes() -> dict[str, int]:
    sizes: dict[str, int] = {}
    for child in psutil.Process(os.getpid()).children(recursive=True):
        try:
            command, size = " ".join(child.cmdline()), child.memory_info().rss
        except psutil.NoSuchProcess:
            continue
        for name, mark in _WATCHED.items():
            if mark in command:
                sizes[name] = sizes.get(name, 0) + size
    return sizes


def _too_much(found: Import) -> Iterator[str]:
    if found.answered > ALLOWED_SECONDS:
        yield f"{found.rows} rows took {found.answered:.1f} s"
    for name in _OURS:
        if found.memory.get(name, 0) > ALLOWED_BYTES:
            yield f"{name} took {found.memory[name] / 1e6:.0f} MB"


def _table(found: list[Import]) -> Table:
    table = Table("rows", title="importing a spreadsheet", box=SIMPLE_HEAD)
    headings = ("dry run, s", "answered, s", "settled, s", "others' p99, ms", "then", "highest")
    for column in (*headings, *(f"{name}, MB" for name in _OURS)):
        table.add_column(column, justify="right")
    for each in found:
        times = (each.dry_run, each.answered, each.settled)
        others = (each.others_before, each.others_meanwhile, each.highest)
        table.add_row(
            f"{each.rows:,}",
            *(f"{seconds:.1f}" for seconds in times),
            *(f"{ms:.0f}" for ms in others),
            *(f"{each.memory.get(name, 0) / 1e6:.0f}" for name in _OURS),
        )
    return table
