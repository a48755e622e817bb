"""How much of everything is measured, and what a part hands back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from rich.console import RenderableType

from tests.bench.engines import Servers

Tell = Callable[[str], None]
"""Told what is measured just now."""


@dataclass(frozen=True)
class Plan:
    seconds: float = 5.0
    """Measured per turn."""
    warmup: float = 1.0
    """Seconds before them."""
    rounds: int = 3
    """The median round speaks."""
    clients: tuple[int, ...] = (1, 16, 64)
    only: str = ""
    """Systems whose name contains this."""
    events: int = 100_000
    """To fold into read models."""
    log_sizes: tuple[int, ...] = (1_000, 100_000, 1_000_000)
    aggregate_sizes: tuple[int, ...] = (10, 1_000, 50_000)
    rate: int = 1_000
    """Commands per second where the loop is open."""
    commands: int = 100_000
    """After which memory is looked at."""
    shifts: int = 10_000
    """Stored before queries are measured."""
    rows: int = 10_000
    """Of the spreadsheet that is imported."""
    tasks: int = 6_000
    """To pick, or to be moved twice each, per turn."""


@dataclass(frozen=True)
class Report:
    """`shown` is printed, `records` (lists of dataclasses, by name) are stored, and anything in
    `wrong` makes the run fail.
    """

    shown: Sequence[RenderableType]
    records: Mapping[str, object]
    wrong: Sequence[str] = field(default=())


class Measure(Protocol):
    """A part's one function."""

    def __call__(self, plan: Plan, shared: Servers, tell: Tell) -> Report: ...
