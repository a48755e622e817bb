"""``opstream jobs``: the timetable, and what became of each job's newest slot."""

from collections.abc import Sequence
from datetime import UTC, datetime

import psycopg
from rich.console import Console
from rich.table import Table

from infrastructure.bootstrap import now
from infrastructure.jobs.runs import Run, newest
from infrastructure.jobs.timetable import TIMETABLE
from infrastructure.postgres.urls import bounded_conninfo
from interfaces.cli.telling import console

_HEADINGS = ("job", "when", "last slot", "state", "attempts", "slots", "ended", "next slot")

_WIDE = 250
"""Columns of text."""


async def show(database_url: str) -> None:
    conninfo = bounded_conninfo(database_url, application="opstream jobs")
    async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
        runs = await newest(connection)
    # Elsewhere than in a terminal nobody reads, and a program wants a line for each job.
    told = console if console.is_terminal else Console(highlight=False, width=_WIDE)
    told.print(_table(runs, now()))


def _table(runs: Sequence[Run], moment: datetime) -> Table:
    by_job = {run.job: run for run in runs}
    table = Table(*_HEADINGS, box=None, pad_edge=False)
    for job, rhythm in TIMETABLE.items():
        last = _told(by_job.get(job))
        table.add_row(job, str(rhythm), *last, _time(rhythm.next(moment)))
    return table


def _told(run: Run | None) -> tuple[str, ...]:
    if run is None:
        return ("never", "", "", "", "")
    state = run.state if run.error is None else f"{run.state}: {run.error}"
    counts = str(run.attempts), str(run.slots)
    return (_time(run.slot), state, *counts, _time(run.ended_at))


def _time(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"
