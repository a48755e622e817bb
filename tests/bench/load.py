"""The load generator: N HTTP clients in one process, the same for all systems.

Closed loop: a client sends when it has its answer. Open loop (`rate`): requests are due at fixed
times, whoever is free sends them, and one that waits for a free client is late since it was due.
"""

import asyncio
import gc
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import count

import uvloop

from tests.bench.client import Client, Clock, connect
from tests.bench.own_lists import OwnLists
from tests.bench.paced import Pace, PacedClient, keep_pace
from tests.bench.requests import Requests

GRACE_SECONDS = 30.0


@dataclass(frozen=True)
class LoadPlan:
    """What to send, from how many clients, and for how long; `rate` (1/s) makes the loop open."""

    requests: Requests | OwnLists
    clients: int
    seconds: float = 5.0
    warmup_seconds: float = 1.0
    max_requests: int = 200_000
    first: int = 0
    expected_status: int = 201
    rate: float | None = None
    refusal_status: int | None = None
    """An answer as good as the expected one, where only one of many can get what all want."""


@dataclass(frozen=True)
class LoadResult:
    """What came back in the measured window. Milliseconds; status 0 is a lost connection."""

    commands_per_second: float
    p50: float
    p99: float
    completed: int
    sent: int
    seconds: float
    generator_cpu: float
    errors: dict[int, int] = field(default_factory=dict)
    highest: float = 0.0
    began_at: float = 0.0
    """When the measured window began, as Unix time."""
    refused: int = 0
    """Answers of `refusal_status`; the rate counts them."""


def drive(plan: LoadPlan) -> LoadResult:
    """Runs the plan in a fresh process, so that the generator shares nothing with anybody."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        return pool.submit(_run, plan).result()


def drive_here(plan: LoadPlan) -> LoadResult:
    """Runs the plan in this process, where it does not matter how fast that is."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_drive(plan))


def _run(plan: LoadPlan) -> LoadResult:
    gc.disable()
    return drive_here(plan)


async def _drive(plan: LoadPlan) -> LoadResult:
    is_open = plan.rate is not None
    clock = Clock(plan.warmup_seconds, plan.seconds, plan.max_requests, by_due=is_open)
    cpu_before, started = time.process_time(), time.perf_counter()
    async with asyncio.timeout(plan.warmup_seconds + plan.seconds + GRACE_SECONDS):
        await (_paced(plan, clock, plan.rate) if plan.rate else _closed(plan, clock))
    cpu = (time.process_time() - cpu_before) / (time.perf_counter() - started)
    return _summary(plan, clock, cpu)


async def _closed(plan: LoadPlan, clock: Clock) -> None:
    numbers = count()
    clients = await connect(
        plan.requests.base_url,
        plan.clients,
        lambda: Client(clock, _requests_of(plan, next(numbers), clock), plan.first),
    )
    clock.start()
    for client in clients:
        client.send_next()
    await asyncio.gather(*(client.finished for client in clients))


def _requests_of(plan: LoadPlan, client: int, clock: Clock) -> Callable[[int], bytes]:
    requests = plan.requests
    return requests.of(client, clock) if isinstance(requests, OwnLists) else requests


async def _paced(plan: LoadPlan, clock: Clock, rate: float) -> None:
    requests, first, pace = plan.requests, plan.first, Pace()
    if isinstance(requests, OwnLists):
        raise TypeError("whoever is free sends what is due, so nobody has a list of its own")
    clients = await connect(
        requests.base_url, plan.clients, lambda: PacedClient(clock, requests, first, pace)
    )
    pace.idle.extend(clients)
    await keep_pace(clock, clients, pace, rate)


def _summary(plan: LoadPlan, clock: Clock, cpu: float) -> LoadResult:
    statuses = Counter(clock.statuses)
    refused = statuses.pop(plan.refusal_status, 0) if plan.refusal_status else 0
    good = statuses.pop(plan.expected_status, 0) + refused
    latencies = sorted(clock.latencies)
    return LoadResult(
        commands_per_second=good / clock.measured_seconds,
        p50=percentile(latencies, 0.50),
        p99=percentile(latencies, 0.99),
        completed=len(latencies),
        sent=clock.sent,
        seconds=clock.measured_seconds,
        generator_cpu=cpu,
        errors=dict(statuses),
        highest=percentile(latencies, 1.0),
        began_at=clock.began_at,
        refused=refused,
    )


def percentile(latencies: list[float], share: float) -> float:
    """The percentile (nearest rank) of sorted seconds, in milliseconds; 0 without any."""
    if not latencies:
        return 0.0
    rank = min(len(latencies) - 1, int(share * len(latencies)))
    return latencies[rank] * 1000
