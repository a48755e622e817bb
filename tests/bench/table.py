"""Prints the result, ratios first."""

from collections.abc import Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.table import Table

from tests.bench.client import BEHIND, LOST_CONNECTION
from tests.bench.summary import SUBJECT, Cell, Ratio, Relative
from tests.bench.systems import Fold

WORTH_TELLING_SECONDS = 0.2


def commands(ratios: Sequence[Ratio], cells: Sequence[Cell]) -> list[RenderableType]:
    shown: list[RenderableType] = [_ratio_table(ratios)] if ratios else []
    if cells:
        shown += [_figure_table(cells), *backlogs(cells)]
    return shown


def folds(found: Sequence[Fold]) -> list[RenderableType]:
    return [_fold_table(found)] if found else []


def beside(
    title: str,
    what: str,
    cells: Sequence[Cell],
    relatives: Sequence[Relative],
    unit: str = "commands/s",
) -> list[RenderableType]:
    """One row each, with its rate as times that of what it is compared with."""
    by_system = {relative.system: relative for relative in relatives}
    table = Table(what, "times", title=title, box=SIMPLE_HEAD, caption=caption(cells))
    for column in (unit, "spread", "p50 ms", "p99 ms"):
        table.add_column(column, justify="right")
    for cell in cells:
        relative = by_system.get(cell.system)
        times = f"{ratio(relative)} {relative.base}" if relative else ""
        _, system, *figures = _figures(cell)
        table.add_row(system, times, *figures)
    return [table, *backlogs(cells)]


def errors(cell: Cell) -> list[str]:
    """What makes a row less than it seems: answers that were not what was asked for."""
    where = f"{cell.system}, {cell.clients} clients"
    return [f"{where}: {told}" for told in refused(cell.errors)]


def refused(statuses: Mapping[int, int]) -> list[str]:
    names = {BEHIND: "that reads did not show yet", LOST_CONNECTION: "that never came"}
    return [
        f"{count} answers {names.get(status, f'with status {status}')}"
        for status, count in sorted(statuses.items())
    ]


def _ratio_table(ratios: Sequence[Ratio]) -> Table:
    peers = list(dict.fromkeys(ratio.peer for ratio in ratios))
    by_place = {(ratio.clients, ratio.peer): ratio for ratio in ratios}
    table = Table("clients", box=SIMPLE_HEAD, title=f"{SUBJECT}: times the commands/s of a peer")
    for peer in peers:
        table.add_column(peer, justify="right")
    for clients in dict.fromkeys(ratio.clients for ratio in ratios):
        found = (by_place.get((clients, peer)) for peer in peers)
        table.add_row(str(clients), *map(ratio, found))
    return table


def ratio(found: Ratio | Relative | None) -> str:
    if found is None:
        return "-"
    return f"[bold]{found.ratio:.1f}[/bold] ({found.lowest:.1f}-{found.highest:.1f})"


def _figure_table(cells: Sequence[Cell]) -> Table:
    table = Table("clients", "system", box=SIMPLE_HEAD, caption=caption(cells))
    for column in ("commands/s", "spread", "p50 ms", "p99 ms"):
        table.add_column(column, justify="right")
    previous = None
    for cell in cells:
        if previous not in {None, cell.clients}:
            table.add_section()
        table.add_row(*_figures(cell), style="dim" if cell.is_limit else None)
        previous = cell.clients
    return table


def _figures(cell: Cell) -> tuple[str, ...]:
    return (
        str(cell.clients),
        cell.system,
        f"{cell.commands_per_second:,.0f}",
        f"{cell.lowest:,.0f}-{cell.highest:,.0f}" if cell.lowest < cell.highest else "",
        f"{cell.p50:.2f}",
        f"{cell.p99:.2f}",
    )


def caption(cells: Sequence[Cell]) -> str:
    busiest = max((cell.generator_cpu for cell in cells if not cell.is_limit), default=0.0)
    return f"median round; the load generator used at most {busiest:.0%} of a core"


def backlogs(cells: Sequence[Cell]) -> list[str]:
    return [
        f"{cell.system}, {cell.clients} clients: {cell.settle_seconds:.1f} s of work left behind"
        for cell in cells
        if cell.settle_seconds > WORTH_TELLING_SECONDS
    ]


def _fold_table(folds: Sequence[Fold]) -> Table:
    table = Table("events into a read model", box=SIMPLE_HEAD)
    for column in ("times the slowest", "events", "seconds", "events/s"):
        table.add_column(column, justify="right")
    slowest = min(fold.events_per_second for fold in folds)
    for fold in folds:
        table.add_row(
            fold.system,
            f"[bold]{fold.events_per_second / slowest:.1f}[/bold]",
            f"{fold.events:,}",
            f"{fold.seconds:.1f}",
            f"{fold.events_per_second:,.0f}",
        )
    return table
