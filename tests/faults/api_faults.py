"""Faults of API processes."""

import asyncio

from tests.faults.bed import APIS, until
from tests.faults.clients import CLIENTS
from tests.faults.registry import scenario
from tests.faults.stage import Stage

FAILPOINTS = (
    "before_lock",
    "after_insert",
    "before_commit",
    "after_commit",
    "before_answer",
)


def _killed_at(failpoint: str) -> None:
    async def fault(stage: Stage) -> None:
        for name in APIS:
            passing = stage.rng.randint(5, 25)
            stage.bed.restart(name, OPSTREAM_FAILPOINTS=f"{failpoint}=kill@{passing}")
        await stage.ended(*APIS)

    fault.__doc__ = f"Both API processes die at the failpoint {failpoint}, at some passing of it."
    scenario(name=f"api_killed_{failpoint}")(fault)


for _name in FAILPOINTS:
    _killed_at(_name)


@scenario()
async def api_killed(stage: Stage) -> None:
    """One API process dies at any moment; the other goes on."""
    stage.bed.kill(stage.rng.choice(APIS))
    await stage.some_are_answered()


@scenario(keep_alive=False)
async def writer_stopped_with_the_lock(stage: Stage) -> None:
    """An API process stops (SIGSTOP) with the log's lock held, for 8 s; the other goes on."""
    passing = stage.rng.randint(5, 25)
    stage.bed.restart("api-1", OPSTREAM_FAILPOINTS=f"before_commit=stop@{passing}")
    victim = stage.bed.child("api-1")
    async with stage.continued(victim.pid):
        await stage.until_stopped(victim.pid)
        await asyncio.sleep(8.0)
        await stage.some_are_answered(patience=1.0)


@scenario(keep_alive=False)
async def slow_committer(stage: Stage) -> None:
    """An API process takes 10 s over a commit; the other goes on."""
    passing = stage.rng.randint(5, 25)
    stage.bed.restart("api-1", OPSTREAM_FAILPOINTS=f"before_commit=sleep:10@{passing}")
    await stage.until_log_locked(1.0)
    await stage.pause(10.0)
    await stage.some_are_answered()


@scenario()
async def answer_lost_after_commit(stage: Stage) -> None:
    """Postgres commits, and the line breaks before its answer arrives; ten times."""
    line = stage.bed.api_database
    line.lose_answers(b'[{"n":0,"id":', 10)
    lost = line.lost_answers

    async def all_lost() -> bool:
        return line.lost_answers >= lost + 10

    await until(all_lost, "ten answers to be lost")


@scenario(clients=10 * CLIENTS)
async def overload(stage: Stage) -> None:
    """Ten times as many clients as before, for 10 s."""
    await asyncio.sleep(10.0)
    await stage.some_are_answered()


@scenario(keep_alive=False, nothing_fails=True)
async def rolling_restart(stage: Stage) -> None:
    """Both API processes are replaced one after the other, by SIGTERM, twice: nobody notices."""
    for name in APIS * 2:
        code = await stage.bed.end(name)
        assert code == 0, f"{name} ended with {code}"
        before = len(stage.bed.log(name))
        stage.bed.start(name)
        await stage.some_are_answered()
        await stage.says(name, '"event":"request"', before)
