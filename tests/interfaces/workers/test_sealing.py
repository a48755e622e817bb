"""A worker makes signed checkpoints of what it follows."""

from infrastructure.sealing.checking import check
from infrastructure.sealing.checkpoint import Checkpoint
from infrastructure.sealing.evidence import Evidence
from infrastructure.sealing.file import CheckpointFile
from infrastructure.sealing.keys import trusted_keys
from tests.infrastructure.nats.support import eventually, store_people
from tests.support.sealing import connect


async def test_a_worker_seals_the_log_and_the_trail_that_it_writes(settings, database_url, work):
    settings = settings.model_copy(update={"checkpoint_events": 100, "checkpoint_seconds": 1.0})
    file = CheckpointFile(settings.checkpoints)

    def is_sealed():
        lines = file.lines()
        newest = Checkpoint.read(lines[-1]) if lines else None
        return newest and (newest.position, newest.trail_position) == (last, last)

    async with work(settings, ["relay", "audit", "sealer"]):
        last = store_people(database_url, 250)
        await eventually(is_sealed, seconds=10)
    assert len(file.lines()) >= 3
    async with await connect(database_url) as connection:
        outcome = await check(connection, Evidence(trusted_keys(settings), file.lines))
    assert (outcome.findings, outcome.sealed) == ([], last)
