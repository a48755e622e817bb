"""Time of the next command on an aggregate of many events: from events, from a snapshot, cached."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from statistics import median
from uuid import UUID, uuid4

import psycopg
import uvloop
from eventsourcing.persistence import StoredEvent
from rich.box import SIMPLE_HEAD
from rich.table import Table

from application.access import Actor
from application.scheduling.shifts import ChangeShift
from domain.scheduling.staffing import PlanChange
from domain.shared.aggregate import Aggregate
from domain.shared.ids import AccountId, ShiftId, TenantId, UnitId
from domain.shared.moment import happening_at
from infrastructure.bootstrap import Core, core
from infrastructure.event_store.mapper import EventMapper
from infrastructure.postgres.migrate import migrate
from infrastructure.settings import read_settings
from interfaces.cli.accounts import nothing, run
from tests.bench.databases import fresh_database
from tests.bench.engines import Servers
from tests.bench.opstream_log import drafted, events_of, writing
from tests.bench.plan import Plan, Report, Tell

OF_EACH_SIZE = 5
SAVED_WITHIN = 30.0
_SNAPSHOTS = "SELECT count(*) FROM snapshots WHERE originator_id = ANY(%s)"


@dataclass(frozen=True)
class NextCommand:
    """Median milliseconds over `OF_EACH_SIZE` aggregates; `from_snapshot` is None when an aggregate
    is too short to get one.
    """

    events: int
    from_events: float
    from_snapshot: float | None
    cached: float


def measure(plan: Plan, shared: Servers, tell: Tell) -> Report:
    """Without HTTP and without waiting for reads: what loading, deciding and storing take.

    The same aggregates three times: by a process that knows nothing and finds no snapshots; by a
    second one that finds those which the first has left; by that one again. What Postgres reads is
    in its memory each time.
    """
    with fresh_database(shared.database_url, "bench_long") as database_url:
        migrate(database_url)
        tenant_id = TenantId(uuid4())
        tell("writing long aggregates")
        shifts = {size: _shifts(database_url, tenant_id, size) for size in plan.aggregate_sizes}
        found = uvloop.run(_measure(database_url, tenant_id, shifts, tell))
    return Report([_table(found)], {"next_command": found})


def _shifts(database_url: str, tenant_id: TenantId, events: int) -> list[ShiftId]:
    """Drafted, then changed again and again."""
    made, now = [], datetime.now(UTC)
    mapper = EventMapper()
    with writing(database_url, tenant_id) as log:
        for number in range(OF_EACH_SIZE):
            shift = drafted(number, UnitId(uuid4()), now)
            log.write(events_of(shift))
            with happening_at(now):
                shift.change(PlanChange(headcount=10 + number))
            (change,) = map(mapper.to_stored_event, events_of(shift))
            for version in range(2, events + 1):
                log.write_stored(StoredEvent(shift.id, version, change.topic, change.state))
            made.append(ShiftId(shift.id))
    return made


async def _measure(
    database_url: str, tenant_id: TenantId, shifts: dict[int, list[ShiftId]], tell: Tell
) -> list[NextCommand]:
    settings = read_settings(database_url=database_url)
    coordinator = Actor.with_roles(AccountId(uuid4()), tenant_id, ("coordinator",))
    warm_up = await asyncio.to_thread(_shifts, database_url, tenant_id, 2)
    async with core(settings) as first:
        await _times(first, coordinator, warm_up)
        tell("from events")
        cold = {size: await _times(first, coordinator, ids) for size, ids in shifts.items()}
        snapshots = {size: await _snapshots(first, size, ids) for size, ids in shifts.items()}
    async with core(settings) as second:
        await _times(second, coordinator, warm_up)
        tell("from snapshots, and cached")
        loaded = {size: await _times(second, coordinator, ids) for size, ids in shifts.items()}
        cached = {size: await _times(second, coordinator, ids) for size, ids in shifts.items()}
    return [
        NextCommand(size, cold[size], loaded[size] if snapshots[size] else None, cached[size])
        for size in shifts
    ]


_HEADCOUNTS = count(100)
"""Never the same: a command that changes nothing would store nothing."""


async def _times(parts: Core, actor: Actor, shift_ids: Sequence[ShiftId]) -> float:
    """The median over one command on each, one after the other."""
    found = []
    for shift_id in shift_ids:
        change = ChangeShift(shift_id, PlanChange(headcount=next(_HEADCOUNTS)))
        started = time.perf_counter()
        await run(parts, change, actor, nothing)
        found.append(time.perf_counter() - started)
    return median(found) * 1000


async def _snapshots(parts: Core, size: int, shift_ids: Sequence[UUID]) -> bool:
    """Whether these get snapshots; they are saved behind the answer, so that may take a moment."""
    if size < Aggregate.SNAPSHOT_EVERY:
        return False
    deadline = time.monotonic() + SAVED_WITHIN
    while await _saved(parts, shift_ids) < len(shift_ids):
        if time.monotonic() > deadline:
            raise TimeoutError(f"no snapshots of aggregates of {size} events")
        await asyncio.sleep(0.05)
    return True


async def _saved(parts: Core, shift_ids: Sequence[UUID]) -> int:
    async with parts.pool.connection() as connection:
        cursor: psycopg.AsyncCursor[tuple[int]] = await connection.execute(
            _SNAPSHOTS, (list(shift_ids),)
        )
        row = await cursor.fetchone()
    return row[0] if row else 0


def _table(found: Sequence[NextCommand]) -> Table:
    caption = f"median of {OF_EACH_SIZE} aggregates; in brackets, times the shortest"
    table = Table("events", title="the next command, ms", box=SIMPLE_HEAD, caption=caption)
    for column in ("from events", "from a snapshot", "cached"):
        table.add_column(column, justify="right")
    shortest = min(found, key=lambda each: each.events)
    for each in found:
        table.add_row(
            f"{each.events:,}",
            _cell(each.from_events, shortest.from_events),
            # What has no snapshot is loaded from its few events, whoever loads it.
            _cell(each.from_snapshot, shortest.from_snapshot or shortest.from_events),
            _cell(each.cached, shortest.cached),
        )
    return table


def _cell(milliseconds: float | None, shortest: float) -> str:
    if milliseconds is None:
        return "has none"
    return f"{milliseconds:.1f} ({milliseconds / shortest:.1f})"
