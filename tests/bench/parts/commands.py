"""Commands/s and latency of opstream beside its peers, for each number of clients."""

from contextlib import ExitStack

from tests.bench import rounds, summary, table
from tests.bench.databases import fresh_database
from tests.bench.engines import Servers
from tests.bench.opstream_system import SYSTEM
from tests.bench.peers import LIMITS, PEERS
from tests.bench.plan import Plan, Report, Tell
from tests.bench.systems import Running, System

SYSTEMS: tuple[System, ...] = (*LIMITS, *PEERS, SYSTEM)


def measure(plan: Plan, shared: Servers, tell: Tell) -> Report:
    """Each system on a database of its own, driven in turn, round after round."""
    systems = [system for system in SYSTEMS if plan.only in system.name]
    course = rounds.Course(plan.seconds, plan.rounds, plan.clients, plan.warmup)
    with ExitStack() as stack:
        started = [(system, _start(stack, system, shared)) for system in systems]
        samples = rounds.run(course, started, tell) if started else []
    cells, ratios = summary.cells(samples), summary.ratios(samples)
    records = {"ratios": ratios, "cells": cells, "samples": samples}
    wrong = [remark for cell in cells for remark in table.errors(cell)]
    return Report(table.commands(ratios, cells), records, wrong)


def _start(stack: ExitStack, system: System, shared: Servers) -> Running:
    name = "bench_" + "".join(letter if letter.isalnum() else "_" for letter in system.name)
    database_url = stack.enter_context(fresh_database(shared.database_url, name))
    return stack.enter_context(system.start(database_url, shared.nats_url))
