"""Reading shifts: pages of a list, filtered, and one by its id, beside the CRUD peer."""

import json
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from infrastructure.postgres.migrate import migrate
from projections.paging import MAX_PAGE_SIZE
from tests.bench import summary, table
from tests.bench.crud_rows import copy_shifts
from tests.bench.databases import fresh_database
from tests.bench.engines import Servers
from tests.bench.load import LoadPlan
from tests.bench.opstream_folds import take_as_read
from tests.bench.opstream_system import Opstream
from tests.bench.peers import CrudPeer
from tests.bench.plan import Plan, Report, Tell
from tests.bench.requests import Requests
from tests.bench.rounds import Sample, sampled
from tests.bench.story import write_story
from tests.bench.systems import Running

CLIENTS = 16
PAGE = 50
IDS = 1_000
"""So many shifts are asked for by id, in turn."""
PEER, SUBJECT = CrudPeer().name, Opstream().name


@dataclass(frozen=True)
class Reads:
    """A running system with the queries that it offers, and how many bytes each first answers."""

    name: str
    running: Running
    paths: Mapping[str, Sequence[str]]
    sizes: Mapping[str, int]


def measure(plan: Plan, shared: Servers, tell: Tell) -> Report:
    """Both hold as many shifts, published, with two people on each; nothing is written meanwhile.

    A query that a system does not offer is missing there, and the report says so.
    """
    tell(f"writing {plan.shifts:,} shifts into both systems")
    with _opstream(plan, shared) as opstream, _peer(plan, shared) as peer:
        return measured(plan, opstream, peer, tell)


def measured(plan: Plan, opstream: Reads, peer: Reads, tell: Tell) -> Report:
    samples: list[Sample] = []
    for number in range(1, plan.rounds + 1):
        for what in peer.paths:
            for system in (opstream, peer):
                if what in system.paths:
                    tell(f"round {number}/{plan.rounds}, {what}, {system.name}")
                    samples.append(_turn(plan, system, what, number))
    bases = {f"{SUBJECT}, {what}": f"{PEER}, {what}" for what in peer.paths}
    relatives, cells = summary.beside(samples, bases), summary.cells(samples)
    title = f"queries on {plan.shifts:,} shifts, {CLIENTS} clients"
    shown = table.beside(title, "system", cells, relatives, "requests/s")
    records = {"ratios": relatives, "cells": cells, "samples": samples}
    wrong = [remark for cell in cells for remark in table.errors(cell)]
    return Report([*shown, *_differences(opstream, peer)], records, wrong)


@contextmanager
def _opstream(plan: Plan, shared: Servers) -> Iterator[Reads]:
    tenant_id = uuid4()
    with fresh_database(shared.database_url, "bench_queries_opstream") as url:
        migrate(url)
        write_story(url, tenant_id, shifts=plan.shifts)
        take_as_read(url)
        with Opstream(tenant_id=tenant_id).start(url, shared.nats_url) as running:
            yield reads(SUBJECT, running)


@contextmanager
def _peer(plan: Plan, shared: Servers) -> Iterator[Reads]:
    tenant_id = uuid4()
    with (
        fresh_database(shared.database_url, "bench_queries_peer") as url,
        CrudPeer(tenant_id=tenant_id).start(url, shared.nats_url) as running,
    ):
        copy_shifts(url, tenant_id, plan.shifts)
        yield reads(PEER, running)


def reads(name: str, running: Running) -> Reads:
    first = _get(running, f"/shifts?pageSize={PAGE}")
    total, unit_id = first["total"], first["items"][0]["unit_id"]
    last = max(1, total // PAGE)
    paths = {
        "first page": [f"/shifts?pageSize={PAGE}"],
        "last page": [f"/shifts?pageSize={PAGE}&page={last}"],
        "of one unit": [f"/shifts?pageSize={PAGE}&unit_id={unit_id}&status=published"],
    }
    if _offers_one(running):
        paths["by id"] = [f"/shifts/{shift_id}" for shift_id in _ids(running, total)]
    sizes = {what: len(_fetch(running, each[0])) for what, each in paths.items()}
    return Reads(name, running, paths, sizes)


def _ids(running: Running, total: int) -> list[str]:
    pages = range(1, min(IDS, total) // MAX_PAGE_SIZE + 1)
    return [
        shift["id"]
        for page in pages
        for shift in _get(running, f"/shifts?pageSize={MAX_PAGE_SIZE}&page={page}")["items"]
    ]


def _offers_one(running: Running) -> bool:
    """As the system's own document tells."""
    document = _get(running, running.document)
    return "get" in document["paths"].get("/shifts/{shift_id}", {})


def _get(running: Running, path: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(_fetch(running, path))
    return answer


def _fetch(running: Running, path: str) -> bytes:
    request = urllib.request.Request(running.base_url + path, headers=dict(running.headers))
    with urllib.request.urlopen(request, timeout=30) as answer:
        content: bytes = answer.read()
        return content


def _turn(plan: Plan, system: Reads, what: str, number: int) -> Sample:
    running, paths = system.running, system.paths[what]
    requests = Requests("GET", running.base_url, paths, running.headers)
    load = LoadPlan(requests, CLIENTS, plan.seconds, plan.warmup, expected_status=200)
    return sampled(f"{system.name}, {what}", number, load)


def _differences(opstream: Reads, peer: Reads) -> list[str]:
    """What keeps two rows from being about the same."""
    sizes = [
        f"{what}: an answer of {opstream.sizes[what]:,} bytes beside {peer.sizes[what]:,}"
        for what in opstream.paths
    ]
    missing = [
        f"{what}: {SUBJECT} does not offer that query"
        for what in peer.paths - opstream.paths.keys()
    ]
    return sizes + missing
