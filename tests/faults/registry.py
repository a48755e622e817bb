"""Scenarios by name: a fault that befalls the bed while clients go on."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from tests.faults.clients import CLIENTS
from tests.faults.stage import Stage

Fault = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True)
class Scenario:
    """`disks` are the engines that live on a small disk of their own, with its size in MiB."""

    name: str
    fault: Fault
    clients: int = CLIENTS
    keep_alive: bool = True
    nothing_fails: bool = False
    """Every command must be answered at the first try: the fault is none for a client."""
    spoils: bool = False
    """Leaves something behind for ever, so that the next round needs another bed."""
    disks: tuple[tuple[str, int], ...] = ()

    @property
    def about(self) -> str:
        return " ".join((self.fault.__doc__ or "").split())


SCENARIOS: dict[str, Scenario] = {}


def scenario(
    *,
    name: str = "",
    clients: int = CLIENTS,
    keep_alive: bool = True,
    nothing_fails: bool = False,
    spoils: bool = False,
    disks: Sequence[tuple[str, int]] = (),
) -> Callable[[Fault], Fault]:
    """Registers a fault under its own name."""

    def register(fault: Fault) -> Fault:
        chosen = name or fault.__name__
        SCENARIOS[chosen] = Scenario(
            chosen, fault, clients, keep_alive, nothing_fails, spoils, tuple(disks)
        )
        return fault

    return register
