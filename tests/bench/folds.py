"""Events per second into a read model: the library's runner, opstream's projector and rebuild."""

from types import ModuleType

from tests.bench.databases import fresh_database
from tests.bench.engines import Servers
from tests.bench.library_projection import measure_fold
from tests.bench.summary import SUBJECT
from tests.bench.systems import Fold

LIBRARY = "eventsourcing"
ENOUGH_FOR_THE_LIBRARY = 10_000
DATABASE = "bench_folds"


def measure_folds(
    shared: Servers, events: int, opstream: ModuleType | None, only: str
) -> list[Fold]:
    """The library commits once per event, so its rate needs fewer events to be known."""
    if not events:
        return []
    folds = []
    if only in LIBRARY:
        with fresh_database(shared.database_url, DATABASE) as url:
            folds.append(measure_fold(url, min(events, ENOUGH_FOR_THE_LIBRARY)))
    if opstream and only in SUBJECT:
        with fresh_database(shared.database_url, DATABASE) as url:
            folds.extend(opstream.measure_folds(url, events))
    return folds
