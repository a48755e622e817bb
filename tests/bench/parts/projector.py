"""Events/s into read models: the library's runner, opstream's projector, and one rebuild."""

import time

import uvloop

from infrastructure.event_store.mapper import EventMapper
from infrastructure.postgres.migrate import migrate
from infrastructure.postgres.projector.beside import rebuild
from infrastructure.registry import awaited_read_models, background_read_models
from projections.scheduling import shifts
from tests.bench import table
from tests.bench.databases import fresh_database
from tests.bench.engines import Servers
from tests.bench.library_projection import measure_fold
from tests.bench.opstream_folds import project
from tests.bench.opstream_log import fill
from tests.bench.plan import Plan, Report, Tell
from tests.bench.summary import SUBJECT
from tests.bench.systems import Fold

LIBRARY = "eventsourcing"
ENOUGH_FOR_THE_LIBRARY = 10_000
"""It commits once per event, so its rate needs fewer events to be known."""
DATABASE = "bench_folds"


def measure(plan: Plan, shared: Servers, tell: Tell) -> Report:
    folds = []
    if plan.only in LIBRARY:
        tell("the library's ProjectionRunner")
        with fresh_database(shared.database_url, DATABASE) as url:
            folds.append(measure_fold(url, min(plan.events, ENOUGH_FOR_THE_LIBRARY)))
    if plan.only in SUBJECT:
        tell("opstream's projector")
        with fresh_database(shared.database_url, DATABASE) as url:
            migrate(url)
            fill(url, plan.events)
            folds.extend(uvloop.run(_folds(url, plan.events)))
    return Report(table.folds(folds), {"folds": folds})


async def _folds(database_url: str, events: int) -> list[Fold]:
    """The projector that answers wait for, the one in the background, a rebuild of one model."""
    seconds = await project(database_url, awaited_read_models())
    awaited = Fold("opstream projector, all that answers wait for", events, seconds)
    seconds = await project(database_url, background_read_models())
    background = Fold("opstream projector, all in the background", events, seconds)
    started = time.perf_counter()
    await rebuild(database_url, EventMapper(), shifts.model, lambda _done, _total: None)
    rebuilt = Fold("opstream rebuild of shifts", events, time.perf_counter() - started)
    return [awaited, background, rebuilt]
