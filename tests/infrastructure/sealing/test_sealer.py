"""Checkpoints are made behind the log, in the database and in a file of their own."""

import asyncio
import contextlib

import pytest

from infrastructure.sealing import store
from infrastructure.sealing.checking import check
from infrastructure.sealing.checkpoint import Checkpoint
from infrastructure.sealing.evidence import Evidence
from infrastructure.sealing.file import CheckpointFile
from infrastructure.sealing.sealer import TamperedError
from tests.infrastructure.nats.support import eventually, store_people
from tests.support.sealing import KEY, NOW, seal, sealer, write_trail

LONG = 3600.0


async def lines_of(connection):
    return [line for _, line in await store.lines(connection)]


async def is_clean(connection, file):
    return not (await check(connection, Evidence({KEY.id: KEY.public}, file.lines))).findings


async def test_table_and_file_hold_the_same_chain(connection, sealed):
    lines = await lines_of(connection)
    assert sealed.lines() == lines
    read = [Checkpoint.read(line) for line in lines]
    assert [each.position for each in read] == [4, 8, 12, 16, 18]
    assert [each.trail_position for each in read] == [4, 8, 12, 16, 18]
    assert [each.previous for each in read[1:]] == [each.hash for each in read[:-1]]
    assert {each.made_at for each in read} == {NOW.isoformat(timespec="microseconds")}
    assert await is_clean(connection, sealed)


async def test_nothing_new_makes_no_checkpoint(connection, sealed):
    assert await seal(connection, sealed) == 0


async def test_nothing_at_all_makes_no_checkpoint(connection, file):
    assert await seal(connection, file) == 0
    assert not file.path.exists()


async def test_fewer_events_wait_until_the_time_has_come(connection, database_url, file):
    one = sealer(database_url, file, events=4, seconds=LONG)
    await one.resume(connection)
    store_people(database_url, 1)
    assert await one.step(connection)  # the first after a start
    store_people(database_url, 3)
    assert not await one.step(connection)
    store_people(database_url, 1)
    assert await one.step(connection)
    store_people(database_url, 1)
    one._due = 0.0
    assert await one.step(connection)
    assert len(file.lines()) == 3


async def test_a_trail_that_is_behind_is_sealed_later(connection, database_url, file):
    store_people(database_url, 6)
    assert await seal(connection, file) == 2
    await write_trail(connection)
    assert await seal(connection, file) == 2
    read = [Checkpoint.read(line) for line in file.lines()]
    assert [(each.position, each.trail_position) for each in read] == [
        (4, 0),
        (6, 0),
        (6, 4),
        (6, 6),
    ]
    assert await is_clean(connection, file)


async def test_another_machines_file_is_brought_as_far(connection, sealed, tmp_path):
    other = CheckpointFile(tmp_path / "other")
    assert await seal(connection, other) == 0
    assert other.lines() == sealed.lines()


async def test_a_line_that_a_crash_left_unfinished_is_written_again(connection, sealed):
    lines = sealed.lines()
    sealed.path.write_text("\n".join(lines)[:-20])
    assert not await is_clean(connection, sealed)
    await seal(connection, sealed)
    assert sealed.lines() == lines
    assert await is_clean(connection, sealed)


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("DELETE FROM signed_checkpoints WHERE number > 3", "table_shorter_than_file"),
        ("UPDATE signed_checkpoints SET line = '' WHERE number = 2", "file_differs"),
        ("DELETE FROM stored_events WHERE notification_id > 17", "log_truncated"),
        ("DELETE FROM audit_trail WHERE position > 17", "trail_truncated"),
    ],
)
async def test_nothing_is_sealed_on_top_of_what_was_tampered_with(
    connection, sealed, statement, what
):
    await connection.execute(statement)
    with pytest.raises(TamperedError, match=what):
        await seal(connection, sealed)


async def test_nothing_is_sealed_across_a_hole(connection, database_url, sealed):
    store_people(database_url, 3)
    await connection.execute("DELETE FROM stored_events WHERE notification_id = 20")
    with pytest.raises(TamperedError, match="log_has_a_hole"):
        await seal(connection, sealed)


async def test_without_its_file_no_checkpoint_gets_lost(connection, database_url, sealed):
    """A folder that can't be written stops the sealer; later the file catches up."""
    sealed.path.rename(away := sealed.path.with_suffix(".away"))
    sealed.path.mkdir()
    store_people(database_url, 3)
    one = sealer(database_url, sealed)
    with pytest.raises(OSError, match="Is a directory"):
        await one.resume(connection)
    sealed.path.rmdir()
    away.rename(sealed.path)
    assert await seal(connection, sealed) == 1
    assert await is_clean(connection, sealed)


async def test_it_seals_while_it_runs_and_one_at_a_time(connection, database_url, file):
    both = [sealer(database_url, file), sealer(database_url, file)]
    tasks = [asyncio.create_task(each.run()) for each in both]
    try:
        store_people(database_url, 9)
        await eventually(lambda: len(file.lines()) == 3)
        assert not any(task.done() for task in tasks)
    finally:
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
    assert await is_clean(connection, file)


@pytest.mark.parametrize("statement", ["UPDATE {} SET number = 0", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.usefixtures("sealed")
async def test_the_database_refuses_to_change_checkpoints(connection, statement):
    await connection.execute("SET session_replication_role = origin")
    with pytest.raises(Exception, match="signed_checkpoints only grows"):
        await connection.execute(statement.format("signed_checkpoints"))
