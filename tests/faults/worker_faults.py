"""Faults of workers."""

from tests.faults.bed import WORKERS
from tests.faults.registry import scenario
from tests.faults.stage import Stage


def _killed_at(failpoint: str, least: int, most: int) -> None:
    async def fault(stage: Stage) -> None:
        for name in WORKERS:
            passing = stage.rng.randint(least, most)
            stage.bed.restart(name, OPSTREAM_FAILPOINTS=f"{failpoint}=kill@{passing}")
        await stage.ended(*WORKERS)

    fault.__doc__ = f"Both workers, each when it leads, die at the failpoint {failpoint}."
    scenario(name=f"worker_killed_{failpoint}")(fault)


_killed_at("mid_flush", 5, 15)
_killed_at("after_flush", 5, 15)
_killed_at("after_publish", 2, 8)
_killed_at("consumer_mid_batch", 2, 8)
_killed_at("before_ack", 2, 8)


@scenario()
async def leader_of_two_killed(stage: Stage) -> None:
    """Of two workers the one that projects dies, three times."""
    for _ in range(3):
        await _lose_the_leader(stage)


@scenario()
async def leader_of_five_killed(stage: Stage) -> None:
    """Of five workers the one that projects dies, three times."""
    more = [f"worker-{number}" for number in (3, 4, 5)]
    for name in more:
        stage.bed.start(name)
    try:
        for _ in range(3):
            await _lose_the_leader(stage)
    finally:
        for name in more:
            await stage.bed.end(name)


@scenario()
async def leader_stopped(stage: Stage) -> None:
    """The worker that projects stops (SIGSTOP) for 6 s, in the middle of whatever it does."""
    async with stage.stopped(stage.bed.leader()):
        await stage.some_are_answered()
        await stage.pause(6.0)


async def _lose_the_leader(stage: Stage) -> None:
    stage.bed.kill(stage.bed.leader())
    await stage.some_are_answered()
    await stage.until_projected()
