"""Faults of the machine: its disks and its clocks."""

from tests.faults.clock import EVERY, jumping
from tests.faults.disks import filled
from tests.faults.registry import scenario
from tests.faults.stage import Stage


@scenario(disks=[("postgres", 320)])
async def postgres_disk_full(stage: Stage) -> None:
    """Not a byte is left on Postgres' disk, for 8 s."""
    with filled(stage.bed.data_dir / "postgres"):
        await stage.pause(8.0)


@scenario(disks=[("nats", 16)])
async def nats_disk_full(stage: Stage) -> None:
    """Not a byte is left on NATS' disk, for 8 s."""
    with filled(stage.bed.data_dir / "nats"):
        await stage.pause(8.0)
        await stage.some_are_answered()


@scenario(keep_alive=False)
async def clock_jumps_in_an_api(stage: Stage) -> None:
    """The clock of one API process jumps ahead and back by an hour."""
    await _jump(stage, "api-1")


@scenario()
async def clock_jumps_in_the_leader(stage: Stage) -> None:
    """The clock of the worker that projects, sends and tidies up jumps by an hour."""
    for name in stage.bed.workers()[1:]:
        await stage.bed.end(name)
    try:
        await _jump(stage, stage.bed.workers()[0])
    finally:
        stage.bed.start("worker-2")


async def _jump(stage: Stage, name: str) -> None:
    stage.bed.restart(name, **jumping(stage.bed.data_dir))
    await stage.some_are_answered()
    await stage.pause(5.0 * EVERY)
    stage.bed.kill(name)
