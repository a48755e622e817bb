"""Appends share a transaction, and still each stands or falls alone."""

import asyncio
from dataclasses import replace
from time import monotonic
from uuid import UUID

import psycopg
import pytest

from application.ports import IdempotencyKey, KeyTaken, Version, VersionConflict
from domain.shared.errors import Unavailable
from domain.shared.moment import happening_at
from infrastructure.event_store import group_commit
from infrastructure.event_store.group_commit import GroupCommit
from infrastructure.event_store.reader import history_of, read_after
from tests.infrastructure.event_store.conftest import writing
from tests.support.appends import append_of, unit, version_of
from tests.support.logs import logged
from tests.support.proxy import wire
from tests.support.scheduling import (
    ANA,
    COORDINATOR,
    EVENING,
    MORNING,
    NOW,
    OTHER,
    SHIFT,
    TENANT,
    agenda,
    draft,
    person,
)

MARKER = "hyacinth.bucket@example.test"
KEY = IdempotencyKey("monday", b"\x00\xff what was asked")


@pytest.fixture
def batches(monkeypatch):
    """How many commands went into each call of the database."""
    sizes = []
    send = GroupCommit._send

    async def count(self, wanted):
        sizes.append(len(wanted))
        return await send(self, wanted)

    monkeypatch.setattr(GroupCommit, "_send", count)
    return sizes


async def all_of(writer, *appends):
    return await asyncio.gather(*map(writer.append, appends), return_exceptions=True)


def kinds(results):
    return [result if isinstance(result, int) else type(result) for result in results]


def booked(hers, shift_id, period):
    with happening_at(NOW):
        hers.book(shift_id, period)
    return hers


async def test_an_append_is_answered_with_the_position_of_its_last_event(writer, connection):
    assert await writer.append(append_of(draft(), person())) == 2
    assert await writer.append(append_of(unit())) == 3
    assert [entry.position for entry in await read_after(connection, 0, 10)] == [1, 2, 3]


async def test_the_log_holds_who_and_what_and_when(writer, connection):
    ward = unit()
    append = append_of(ward)
    await writer.append(append)
    (entry,) = await history_of(connection, ward.id)
    assert (entry.topic, entry.version, entry.tenant_id) == ("scheduling.UnitOpened", 1, TENANT)
    assert entry.command_id == append.stamp.command_id
    assert entry.metadata == {
        "command": "Test",
        "actor": str(COORDINATOR.account_id),
        "request_id": append.stamp.request_id,
        "correlation_id": append.stamp.correlation_id,
        "causation_id": None,
    }
    assert entry.recorded_at.tzinfo is not None


async def test_what_arrives_together_is_stored_together(writer, connection, batches):
    positions = await all_of(writer, *(append_of(unit()) for _ in range(50)))
    assert positions == list(range(1, 51))
    assert sum(batches) == 50
    assert len(batches) <= 2
    recorded = {entry.recorded_at for entry in await read_after(connection, 0, 100)}
    assert len(recorded) == len(batches)


async def test_a_batch_is_not_endless(writer, batches, monkeypatch):
    monkeypatch.setattr(group_commit, "BATCH", 4)
    await all_of(writer, *(append_of(unit()) for _ in range(10)))
    assert batches == [4, 4, 2]


async def test_one_stale_command_fails_alone(writer, connection, batches):
    hers = agenda()
    await writer.append(append_of(hers))
    stale = agenda()
    stale.pending_events.clear()
    await writer.append(append_of(booked(hers, SHIFT, MORNING)))
    results = await all_of(
        writer,
        append_of(unit()),
        append_of(booked(stale, OTHER, EVENING)),
        append_of(unit()),
    )
    assert kinds(results) == [3, VersionConflict, 4]
    assert batches == [1, 1, 3]
    assert [entry.version for entry in await history_of(connection, hers.id)] == [1, 2]


async def test_of_two_in_one_batch_the_first_wins(writer, batches):
    ana, her_double = person(ANA), person(ANA)
    results = await all_of(writer, append_of(ana), append_of(her_double), append_of(unit()))
    assert kinds(results) == [1, VersionConflict, 2]
    assert batches == [3]


async def test_a_command_that_fails_stores_nothing_at_all(writer, connection):
    await writer.append(append_of(person(ANA)))
    newcomer = unit()
    results = await all_of(writer, append_of(newcomer, person(ANA)))
    assert kinds(results) == [VersionConflict]
    assert await history_of(connection, newcomer.id) == []


async def test_what_was_read_must_still_be_so(writer):
    ana = person(ANA)
    await writer.append(append_of(ana))
    seen = version_of(ana)
    with happening_at(NOW):
        ana.deactivate()
    await writer.append(append_of(ana))
    with pytest.raises(VersionConflict):
        await writer.append(append_of(unit(), reads=[seen]))
    assert await writer.append(append_of(unit(), reads=[version_of(ana)])) == 3


