"""Drives the systems in turn, round after round, so that noise meets all of them alike."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tests.bench.load import LoadPlan, LoadResult, drive
from tests.bench.systems import Running, System, nothing_left_to_do


@dataclass(frozen=True)
class Sample:
    """One system under one number of clients in one round."""

    system: str
    is_limit: bool
    clients: int
    round: int
    load: LoadResult
    settle_seconds: float


@dataclass(frozen=True)
class Course:
    """How long, how often, and for how many clients."""

    seconds: float
    rounds: int
    clients: tuple[int, ...]
    warmup: float = 1.0


def run(
    course: Course,
    started: Sequence[tuple[System, Running]],
    on_turn: Callable[[str], None] = lambda _what: None,
) -> list[Sample]:
    """Same number of clients, all systems one after the other; each round begins with another."""
    sent = dict.fromkeys((system.name for system, _ in started), 0)
    samples = []
    for number, clients, system, running in _turns(course, started):
        on_turn(f"round {number}/{course.rounds}, {clients} clients, {system.name}")
        sample = _sample(course, system, running, clients, number, sent)
        samples.append(sample)
    return samples


def turns(course: Course, systems: Sequence[System]) -> int:
    limits = sum(system.is_limit for system in systems)
    return len(course.clients) * (limits + course.rounds * (len(systems) - limits))


def _turns(
    course: Course, started: Sequence[tuple[System, Running]]
) -> Iterator[tuple[int, int, System, Running]]:
    """The limits only bound the others, so one round of them is enough."""
    for number in range(1, course.rounds + 1):
        shift = (number - 1) % len(started)
        for clients in course.clients:
            for system, running in (*started[shift:], *started[:shift]):
                if number == 1 or not system.is_limit:
                    yield number, clients, system, running


def _sample(
    course: Course,
    system: System,
    running: Running,
    clients: int,
    number: int,
    sent: dict[str, int],
) -> Sample:
    plan = LoadPlan(
        running.posts,
        clients=clients,
        seconds=course.seconds,
        warmup_seconds=course.warmup,
        first=sent[system.name],
    )
    sample = sampled(system.name, number, plan, running.settle, is_limit=system.is_limit)
    sent[system.name] += sample.load.sent
    return sample


def sampled(
    name: str,
    number: int,
    plan: LoadPlan,
    settle: Callable[[], None] = nothing_left_to_do,
    *,
    is_limit: bool = False,
) -> Sample:
    """One turn, and how long it takes until what it left behind is done."""
    load = drive(plan)
    started = time.perf_counter()
    settle()
    settled = time.perf_counter() - started
    return Sample(name, is_limit, plan.clients, number, load, settled)
