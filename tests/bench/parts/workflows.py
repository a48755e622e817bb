"""Workflows: started, and their tasks picked and moved, beside CRUD with row locks."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass

from rich.box import SIMPLE_HEAD
from rich.table import Table

from tests.bench import crud_wedding, summary, table
from tests.bench.crud_wedding import crud_wedding as a_crud_wedding
from tests.bench.databases import fresh_database
from tests.bench.engines import Servers
from tests.bench.opstream_wedding import opstream_wedding
from tests.bench.plan import Plan, Report, Tell
from tests.bench.rounds import Sample, sampled
from tests.bench.shapes import LARGE, SMALL, Shape, flat
from tests.bench.summary import SUBJECT, Cell, Relative
from tests.bench.turns import Contending, Moving, Picking, Starting, Turn
from tests.bench.workplace import Workplace

PEER = crud_wedding.NAME
FEW, MANY = 16, 64
LARGEST_POOL = 1_000
"""Tasks that are started at once, to be picked."""


def measure(plan: Plan, shared: Servers, tell: Tell) -> Report:
    """Both systems run all the time and take turns, in each round in another order."""
    pool = flat("a pool", min(plan.tasks, LARGEST_POOL))
    shapes = (SMALL, LARGE, pool)
    with ExitStack() as stack:
        names = ("bench_workflows_opstream", "bench_workflows_crud")
        ours, theirs = (
            stack.enter_context(fresh_database(shared.database_url, name)) for name in names
        )
        tell("planning a wedding in each system")
        places = [
            stack.enter_context(opstream_wedding(ours, shared.nats_url, shapes)),
            stack.enter_context(a_crud_wedding(theirs, shapes)),
        ]
        return measured(plan, places, turns(pool), tell)


def turns(pool: Shape) -> tuple[Turn, ...]:
    return (
        Starting(SMALL, 1),
        Starting(SMALL, FEW),
        Starting(LARGE, 1),
        Picking(pool, FEW),
        Picking(pool, MANY),
        Contending(pool, FEW),
        Contending(pool, MANY),
        Moving(FEW),
        Moving(MANY),
    )


def measured(plan: Plan, places: Sequence[Workplace], turns_: Sequence[Turn], tell: Tell) -> Report:
    samples: dict[Turn, list[Sample]] = {turn: [] for turn in turns_}
    wrong: list[str] = []
    for number in range(1, plan.rounds + 1):
        for turn in turns_:
            for place in places if number % 2 else reversed(places):
                tell(f"round {number}/{plan.rounds}, {_told(turn)}, {place.name}")
                sample, found = _taken(plan, turn, place, number)
                samples[turn].append(sample)
                wrong += found
    return _report(samples, wrong)


def _taken(plan: Plan, turn: Turn, place: Workplace, number: int) -> tuple[Sample, list[str]]:
    """What was measured, and what is wrong afterwards."""
    name = f"{_told(turn)}, {number}"
    load = turn.load(plan, place, name)
    sample = sampled(_called(place.name, turn), number, load, place.settle)
    found = turn.wrong(place, name, sample)
    return sample, [f"{sample.system}, round {number}: {told}" for told in found]


def _told(turn: Turn) -> str:
    return f"{turn.what}, {turn.clients} clients"


def _called(system: str, turn: Turn) -> str:
    return f"{system}, {turn.what}"


def _report(samples: Mapping[Turn, Sequence[Sample]], wrong: Sequence[str]) -> Report:
    compared = [_compared(turn, each) for turn, each in samples.items()]
    cells = [cell for each in compared for cell in (each.ours, each.theirs)]
    refused = [remark for cell in cells for remark in table.errors(cell)]
    records = {
        "ratios": [{"clients": each.turn.clients, **asdict(each.relative)} for each in compared],
        "cells": cells,
        "samples": [sample for each in samples.values() for sample in each],
    }
    return Report([_table(compared), *table.backlogs(cells)], records, [*refused, *wrong])


@dataclass(frozen=True)
class _Compared:
    turn: Turn
    relative: Relative
    ours: Cell
    theirs: Cell


def _compared(turn: Turn, samples: Sequence[Sample]) -> _Compared:
    names = _called(SUBJECT, turn), _called(PEER, turn)
    (relative,) = summary.beside(samples, dict([names]))
    cells = {cell.system: cell for cell in summary.cells(samples)}
    return _Compared(turn, relative, *(cells[name] for name in names))


def _table(compared: Sequence[_Compared]) -> Table:
    cells = [cell for each in compared for cell in (each.ours, each.theirs)]
    shown = Table("turn", title=f"{SUBJECT} beside {PEER} with row locks", box=SIMPLE_HEAD)
    for column in ("clients", "times", "commands/s", "p50 ms", "p99 ms", "CRUD", "p50", "p99"):
        shown.add_column(column, justify="right")
    for each in compared:
        figures = (*_figures(each.ours), *_figures(each.theirs))
        shown.add_row(each.turn.what, str(each.turn.clients), table.ratio(each.relative), *figures)
    shown.caption = table.caption(cells)
    return shown


def _figures(cell: Cell) -> tuple[str, str, str]:
    rate = cell.commands_per_second
    return f"{rate:,.0f}" if rate >= FEW else f"{rate:.1f}", f"{cell.p50:.1f}", f"{cell.p99:.1f}"
