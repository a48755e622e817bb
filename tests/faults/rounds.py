"""One round: faults while clients go on, then quiet, then the checker."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from time import monotonic

from tests.faults.bed import PATIENCE, Bed, until
from tests.faults.checker import violations
from tests.faults.clients import PEOPLE, authorization, clients
from tests.faults.evidence import found_in
from tests.faults.load import Load, settle
from tests.faults.operations import Operation, Outcome
from tests.faults.registry import Scenario
from tests.faults.stage import Stage

IN_FLIGHT = 5.0
"""Seconds for which what was answered 503 may still be on its way into the log."""

_HEAD = "SELECT max(notification_id) FROM stored_events"
_FOLLOWED = "SELECT min(position) >= %s FROM checkpoints"
_BEHIND = """
SELECT (SELECT max(notification_id) FROM stored_events) - (SELECT min(position) FROM checkpoints),
    (SELECT count(*) FROM deliveries WHERE status = 'pending')
"""


@dataclass
class Report:
    scenario: str
    seed: str
    outcomes: dict[Outcome, int] = field(default_factory=dict)
    silence: float = 0.0
    """The longest time in which no command was done, in seconds."""
    recovered: float = 0.0
    """Seconds from the end of the fault until commands were done again, and all that follows the
    log had taken what was in it then.
    """
    converged: float = 0.0
    """Seconds from the end of the fault until everything had come to the same point."""
    violations: Sequence[str] = ()
    skipped: str = ""


async def play(bed: Bed, scenario: Scenario, seed: str) -> Report:
    """Raises SkippedError."""
    started, broken, poison = monotonic(), [], set[int]()
    operations: list[Operation] = []
    report = Report(scenario.name, seed)
    try:
        async with clients(bed, seed, scenario.clients, keep_alive=scenario.keep_alive) as load:
            operations = load.operations
            stage = Stage(bed, load, random.Random(seed), poison)
            await stage.some_are_answered()
            healed = await _safety(bed, scenario, stage)
            report.recovered = await _recovered(bed, load, healed)
        await _settled(bed, operations, healed)
        report.converged = monotonic() - healed
        report.outcomes = {kind: sum(one.outcome is kind for one in operations) for kind in Outcome}
        await _repeat(bed, operations)
        await _settled(bed, operations, monotonic())
    except AssertionError as error:
        broken.append(f"everything_converges: {error}")
    found = await found_in(bed, operations, bed.tail.seen)
    found.excused = frozenset(poison)
    report.silence = _silence(operations, started)
    if scenario.nothing_fails:
        broken += _troubled(operations)
    return replace(report, violations=[*broken, *violations(found)])


async def _safety(bed: Bed, scenario: Scenario, stage: Stage) -> float:
    """Returns when the fault was over."""
    try:
        await scenario.fault(stage)
    finally:
        bed.heal()
    return monotonic()


async def _recovered(bed: Bed, load: Load, healed: float) -> float:
    """Returns after how many seconds."""

    async def answered() -> bool:
        return load.oks_since(healed) >= 3 * PEOPLE

    await until(answered, "commands to be done again", PATIENCE)
    ((head,),) = await bed.query(_HEAD)

    async def followed() -> bool:
        return await bed.query(_FOLLOWED, head) == [(True,)]

    await until(followed, "everything to follow", PATIENCE)
    return monotonic() - healed


async def _settled(bed: Bed, operations: Sequence[Operation], healed: float) -> None:
    """Read models, relay, audit trail and notifier have taken the whole log, every message is
    sent, and nothing is on its way any more.
    """

    async def caught_up() -> bool:
        return await bed.query(_BEHIND) == [(0, 0)]

    what = "everything to catch up"
    await until(caught_up, what, max(1.0, healed + PATIENCE - monotonic()))
    refused = [
        attempt.asked_at + attempt.seconds
        for one in operations
        for attempt in one.attempts
        if attempt.status == 503
    ]
    await asyncio.sleep(max(0.0, max(refused, default=0.0) + IN_FLIGHT - monotonic()))
    ((head,),) = await bed.query(_HEAD)
    await until(lambda: bed.tail.has_reached(head), "the reader to see the whole log", 5)


async def _repeat(bed: Bed, operations: Sequence[Operation]) -> None:
    headers = await authorization(bed)
    unknown = [one for one in operations if one.outcome is Outcome.UNKNOWN]
    known = [one for one in operations if one.outcome is Outcome.OK]
    await settle(bed, headers, [*unknown, *known[-20:]])
    await settle(bed, headers, [one for one in unknown if one.outcome is Outcome.OK])


def _silence(operations: Sequence[Operation], started: float) -> float:
    times = sorted(one.answered_at for one in operations if one.answered_at is not None)
    return max((later - earlier for earlier, later in pairwise([started, *times])), default=0.0)


def _troubled(operations: Sequence[Operation]) -> list[str]:
    bad = [one for one in operations if any(a.status in {None, 503} for a in one.attempts)]
    return [f"nothing_fails: {one.kind} {one.key}: {one.attempts}" for one in bad[:5]]
