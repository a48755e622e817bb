"""Many clients that change one thing, beside as many that change many things."""

import json
import re
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from tests.bench import summary, table
from tests.bench.databases import fresh_database
from tests.bench.engines import Servers
from tests.bench.load import LoadPlan
from tests.bench.opstream_system import SYSTEM
from tests.bench.peers import CrudPeer
from tests.bench.plan import Plan, Report, Tell
from tests.bench.requests import Requests
from tests.bench.rounds import Sample, sampled
from tests.bench.systems import Running, System

CLIENTS = 64
MANY = 500
SYSTEMS: tuple[System, ...] = (CrudPeer(), SYSTEM)
ONE_SHIFT, MANY_SHIFTS = "one shift", "many shifts"
COUNTERS = {
    "opstream_append_conflicts_total": "appends that came too late",
    "opstream_command_retries_total": "decisions made anew",
    "opstream_read_wait_given_up_total": "answers that did not wait for reads",
}


@dataclass(frozen=True)
class Counted:
    what: str
    count: float


def measure(plan: Plan, shared: Servers, tell: Tell) -> Report:
    """`PATCH /shifts/{id}`: one system after the other, one shift and then many, in each round."""
    with ExitStack() as stack:
        started = {system.name: _start(stack, shared, system) for system in SYSTEMS}
        return measured(plan, started, tell)


def measured(
    plan: Plan, started: Mapping[str, Running], tell: Tell, many: int = MANY, clients: int = CLIENTS
) -> Report:
    tell(f"drafting {many} shifts in each system")
    shifts = {name: _draft(running, many) for name, running in started.items()}
    samples: list[Sample] = []
    for number in range(1, plan.rounds + 1):
        for name, running in started.items():
            for which, ids in ((ONE_SHIFT, shifts[name][:1]), (MANY_SHIFTS, shifts[name])):
                tell(f"round {number}/{plan.rounds}, {name}, {which}")
                load = _load(plan, running, ids, clients)
                samples.append(sampled(f"{name}, {which}", number, load, running.settle))
    return _report(samples, _counted(started[SYSTEM.name]))


def _report(samples: Sequence[Sample], counted: Sequence[Counted]) -> Report:
    relatives, cells = summary.beside(samples, _bases()), summary.cells(samples)
    shown = table.beside(
        f"PATCH of a shift, {samples[0].clients} clients", "system", cells, relatives
    )
    told = [f"{SYSTEM.name}: {each.count:,.0f} {each.what}" for each in counted if each.count]
    records = {"ratios": relatives, "cells": cells, "samples": samples, "counted": counted}
    wrong = [remark for cell in cells for remark in table.errors(cell)]
    return Report([*shown, *told], records, wrong)


def _start(stack: ExitStack, shared: Servers, system: System) -> Running:
    name = f"bench_hot_{system.name.replace(' ', '_')}"
    database_url = stack.enter_context(fresh_database(shared.database_url, name))
    return stack.enter_context(system.start(database_url, shared.nats_url))


def _bases() -> dict[str, str]:
    peer = CrudPeer().name
    return {
        f"{peer}, {ONE_SHIFT}": f"{peer}, {MANY_SHIFTS}",
        f"{SYSTEM.name}, {ONE_SHIFT}": f"{peer}, {ONE_SHIFT}",
        f"{SYSTEM.name}, {MANY_SHIFTS}": f"{peer}, {MANY_SHIFTS}",
    }


def _draft(running: Running, many: int) -> list[str]:
    return [_answer(running, running.body(n))["id"] for n in range(many)]


def _answer(running: Running, body: bytes) -> dict[str, str]:
    headers = {**running.headers, "content-type": "application/json"}
    request = urllib.request.Request(running.base_url + running.path, body, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        drafted: dict[str, str] = json.load(answer)
        return drafted


def _load(plan: Plan, running: Running, ids: list[str], clients: int) -> LoadPlan:
    paths = [f"{running.path}/{shift_id}" for shift_id in ids]
    requests = Requests("PATCH", running.base_url, paths, running.headers, _headcount)
    return LoadPlan(requests, clients, plan.seconds, plan.warmup, expected_status=200)


def _headcount(n: int) -> bytes:
    return b'{"headcount":%d}' % (1 + n % 1000)


def _counted(running: Running) -> list[Counted]:
    """What the API process has counted since it started."""
    with urllib.request.urlopen(running.base_url + "/metrics", timeout=30) as answer:
        text = answer.read().decode()
    return [Counted(what, _sum(name, text)) for name, what in COUNTERS.items()]


def _sum(counter: str, metrics: str) -> float:
    values = re.findall(rf"^{counter} (\S+)$", metrics, re.MULTILINE)
    return sum(float(value) for value in values)
