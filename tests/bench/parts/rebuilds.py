"""Events/s of rebuilding each read model and all of them, beside what COPY alone takes."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
import uvloop
from psycopg import sql
from rich.box import SIMPLE_HEAD
from rich.table import Table

from infrastructure import garbage
from infrastructure.event_store.mapper import EventMapper
from infrastructure.postgres.migrate import migrate
from infrastructure.postgres.projector.beside import rebuild
from infrastructure.registry import read_models
from projections.read_model import ReadModel
from tests.bench.databases import fresh_database
from tests.bench.engines import Servers
from tests.bench.opstream_folds import project
from tests.bench.plan import Plan, Report, Tell
from tests.bench.story import write_story

_OUT = """
COPY (SELECT * FROM stored_events ORDER BY notification_id) TO STDOUT (FORMAT binary)
"""


@dataclass(frozen=True)
class Rebuilt:
    """`copy_seconds`: the log out and the rows in, with their indexes, by COPY."""

    what: str
    events: int
    rows: int
    seconds: float
    copy_seconds: float

    @property
    def events_per_second(self) -> float:
        return self.events / self.seconds

    @property
    def of_the_limit(self) -> float:
        return self.copy_seconds / self.seconds


def measure(plan: Plan, shared: Servers, tell: Tell) -> Report:
    """On a log of shifts that are published and staffed, so that every read model has rows.

    A rebuild is the whole of `opstream rebuild`: fold beside, compare with the live one, switch.
    """
    with fresh_database(shared.database_url, "bench_rebuild") as database_url:
        migrate(database_url)
        tell("writing a log")
        events = write_story(database_url, events=plan.events)
        tell("projecting it")
        projected = uvloop.run(project(database_url))
        out = _copy_out(database_url)
        models = [_rebuilt(database_url, model, events, out, tell) for model in read_models()]
    rows = sum(each.rows for each in models)
    rows_in = sum(each.copy_seconds - out for each in models)
    together = [
        Rebuilt(
            "all, one after the other",
            events,
            rows,
            sum(each.seconds for each in models),
            sum(each.copy_seconds for each in models),
        ),
        Rebuilt("all at once, by the projector", events, rows, projected, out + rows_in),
    ]
    found = models + together
    return Report([_table(found)], {"rebuilt": found})


def _rebuilt(database_url: str, model: ReadModel, events: int, out: float, tell: Tell) -> Rebuilt:
    tell(f"rebuilding {model.name}")
    garbage.calm()
    started = time.perf_counter()
    uvloop.run(rebuild(database_url, EventMapper(), model, lambda _done, _total: None))
    seconds = time.perf_counter() - started
    rows, rows_in = _copy_in(database_url, model)
    return Rebuilt(model.name, events, rows, seconds, out + rows_in)


def _copy_out(database_url: str) -> float:
    """Seconds in which the whole log comes to us, in order."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        started = time.perf_counter()
        with connection.cursor().copy(_OUT) as copy:
            for _ in copy:
                pass
        return time.perf_counter() - started


def _copy_in(database_url: str, model: ReadModel) -> tuple[int, float]:
    """How many rows the read model has, and the seconds to put them into tables like its own."""
    rows, seconds = 0, 0.0
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")  # as the rebuild does
        for table in model.tables:
            name = sql.Identifier(model.schema, table.name)
            with connection.cursor().copy(
                sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(name)
            ) as copy:
                content = list(copy)
            connection.execute(
                sql.SQL("CREATE TEMP TABLE copied (LIKE {} INCLUDING ALL)").format(name)
            )
            cursor = connection.cursor()
            started = time.perf_counter()
            with cursor.copy("COPY copied FROM STDIN (FORMAT binary)") as copy:
                for block in content:
                    copy.write(block)
            seconds += time.perf_counter() - started
            rows += cursor.rowcount
            connection.execute("DROP TABLE copied")
    return rows, seconds


def _table(found: Sequence[Rebuilt]) -> Table:
    table = Table("rebuilt", title="rebuilding read models", box=SIMPLE_HEAD)
    for column in ("of the limit", "events/s", "seconds", "COPY, s", "rows"):
        table.add_column(column, justify="right")
    for each in found:
        table.add_row(
            each.what,
            f"{each.of_the_limit:.0%}",
            f"{each.events_per_second:,.0f}",
            f"{each.seconds:.2f}",
            f"{each.copy_seconds:.2f}",
            f"{each.rows:,}",
        )
    table.caption = "the limit: the log out and the rows in by COPY; compared and switched besides"
    return table
