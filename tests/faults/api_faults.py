"""Faults of API processes."""

from tests.faults.bed import APIS
from tests.faults.registry import Stage, scenario


async def _killed_at(stage: Stage, failpoint: str) -> None:
    """One after the other, each at some passing of the failpoint."""
    for name in APIS:
        passing = stage.rng.randint(5, 25)
        stage.bed.restart(name, OPSTREAM_FAILPOINTS=f"{failpoint}=kill@{passing}")
    await stage.ended(*APIS)


@scenario()
async def api_killed_after_commit(stage: Stage) -> None:
    """Both API processes die when their commands are stored and not yet answered."""
    await _killed_at(stage, "after_commit")
