"""From the append to the read models, to NATS and to the audit trail, at a steady rate."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import psycopg
import uvloop
from rich.box import SIMPLE_HEAD
from rich.table import Table

from tests.bench import table
from tests.bench.databases import fresh_database
from tests.bench.engines import Servers
from tests.bench.load import LoadPlan, LoadResult, drive, percentile
from tests.bench.opstream_system import SYSTEM
from tests.bench.plan import Plan, Report, Tell
from tests.bench.systems import Running
from tests.bench.watching import LOOK_EVERY, Watch, lags, watching

CLIENTS = 64
"""Connections that share the rate; with fewer, commands would wait for a free one."""
_RECORDED = """
SELECT notification_id, extract(epoch FROM recorded_at)::float8 FROM stored_events
WHERE recorded_at >= to_timestamp(%s) AND recorded_at < to_timestamp(%s) ORDER BY 1
"""


@dataclass(frozen=True)
class Lag:
    """Milliseconds; of commands, from when one was due until its answer was there."""

    to: str
    round: int
    events: int
    p50: float
    p99: float
    highest: float


def measure(plan: Plan, shared: Servers, tell: Tell) -> Report:
    """An open loop: a command is sent when it is due, however late the answers before it are.

    Lag counts from `recorded_at`, which Postgres reads inside the append, so before the commit.
    Postgres and this process must have one clock.
    """
    if shared.nats_url is None:
        raise ValueError("lag needs --nats-url beside --database-url")
    with (
        fresh_database(shared.database_url, "bench_lag") as database_url,
        SYSTEM.start(database_url, shared.nats_url) as running,
    ):
        return measured(plan, running, Servers(database_url, shared.nats_url), tell)


def measured(plan: Plan, running: Running, its: Servers, tell: Tell) -> Report:
    found: list[Lag] = []
    loads = []
    for number in range(1, plan.rounds + 1):
        tell(f"round {number}/{plan.rounds}, {plan.rate:,} commands/s")
        watch, load = uvloop.run(_round(plan, running, its))
        loads.append(load)
        recorded = _recorded(its.database_url, load.began_at, load.began_at + load.seconds)
        found += _lags(number, watch, recorded, load)
    wrong = [remark for load in loads for remark in table.refused(load.errors)]
    return Report([_table(found, plan.rate, loads)], {"lags": found, "loads": loads}, wrong)


async def _round(plan: Plan, running: Running, its: Servers) -> tuple[Watch, LoadResult]:
    """Everything has arrived when it ends."""
    load = LoadPlan(
        running.posts,
        clients=CLIENTS,
        seconds=plan.seconds,
        warmup_seconds=2 * plan.warmup,
        rate=plan.rate,
    )
    async with watching(its.database_url, its.nats_url or "") as watch:
        result = await asyncio.to_thread(drive, load)
        await asyncio.to_thread(running.settle)
        await asyncio.sleep(0.5)
    return watch, result


def _recorded(database_url: str, since: float, until: float) -> list[tuple[int, float]]:
    with psycopg.connect(database_url) as connection:
        return connection.execute(_RECORDED, (since, until)).fetchall()


def _lags(
    number: int, watch: Watch, recorded: Sequence[tuple[int, float]], load: LoadResult
) -> list[Lag]:
    places = {
        "read models": watch.read_models,
        "NATS consumer": watch.nats,
        "audit trail": watch.audit_trail,
    }
    found = [_lag(to, number, sorted(lags(recorded, arrivals))) for to, arrivals in places.items()]
    answer = Lag("answer", number, load.completed, load.p50, load.p99, load.highest)
    return [answer, *found]


def _lag(to: str, number: int, seconds: list[float]) -> Lag:
    return Lag(
        to,
        number,
        len(seconds),
        percentile(seconds, 0.50),
        percentile(seconds, 0.99),
        percentile(seconds, 1.0),
    )


def _table(found: Sequence[Lag], rate: int, loads: Sequence[LoadResult]) -> Table:
    title = f"ms from the append, at {rate:,} commands/s"
    table_ = Table("until", title=title, box=SIMPLE_HEAD, caption=_caption(loads))
    for column in ("p50", "spread", "p99", "spread", "highest"):
        table_.add_column(column, justify="right")
    for to in dict.fromkeys(lag.to for lag in found):
        of_it = [lag for lag in found if lag.to == to]
        table_.add_row(
            to,
            *_middle([lag.p50 for lag in of_it]),
            *_middle([lag.p99 for lag in of_it]),
            f"{max(lag.highest for lag in of_it):.1f}",
        )
    return table_


def _middle(values: Sequence[float]) -> tuple[str, str]:
    return f"{median(values):.1f}", f"{min(values):.1f}-{max(values):.1f}"


def _caption(loads: Sequence[LoadResult]) -> str:
    busiest = max(load.generator_cpu for load in loads)
    return (
        "median round; the answer counts from when its command was due, and waits for the reads; "
        f"the audit trail is looked at every {LOOK_EVERY * 1000:g} ms; "
        f"the load generator used at most {busiest:.0%} of a core"
    )
