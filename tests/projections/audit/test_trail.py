"""The audit trail on Postgres: written from the log, closed to change, and checked."""

from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from domain.scheduling.shift import Shift
from domain.shared.moment import happening_at
from domain.shared.period import Period
from infrastructure.event_store.mapper import EventMapper
from infrastructure.event_store.reader import read_after
from infrastructure.nats.cloud_events import decode, encode
from infrastructure.nats.consumer import checkpoint_of
from infrastructure.postgres.audit import AuditWriter
from infrastructure.postgres.audit_check import verify_audit
from infrastructure.postgres.urls import sqlalchemy_url
from projections.audit.trail import AuditFilter, audit_trail, list_audit
from projections.paging import PageRequest
from tests.infrastructure.nats.support import (
    ACTOR,
    NOW,
    TENANT,
    events_of,
    person,
    query,
    store,
    store_people,
)

DAY = timedelta(days=1)


@pytest.fixture
async def connection(database_url):
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
async def reads(database_url):
    engine = create_async_engine(sqlalchemy_url(database_url))
    async with engine.connect() as connection:
        yield connection
    await engine.dispose()


async def write(connection, *writers, batch=3):
    """Everything of the log into the trail, by several writers in turn."""
    writers = writers or (AuditWriter(EventMapper()),)
    position, turn = 0, 0
    while entries := await read_after(connection, position, batch):
        events = [decode(encode(entry, 10**6)) for entry in entries]
        async with connection.transaction():
            await writers[turn % len(writers)](connection, events)
        position, turn = entries[-1].position, turn + 1
    await connection.execute(
        "INSERT INTO checkpoints (name, position) VALUES (%s, %s)",
        (checkpoint_of("audit"), position),
    )


def shift():
    with happening_at(NOW):
        given = Shift(
            id=uuid4(),
            unit_id=uuid4(),
            role="nurse",
            period=Period(NOW + DAY, NOW + 2 * DAY),
            zone="UTC",
            headcount=1,
            notes={"rate": 1e22, "small": 1e-7, "whole": 5.0, "nul": "a\x00b", "big": 2**70},
        )
        given.publish()
    return given


async def test_each_event_has_a_row_that_tells_who_did_what(database_url, connection, reads):
    given = shift()
    store(database_url, events_of(given), command="PublishShift", causation_id="because")
    await write(connection)
    page = await list_audit(reads, TENANT, AuditFilter(), PageRequest())
    newest, first = page.items
    assert (newest.position, first.position) == (2, 1)
    assert (newest.action, newest.topic) == ("ShiftPublished", "scheduling.ShiftPublished")
    assert (newest.entity, newest.entity_id, newest.entity_version) == ("Shift", given.id, 2)
    assert (newest.actor, newest.command, newest.tenant_id) == (ACTOR, "PublishShift", TENANT)
    assert (newest.request_id, newest.correlation_id) == ("request", "correlation")
    assert newest.causation_id == "because"
    assert newest.occurred_at == NOW
    assert newest.recorded_at == query(database_url, "SELECT recorded_at FROM stored_events")[0][0]
    assert (newest.before, newest.after) == ({"status": "draft"}, {"status": "published"})
    assert first.before is None
    assert first.after["role"] == "nurse"


async def test_histories_are_loaded_when_the_writer_does_not_know_them(database_url, connection):
    """Two writers in turn: each sees only every other batch, as after a change of leader."""
    given = shift()
    with happening_at(NOW):
        for place in range(10):
            given._person_assigned(person_id=person(place).id)
    store(database_url, events_of(given, person()))
    mapper = EventMapper()
    await write(connection, AuditWriter(mapper), AuditWriter(mapper, known=0), batch=2)
    rows = query(database_url, "SELECT before, after FROM audit_trail ORDER BY position")
    assert [row for row in rows[2:12] if row[0] != {"assignments": {}}] == []
    assert [len(row[1]["assignments"]) for row in rows[2:12]] == [1] * 10
    assert rows[12][0] is None
    assert await verify_audit(connection) is None


