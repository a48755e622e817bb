"""Scenarios by name: a fault that befalls the bed while clients go on."""

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from tests.faults.bed import Bed, until
from tests.faults.clients import CLIENTS, Load


@dataclass
class Stage:
    """What a fault has to work with. `rng` comes from the seed. The bed's proxies are healed
    afterwards; everything else a fault undoes itself.
    """

    bed: Bed
    load: Load
    rng: random.Random
    poison: set[int] = field(default_factory=set)
    """Positions that the scenario put into the log itself, and that nobody can read."""

    async def some_are_answered(self, count: int = 2 * CLIENTS, patience: float = 30.0) -> None:
        """Clients go on until so many more commands are done."""
        known = self.load.acknowledged

        async def answered() -> bool:
            return self.load.acknowledged >= known + count

        await until(answered, f"{count} answers", patience)

    async def ended(self, *names: str, times: int = 1) -> None:
        """Until each of these processes has ended so often since the call."""
        before = {name: self.bed.ended(name) for name in names}

        async def all_did() -> bool:
            return all(self.bed.ended(name) >= before[name] + times for name in names)

        await until(all_did, f"{' and '.join(names)} to end")


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