async def test_reads_are_guarded_within_a_batch_too(writer, batches):
    ana = person(ANA)
    await writer.append(append_of(ana))
    seen = version_of(ana)
    with happening_at(NOW):
        ana.deactivate()
    before, change, after = (
        append_of(unit(), reads=[seen]),
        append_of(ana),
        append_of(unit(), reads=[seen]),
    )
    assert kinds(await all_of(writer, before, change, after)) == [2, 3, VersionConflict]
    assert batches == [1, 3]


async def test_a_commands_own_changes_do_not_stand_against_its_reads(writer):
    ana = person(ANA)
    await writer.append(append_of(ana))
    seen = version_of(ana)
    with happening_at(NOW):
        ana.deactivate()
    assert await writer.append(append_of(ana, reads=[seen])) == 2


async def test_what_is_not_there_can_not_be_newer(writer):
    nothing = Version(type(unit()), UUID(int=7), 0)
    assert await writer.append(append_of(unit(), reads=[nothing])) == 1


async def test_a_key_is_stored_with_its_command(writer, connection):
    ward = unit()
    await writer.append(append_of(ward, key=KEY))
    cursor = await connection.execute("SELECT key, fingerprint, answer FROM idempotency_keys")
    assert await cursor.fetchall() == [
        (
            "monday",
            KEY.fingerprint.hex(),
            {"many": False, "versions": [["scheduling.Unit", str(ward.id), 1]]},
        )
    ]


async def test_a_key_is_taken_once(writer):
    await writer.append(append_of(unit(), key=KEY))
    with pytest.raises(KeyTaken):
        await writer.append(append_of(unit(), key=KEY))
    assert await writer.append(append_of(unit())) == 2


async def test_a_key_is_taken_once_within_a_batch(writer, connection):
    appends = [append_of(unit(), key=KEY), append_of(unit(), key=KEY), append_of(unit())]
    assert kinds(await all_of(writer, *appends)) == [1, KeyTaken, 2]
    cursor = await connection.execute("SELECT position FROM idempotency_keys")
    assert await cursor.fetchall() == [(1,)]


async def test_a_conflict_takes_no_key(writer, connection):
    await writer.append(append_of(person(ANA)))
    with pytest.raises(VersionConflict):
        await writer.append(append_of(person(ANA), key=KEY))
    cursor = await connection.execute("SELECT count(*) FROM idempotency_keys")
    assert await cursor.fetchone() == (0,)


async def test_an_answer_lost_after_the_commit_is_found_again(database_url, mapper, connection):
    async with wire(database_url) as line, writing(line.url, mapper) as writer:
        await writer.append(append_of(unit()))
        line.lose_the_answer_to(b"The lost ward")
        lost = unit("The lost ward")
        assert await writer.append(append_of(lost)) == 2
        assert line.connections == 2
    assert len(await history_of(connection, lost.id)) == 1
    assert len(await read_after(connection, 0, 10)) == 2


async def test_a_key_whose_answer_was_lost_is_not_taken_by_somebody_else(database_url, mapper):
    async with wire(database_url) as line, writing(line.url, mapper) as writer:
        line.lose_the_answer_to(b"The lost ward")
        assert await writer.append(append_of(unit("The lost ward"), key=KEY)) == 1


async def test_only_the_lost_commands_own_echo_is_forgiven(database_url, mapper):
    async with wire(database_url) as line, writing(line.url, mapper) as writer:
        await writer.append(append_of(person(ANA)))
        line.lose_the_answer_to(b"The lost ward")
        results = await all_of(
            writer, append_of(unit("The lost ward")), append_of(person(ANA)), append_of(unit())
        )
    assert kinds(results) == [2, VersionConflict, 3]


async def test_losing_the_line_again_while_looking_for_the_answer(database_url, mapper):
    async with wire(database_url) as line, writing(line.url, mapper) as writer:
        line.lose_the_answer_to(b"The lost ward", b"max(notification_id)")
        async with asyncio.timeout(5):
            assert await writer.append(append_of(unit("The lost ward"))) == 1
            assert await writer.append(append_of(unit())) == 2
        assert line.has_lost_all


async def test_a_writer_that_was_thrown_out_comes_back(writer, connection):
    await writer.append(append_of(unit()))
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name = 'opstream writer' AND datname = current_database()"
    )
    assert await writer.append(append_of(unit())) == 2


