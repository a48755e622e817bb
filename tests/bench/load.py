"""The load generator: N closed-loop HTTP clients in one process, the same for all systems."""

import asyncio
import gc
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import uvloop

from tests.bench.client import Client, Clock

GRACE_SECONDS = 30.0


@dataclass(frozen=True)
class LoadPlan:
    """What to send. `body(n)` makes the n-th body; it goes to another process: it must pickle."""

    url: str
    headers: Mapping[str, str]
    body: Callable[[int], bytes]
    clients: int
    seconds: float = 5.0
    warmup_seconds: float = 1.0
    max_requests: int = 200_000
    first_body: int = 0
    expected_status: int = 201


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


def drive(plan: LoadPlan) -> LoadResult:
    """Runs the plan in a fresh process, so that the generator shares nothing with anybody."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        return pool.submit(_run, plan).result()


def _run(plan: LoadPlan) -> LoadResult:
    gc.disable()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_drive(plan))


async def _drive(plan: LoadPlan) -> LoadResult:
    clock = Clock(plan.warmup_seconds, plan.seconds, plan.max_requests)
    clients = await _connect(plan, clock)
    cpu_before, started = time.process_time(), time.perf_counter()
    clock.start()
    for client in clients:
        client.send_next()
    async with asyncio.timeout(plan.warmup_seconds + plan.seconds + GRACE_SECONDS):
        await asyncio.gather(*(client.finished for client in clients))
    cpu = (time.process_time() - cpu_before) / (time.perf_counter() - started)
    return _summary(plan, clock, cpu)


async def _connect(plan: LoadPlan, clock: Clock) -> list[Client]:
    loop = asyncio.get_running_loop()
    target = urlsplit(plan.url)
    head = _request_head(plan)
    clients = []
    for _ in range(plan.clients):
        _, client = await loop.create_connection(
            lambda: Client(clock, head, plan.body, plan.first_body), target.hostname, target.port
        )
        clients.append(client)
    return clients


def _request_head(plan: LoadPlan) -> bytes:
    target = urlsplit(plan.url)
    lines = [
        f"POST {target.path} HTTP/1.1",
        f"host: {target.netloc}",
        *(f"{name}: {value}" for name, value in plan.headers.items()),
        "content-type: application/json",
        "content-length: ",
    ]
    return "\r\n".join(lines).encode()


def _summary(plan: LoadPlan, clock: Clock, cpu: float) -> LoadResult:
    statuses = Counter(clock.statuses)
    good = statuses.pop(plan.expected_status, 0)
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
    )


def percentile(latencies: list[float], share: float) -> float:
    """The percentile (nearest rank) of sorted seconds, in milliseconds; 0 without any."""
    if not latencies:
        return 0.0
    rank = min(len(latencies) - 1, int(share * len(latencies)))
    return latencies[rank] * 1000
