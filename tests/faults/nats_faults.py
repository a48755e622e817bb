"""Faults of NATS."""

import shutil

from tests.faults.registry import Stage, scenario


@scenario()
async def nats_store_deleted(stage: Stage) -> None:
    """NATS dies and is started again without its store."""
    service = stage.bed.keeper.service("nats")
    if (child := stage.bed.keeper.hold_down("nats")) is not None:
        child.kill()
    shutil.rmtree(stage.bed.data_dir / "nats")
    await stage.some_are_answered()
    stage.bed.keeper.add(service)
    await stage.some_are_answered()