async def test_whoever_holds_the_log_for_too_long_makes_it_unavailable(
    writer, connection, database_url
):
    async with await psycopg.AsyncConnection.connect(database_url) as holder:
        await holder.execute("SELECT pg_advisory_lock(hashtext('opstream.append'))")
        started = monotonic()
        results = await all_of(writer, append_of(unit()), append_of(unit()))
        assert kinds(results) == [Unavailable, Unavailable]
        assert monotonic() - started > 1
    assert await read_after(connection, 0, 10) == []
    assert await writer.append(append_of(unit())) == 1


async def test_a_full_queue_refuses_at_once(database_url, mapper, monkeypatch):
    monkeypatch.setattr(group_commit, "QUEUE", 2)
    idle = GroupCommit(database_url, mapper)
    results = asyncio.gather(
        *(idle.append(append_of(unit())) for _ in range(3)), return_exceptions=True
    )
    await asyncio.sleep(0)
    await idle.start()
    assert kinds(await results) == [1, 2, Unavailable]
    await idle.stop()


async def test_who_has_given_up_is_not_stored(database_url, mapper, connection):
    idle = GroupCommit(database_url, mapper)
    impatient = asyncio.create_task(idle.append(append_of(unit("Given up"))))
    patient = asyncio.create_task(idle.append(append_of(unit("Wanted"))))
    await asyncio.sleep(0)
    impatient.cancel()
    await idle.start()
    assert await patient == 1
    await idle.stop()
    assert len(await read_after(connection, 0, 10)) == 1


async def test_stopping_lets_what_is_under_way_finish(database_url, mapper):
    async with writing(database_url, mapper) as writer:
        under_way = asyncio.create_task(writer.append(append_of(unit())))
        await asyncio.sleep(0)
    assert await under_way == 1


@pytest.mark.parametrize("value", ["\x00", "\ud800"], ids=["for Postgres", "for JSON"])
async def test_what_is_no_text_fails_alone(writer, value, batches):
    bad = append_of(unit())
    bad = replace(bad, stamp=replace(bad.stamp, request_id=value))
    results = await all_of(writer, append_of(unit()), bad, append_of(unit()))
    assert kinds(results) == [1, Unavailable, 2]
    assert batches == [3, 1, 1, 1]


async def test_a_writer_that_fails_in_itself_goes_on(writer, monkeypatch):
    store = GroupCommit._store

    async def fail(*_):
        monkeypatch.setattr(GroupCommit, "_store", store)
        raise RuntimeError(MARKER)

    monkeypatch.setattr(GroupCommit, "_store", fail)
    with logged() as lines:
        assert kinds(await all_of(writer, append_of(unit()))) == [Unavailable]
        assert await writer.append(append_of(unit())) == 1
    assert lines == [
        {"event": "append.writer_failed", "log_level": "error", "error": "RuntimeError"}
    ]


async def test_without_a_database_a_command_is_told_in_time(mapper, monkeypatch):
    monkeypatch.setattr(group_commit, "PATIENCE", 0.2)
    async with writing("postgresql://127.0.0.1:1/nowhere", mapper) as writer:
        started = monotonic()
        results = await all_of(writer, append_of(unit()), append_of(unit()))
        assert kinds(results) == [Unavailable, Unavailable]
        assert monotonic() - started > 0.15


async def test_stopping_does_not_wait_for_ever(mapper, monkeypatch):
    monkeypatch.setattr(group_commit, "STOP_WITHIN", 0.1)
    async with writing("postgresql://127.0.0.1:1/nowhere", mapper) as writer:
        waiting = asyncio.create_task(writer.append(append_of(unit())))
        await asyncio.sleep(0.05)
    with pytest.raises(Unavailable):
        await waiting


async def test_a_refused_append_leaves_nothing_of_its_values_in_the_log(writer, connection):
    """Postgres quotes the row that it refuses, and the parameters, in what it says."""
    await connection.execute(
        "ALTER TABLE stored_events ADD CONSTRAINT no_wards CHECK (topic <> 'scheduling.UnitOpened')"
    )
    with logged() as lines:
        assert kinds(await all_of(writer, append_of(unit(MARKER)))) == [Unavailable]
    (line,) = [line for line in lines if line["event"] == "append.refused"]
    assert line["error"] == "CheckViolation 23514"
    assert MARKER not in str(lines)


async def test_a_lost_line_is_told_by_the_kind_of_error(database_url, mapper):
    async with wire(database_url) as line, writing(line.url, mapper) as writer:
        line.lose_the_answer_to(MARKER.encode())
        with logged() as lines:
            assert await writer.append(append_of(unit(MARKER))) == 1
    assert [line["event"] for line in lines] == ["append.connection_lost"]
    assert lines[0]["error"].startswith("OperationalError")
    assert MARKER not in str(lines)
