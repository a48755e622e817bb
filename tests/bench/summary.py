"""What several rounds say together: the median round, the spread, and ratios within the rounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median, median_low

from tests.bench.rounds import Sample

SUBJECT = "opstream"


@dataclass(frozen=True)
class Cell:
    """One system under one number of clients: the round with the median rate speaks for all."""

    system: str
    is_limit: bool
    clients: int
    commands_per_second: float
    lowest: float
    highest: float
    p50: float
    p99: float
    generator_cpu: float
    settle_seconds: float
    errors: dict[int, int]


@dataclass(frozen=True)
class Ratio:
    """opstream's rate by a peer's in the same round: the median, the lowest and the highest."""

    peer: str
    clients: int
    ratio: float
    lowest: float
    highest: float


@dataclass(frozen=True)
class Relative:
    """A rate by that of `base` in the same round: the median, the lowest and the highest."""

    system: str
    base: str
    ratio: float
    lowest: float
    highest: float


def cells(samples: Sequence[Sample]) -> list[Cell]:
    keys = dict.fromkeys((sample.clients, sample.system) for sample in samples)
    return [_cell(_of(samples, system, clients)) for clients, system in sorted_by_clients(keys)]


def ratios(samples: Sequence[Sample]) -> list[Ratio]:
    keys = dict.fromkeys(
        (sample.clients, sample.system)
        for sample in samples
        if sample.system != SUBJECT and not sample.is_limit
    )
    return [
        _ratio(peer, clients, found)
        for clients, peer in sorted_by_clients(keys)
        if (found := _paired(samples, SUBJECT, peer, clients))
    ]


def beside(samples: Sequence[Sample], base: Mapping[str, str]) -> list[Relative]:
    """Each system that `base` names another for; both with one number of clients."""
    clients = samples[0].clients if samples else 0
    return [
        Relative(system, other, median(found), min(found), max(found))
        for system, other in base.items()
        if (found := _paired(samples, system, other, clients))
    ]


def sorted_by_clients(keys: dict[tuple[int, str], None]) -> list[tuple[int, str]]:
    """Stable: within one number of clients the systems stay in the order of their first turn."""
    return sorted(keys, key=lambda key: key[0])


def _of(samples: Sequence[Sample], system: str, clients: int) -> list[Sample]:
    return [each for each in samples if each.system == system and each.clients == clients]


def _cell(samples: list[Sample]) -> Cell:
    rates = [sample.load.commands_per_second for sample in samples]
    middle = samples[rates.index(median_low(rates))]
    return Cell(
        system=middle.system,
        is_limit=middle.is_limit,
        clients=middle.clients,
        commands_per_second=middle.load.commands_per_second,
        lowest=min(rates),
        highest=max(rates),
        p50=middle.load.p50,
        p99=middle.load.p99,
        generator_cpu=max(sample.load.generator_cpu for sample in samples),
        settle_seconds=max(sample.settle_seconds for sample in samples),
        errors=_errors(samples),
    )


def _errors(samples: list[Sample]) -> dict[int, int]:
    total: dict[int, int] = {}
    for sample in samples:
        for status, count in sample.load.errors.items():
            total[status] = total.get(status, 0) + count
    return total


def _paired(samples: Sequence[Sample], system: str, peer: str, clients: int) -> list[float]:
    subject = {each.round: each.load for each in _of(samples, system, clients)}
    return [
        subject[each.round].commands_per_second / each.load.commands_per_second
        for each in _of(samples, peer, clients)
        if each.round in subject and each.load.commands_per_second
    ]


def _ratio(peer: str, clients: int, found: list[float]) -> Ratio:
    return Ratio(peer, clients, median(found), min(found), max(found))
