"""The parts of the benchmark, in the order in which they run."""

from dataclasses import dataclass

from tests.bench.parts import (
    commands,
    hot_aggregate,
    imports,
    lag,
    log_size,
    long_aggregate,
    memory,
    projector,
    queries,
    rebuilds,
    workflows,
)
from tests.bench.plan import Measure


@dataclass(frozen=True)
class Part:
    """`minutes` is about what it takes at full size on two cores."""

    name: str
    measures: str
    minutes: float
    measure: Measure
    by_default: bool = False


PARTS = {
    part.name: part
    for part in (
        Part(
            "commands",
            "commands/s and latency beside both peers, by number of clients",
            4.5,
            commands.measure,
            by_default=True,
        ),
        Part(
            "projector",
            "events/s of the projector and one rebuild against the library's runner",
            0.5,
            projector.measure,
            by_default=True,
        ),
        Part(
            "log-size",
            "commands/s and latency against the number of events in the log",
            5,
            log_size.measure,
        ),
        Part(
            "long-aggregate",
            "the next command on an aggregate of many events: from events, a snapshot, the cache",
            1,
            long_aggregate.measure,
        ),
        Part(
            "rebuild",
            "events/s of rebuilding each read model and all, against COPY",
            1,
            rebuilds.measure,
        ),
        Part(
            "lag",
            "ms from the append to read models, NATS and audit trail at a fixed rate",
            1,
            lag.measure,
        ),
        Part(
            "memory",
            "memory of each process before and after many commands",
            2.5,
            memory.measure,
        ),
        Part(
            "hot-aggregate",
            f"{hot_aggregate.CLIENTS} clients that change one shift, and many; beside CRUD",
            2,
            hot_aggregate.measure,
        ),
        Part(
            "queries",
            "pages of shifts, filtered, and one by its id; beside CRUD",
            3,
            queries.measure,
        ),
        Part(
            "import",
            "seconds and memory of importing one large spreadsheet, and whom it bothers",
            1,
            imports.measure,
        ),
        Part(
            "workflows",
            "instantiate, pick and transition; beside CRUD with row locks",
            7.5,
            workflows.measure,
        ),
    )
}