@pytest.mark.parametrize(
    ("topic", "state", "shown"),
    [
        ("scheduling.PersonForgotten", '{"why": 1.50}', {"why": 1.5}),
        ("scheduling.PersonDeactivated", '{"why": ', '{"why": '),
    ],
)
async def test_an_event_that_can_not_be_read_is_shown_as_it_is_stored(
    database_url, connection, topic, state, shown
):
    given = person()
    store(database_url, events_of(given))
    unknown = (
        "INSERT INTO stored_events SELECT originator_id, 2, %s, convert_to(%s, 'UTF8'), "
        "2, tenant_id, command_id, metadata, recorded_at FROM stored_events"
    )
    await connection.execute(unknown, (topic, state))
    await write(connection)
    row = query(database_url, "SELECT topic, before, after FROM audit_trail")[1]
    assert row == (topic, None, shown)
    assert await verify_audit(connection) is None


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_trail SET command = ''", "DELETE FROM audit_trail", "TRUNCATE audit_trail"],
)
async def test_the_database_refuses_to_change_the_trail(database_url, connection, statement):
    store_people(database_url, 1)
    await write(connection)
    with pytest.raises(psycopg.errors.RestrictViolation):
        query(database_url, statement)
    assert query(database_url, "SELECT count(*) FROM audit_trail") == [(1,)]


OTHERS = ", ".join(column.name for column in audit_trail.columns if column.name != "position")
TAMPERING = {
    "a changed value": ("UPDATE audit_trail SET after = '{}' WHERE position = 4", 4),
    "a changed log": ("UPDATE stored_events SET tenant_id = gen_random_uuid()", 1),
    "a row left out": ("DELETE FROM audit_trail WHERE position = 3", 3),
    "the last row left out": ("DELETE FROM audit_trail WHERE position = 6", 6),
    "a row that never was": (
        f"INSERT INTO audit_trail SELECT 7, {OTHERS} FROM audit_trail WHERE position = 6",
        7,
    ),
    "the log cut off": ("DELETE FROM stored_events WHERE notification_id > 5", 6),
}


@pytest.mark.parametrize("what", TAMPERING)
async def test_the_check_finds(database_url, connection, what):
    statement, position = TAMPERING[what]
    store_people(database_url, 6)
    await write(connection)
    assert await verify_audit(connection) is None
    tamper = f"SET session_replication_role = replica; {statement}"
    query(database_url, tamper)
    assert await verify_audit(connection) == position


async def test_numbers_are_checked_as_the_database_keeps_them(database_url, connection):
    store(database_url, events_of(shift()))
    await write(connection)
    assert await verify_audit(connection) is None


@pytest.mark.parametrize(
    ("wanted", "positions"),
    [
        (AuditFilter(entity="Shift"), [3, 2]),
        (AuditFilter(action="PersonAdded"), [1]),
        (AuditFilter(actor=uuid4()), []),
        (AuditFilter(actor=ACTOR, entity="Person"), [1]),
        (AuditFilter(since=NOW + 10000 * DAY), []),
        (AuditFilter(until=NOW - 10000 * DAY), []),
        (AuditFilter(since=NOW - 10000 * DAY, until=NOW + 10000 * DAY), [3, 2, 1]),
    ],
)
async def test_the_trail_can_be_filtered(database_url, connection, reads, wanted, positions):
    store(database_url, events_of(person(), shift()))
    await write(connection)
    page = await list_audit(reads, TENANT, wanted, PageRequest())
    assert [row.position for row in page.items] == positions
    assert page.total == len(positions)


async def test_a_tenant_sees_its_own_trail_only(database_url, connection, reads):
    ana, ben = person(), person()
    store(database_url, events_of(ana))
    store(database_url, events_of(ben), tenant=(other := uuid4()))
    await write(connection)
    for tenant, entity in ((TENANT, ana), (other, ben)):
        page = await list_audit(reads, tenant, AuditFilter(), PageRequest())
        assert [row.entity_id for row in page.items] == [entity.id]
    page = await list_audit(reads, TENANT, AuditFilter(entity_id=ben.id), PageRequest())
    assert page.items == []


async def test_the_table_is_what_the_queries_think(reads):
    columns = await reads.execute(
        text(
            "SELECT column_name, is_nullable = 'YES' FROM information_schema.columns "
            "WHERE table_name = 'audit_trail' ORDER BY ordinal_position"
        )
    )
    expected = [(column.name, column.nullable) for column in audit_trail.columns]
    assert [tuple(row) for row in columns] == expected
