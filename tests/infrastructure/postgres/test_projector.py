"""The projector keeps the read models up with the log, through whatever happens to either."""

import asyncio
import random
from uuid import uuid4

import psycopg
import pytest
from psycopg.rows import dict_row

from domain.scheduling.candidate import Candidate
from domain.scheduling.person import Person, PersonKind, ProfileChange
from domain.scheduling.role import RoleChange
from domain.scheduling.staffing import PlanChange
from domain.scheduling.warnings import Override
from domain.shared.ids import SwapId
from domain.shared.moment import happening_at
from infrastructure import failpoints
from infrastructure.event_store.reader import newest_position, read_after
from infrastructure.postgres.locks import try_hold
from infrastructure.postgres.projector import runner
from infrastructure.postgres.watch import ProjectionWatch
from infrastructure.registry import read_models
from projections.fold import Fact, fold
from projections.rows import Rows
from tests.infrastructure.postgres.conftest import eventually, projecting
from tests.infrastructure.postgres.models import bookings, names, popularity
from tests.support.appends import append_of
from tests.support.events import examples
from tests.support.scheduling import (
    ANA,
    BEN,
    CLEO,
    EVENING,
    FOREIGN,
    MORNING,
    NOBODY,
    NOON,
    NOW,
    OTHER,
    SHIFT,
    TENANT,
    agenda,
    draft,
    euros,
    person,
    published,
    role,
    ward,
)

HERS, HIS, CLEOS = agenda(ANA).id, agenda(BEN).id, agenda(CLEO).id


async def rows_of(connection, model, table):
    cursor = connection.cursor(row_factory=dict_row)
    found = next(known for known in model.tables if known.name == table)
    key = ", ".join(column.name for column in found.primary_key.columns)
    await cursor.execute(f"SELECT * FROM {model.schema}.{table} ORDER BY {key}")
    return await cursor.fetchall()


async def booked(connection, model):
    return {row["agenda_id"]: row["booked"] for row in await rows_of(connection, model, "bookings")}


async def position_of(connection, model):
    cursor = await connection.execute(
        "SELECT position FROM checkpoints WHERE name = %s", (model.checkpoint,)
    )
    row = await cursor.fetchone()
    return row and row[0]


async def parked(connection, model):
    cursor = await connection.execute(
        "SELECT position, originator_id, error FROM parked_events "
        "WHERE read_model = %s ORDER BY position",
        (model.checkpoint,),
    )
    return await cursor.fetchall()


async def caught_up(connection, *models):
    newest = await newest_position(connection)

    async def are_there():
        return {await position_of(connection, model) for model in models} == {newest}

    await eventually(are_there)


async def folded(database_url, mapper, connection, *models):
    """Run a projector until it has caught up, or has died of something."""
    async with projecting(database_url, mapper, *models) as task:
        there = asyncio.create_task(caught_up(connection, *models))
        await asyncio.wait({task, there}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            there.cancel()
            task.result()
        await there


@pytest.fixture
def in_small_batches(monkeypatch):
    monkeypatch.setattr(runner, "BATCH", 3)


async def some_history(writer):
    """Something of everything, in two tenants."""
    nurse, ana = role(rate=euros("24.50")), person(ANA, kind=PersonKind.STAFF)
    for thing in (ward(), nurse, ana, person(BEN, active=False)):
        await writer.append(append_of(thing))
    shift = published(headcount=3, accepted=[ANA], declined=[BEN])
    await writer.append(append_of(shift, agenda(ANA, {SHIFT: MORNING}), agenda(BEN)))
    with happening_at(NOW):
        shift.reassign(ANA, (), to=Candidate(person(CLEO)))
        shift.assign_all([Candidate(person(BEN, cap=1))], Override("Agreed."))
        shift.claim(Candidate(person(ANA)))
        ana.change(ProfileChange(hourly_rate=euros("30")))
        nurse.change(RoleChange(hourly_rate=None))
        shift.reassign(ANA, (), Candidate(person(NOBODY)), swap_id=SwapId(SHIFT))
        nurse.close()
        off = draft(id=uuid4())
        off.change(PlanChange(start=EVENING.start, end=EVENING.end))
        off.publish()
        off.cancel("Nobody comes.", ())
    await writer.append(append_of(shift, ana, nurse, off))
    await writer.append(append_of(draft(EVENING, id=OTHER), person(CLEO), tenant=FOREIGN))


def folded_in_memory(model, entries, mapper):
    facts = [Fact(entry.position, entry.tenant_id, entry.event(mapper)) for entry in entries]
    rows = Rows(model.tables, complete=True)
    fold(model, facts, rows)
    return {table.name: of_table.all() for table, of_table in rows}


@pytest.mark.parametrize("model", read_models(), ids=lambda model: model.name)
@pytest.mark.parametrize("batch", [3, 5000])
async def test_live_equals_the_fold(
    database_url, mapper, writer, connection, model, batch, monkeypatch
):
    monkeypatch.setattr(runner, "BATCH", batch)
    async with projecting(database_url, mapper, model):
        await some_history(writer)
        await caught_up(connection, model)
    entries = await read_after(connection, 0, 1000)
    for table, expected in folded_in_memory(model, entries, mapper).items():
        found = await rows_of(connection, model, table)
        assert sorted(found, key=str) == sorted(expected, key=str)


def test_live_equals_the_fold_of_every_read_model():
    assert len(read_models()) >= 4


async def test_a_read_models_tables_are_made_when_it_is_new(database_url, mapper, connection):
    model = bookings()
    async with projecting(database_url, mapper, model):

        async def is_there():
            return await position_of(connection, model) == 0

        await eventually(is_there)
    assert await rows_of(connection, model, "bookings") == []


async def test_it_goes_on_where_it_was(database_url, mapper, writer, connection):
    model = bookings()
    await writer.append(append_of(hers := agenda(ANA, {SHIFT: MORNING})))
    await folded(database_url, mapper, connection, model)
    with happening_at(NOW):
        hers.book(OTHER, EVENING)
    await writer.append(append_of(hers))
    await folded(database_url, mapper, connection, model)
    assert await booked(connection, model) == {HERS: 2}


@pytest.mark.usefixtures("in_small_batches")
async def test_a_batch_may_end_in_the_middle_of_an_aggregate(
    database_url, mapper, writer, connection
):
    model = bookings()
    periods = {uuid4(): MORNING for _ in range(10)}
    await writer.append(append_of(agenda(ANA, periods), agenda(BEN, periods)))
    await folded(database_url, mapper, connection, model)
    assert await booked(connection, model) == {HERS: 10, HIS: 10}


async def test_rows_belong_to_their_events_tenant(database_url, mapper, writer, connection):
    model = bookings()
    await writer.append(append_of(agenda(ANA)))
    await writer.append(append_of(agenda(BEN), tenant=FOREIGN))
    await folded(database_url, mapper, connection, model)
    rows = await rows_of(connection, model, "bookings")
    assert {row["agenda_id"]: row["tenant_id"] for row in rows} == {HERS: TENANT, HIS: FOREIGN}


async def test_a_row_that_no_event_names_is_looked_for(database_url, mapper, writer, connection):
    model = popularity()
    await writer.append(append_of(agenda(ANA, {SHIFT: MORNING, OTHER: EVENING})))
    await folded(database_url, mapper, connection, model)
    hers = agenda(BEN, {SHIFT: MORNING, OTHER: EVENING})
    with happening_at(NOW):
        hers.release(OTHER)
    await writer.append(append_of(hers))
    await folded(database_url, mapper, connection, model)
    assert await rows_of(connection, model, "shifts") == [{"shift_id": SHIFT, "bookings": 2}]


@pytest.mark.usefixtures("in_small_batches")
async def test_a_new_read_model_catches_up_beside_the_others(
    database_url, mapper, writer, connection
):
    old, new = bookings(), bookings(version=2)
    await writer.append(append_of(agenda(ANA, {uuid4(): MORNING for _ in range(9)})))
    await folded(database_url, mapper, connection, old)
    await writer.append(append_of(agenda(BEN, {SHIFT: MORNING})))
    await folded(database_url, mapper, connection, old, new)
    expected = {HERS: 9, HIS: 1}
    assert await booked(connection, old) == await booked(connection, new) == expected


@pytest.mark.parametrize("batch", [1, 2, 3, 4, 5000])
async def test_an_event_that_a_handler_can_not_take_is_set_aside_and_the_world_goes_on(
    database_url, mapper, writer, connection, batch, monkeypatch
):
    monkeypatch.setattr(runner, "BATCH", batch)
    model = bookings(poisoned=[OTHER])
    hers = agenda(ANA, {SHIFT: MORNING, OTHER: NOON, uuid4(): EVENING})
    await writer.append(append_of(hers, agenda(BEN, {SHIFT: MORNING})))
    await folded(database_url, mapper, connection, model)
    assert await booked(connection, model) == {HERS: 1, HIS: 1}
    poison = "ArithmeticError('this shift is poison')"
    assert await parked(connection, model) == [(3, HERS, poison), (4, HERS, poison)]


async def test_what_is_set_aside_stays_so_in_the_next_process(
    database_url, mapper, writer, connection
):
    model = bookings(poisoned=[OTHER])
    await writer.append(append_of(hers := agenda(ANA, {OTHER: NOON})))
    await folded(database_url, mapper, connection, model)
    with happening_at(NOW):
        hers.book(SHIFT, MORNING)
    await writer.append(append_of(hers))
    await folded(database_url, mapper, connection, bookings())
    assert await booked(connection, model) == {HERS: 0}
    assert [position for position, *_ in await parked(connection, model)] == [2, 3]


async def test_one_read_models_poison_is_not_anothers(database_url, mapper, writer, connection):
    poisoned, healthy = bookings("test.poisoned", poisoned=[OTHER]), bookings("test.healthy")
    await writer.append(append_of(agenda(ANA, {OTHER: NOON})))
    await folded(database_url, mapper, connection, poisoned, healthy)
    assert await booked(connection, poisoned) == {HERS: 0}
    assert await booked(connection, healthy) == {HERS: 1}
    assert await parked(connection, healthy) == []


@pytest.mark.parametrize(
    ("topic", "state", "error"),
    [
        ("scheduling.Unheard", "{}", "UnknownTopicError"),
        ("scheduling.AgendaBooked", "nonsense", "MapperDeserialisationError"),
    ],
    ids=["unknown", "unreadable"],
)
async def test_an_event_that_can_not_be_read_is_set_aside_with_what_follows(
    database_url, mapper, writer, connection, topic, state, error
):
    model = bookings()
    hers = agenda(ANA, {SHIFT: MORNING, OTHER: NOON, uuid4(): EVENING})
    append = append_of(hers)
    await writer.append(append_of_events(append, append.events[:2]))
    await store_raw(connection, HERS, 3, topic, state)
    await writer.append(append_of_events(append, append.events[3:]))
    await writer.append(append_of(agenda(BEN, {SHIFT: MORNING})))
    await folded(database_url, mapper, connection, model)
    assert await booked(connection, model) == {HERS: 1, HIS: 1}
    assert [(row[0], error in row[2]) for row in await parked(connection, model)] == [
        (3, True),
        (4, True),
    ]


def append_of_events(append, events):
    return type(append)(append.stamp, events)


async def store_raw(connection, originator_id, version, topic, state):
    """As a newer opstream, or a hand in the database, might have."""
    await connection.execute(
        "INSERT INTO stored_events SELECT %s, %s, %s, convert_to(%s, 'UTF8'), "
        "max(notification_id) + 1, %s, gen_random_uuid(), '{}', now() FROM stored_events",
        (originator_id, version, topic, state, TENANT),
    )


async def test_what_no_read_model_handles_is_passed(database_url, mapper, writer, connection):
    model = bookings()
    await writer.append(append_of(ward(), person(ANA)))
    await folded(database_url, mapper, connection, model)
    assert await position_of(connection, model) == 2
    assert await parked(connection, model) == []


@pytest.fixture
async def died_halfway(database_url, mapper, writer, connection, monkeypatch):
    """A projector whose connection was killed with its rows written and not committed."""
    model = bookings()
    await writer.append(append_of(hers := agenda(ANA, {SHIFT: MORNING})))
    await folded(database_url, mapper, connection, model)
    with happening_at(NOW):
        hers.book(OTHER, EVENING)
    await writer.append(append_of(hers))
    monkeypatch.setitem(failpoints.PLAN, "mid_flush", "sleep:0.1")
    with pytest.raises(psycopg.OperationalError):
        await kill_while_it_writes(database_url, mapper, connection, model)
    monkeypatch.delitem(failpoints.PLAN, "mid_flush")
    return model


async def kill_while_it_writes(database_url, mapper, connection, model):
    async def has_killed():
        cursor = await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'opstream projector' "
            "AND datname = current_database() AND backend_xid IS NOT NULL"
        )
        return await cursor.fetchone()

    async with projecting(database_url, mapper, model) as task, asyncio.timeout(5):
        await eventually(has_killed)
        await task


async def test_a_batch_that_breaks_off_leaves_rows_and_checkpoint_as_they_were(
    connection, died_halfway
):
    assert await booked(connection, died_halfway) == {HERS: 1}
    assert await position_of(connection, died_halfway) == 2


async def test_a_batch_that_broke_off_is_folded_again_once(
    database_url, mapper, connection, died_halfway
):
    await folded(database_url, mapper, connection, died_halfway)
    assert await booked(connection, died_halfway) == {HERS: 2}
    assert await position_of(connection, died_halfway) == 3


async def test_a_checkpoint_that_a_rebuild_moved_is_where_the_projector_goes_on(
    database_url, mapper, writer, connection
):
    model = bookings()

    async def has_begun():
        return await position_of(connection, model) == 0

    async with projecting(database_url, mapper, model):
        await eventually(has_begun)
        await connection.execute("UPDATE checkpoints SET position = 1")
        await writer.append(append_of(agenda(ANA)))
        await writer.append(append_of(agenda(BEN)))
        await caught_up(connection, model)
    assert await booked(connection, model) == {HIS: 0}


async def test_one_projector_is_active_and_the_next_takes_over(
    database_url, mapper, writer, connection
):
    model = bookings()
    async with projecting(database_url, mapper, model) as second:
        async with projecting(database_url, mapper, model):
            await writer.append(append_of(agenda(ANA)))
            await caught_up(connection, model)
            assert not second.done()
        assert await active_projectors(connection) <= 1
        await writer.append(append_of(agenda(BEN)))
        await caught_up(connection, model)
    assert await booked(connection, model) == {HERS: 0, HIS: 0}


async def active_projectors(connection):
    cursor = await connection.execute(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    return (await cursor.fetchone())[0]


async def test_who_does_not_hold_the_lock_does_not_project(
    database_url, mapper, writer, connection
):
    model = bookings()
    assert await try_hold(connection, "projector")
    async with projecting(database_url, mapper, model):
        await writer.append(append_of(agenda(ANA)))
        await asyncio.sleep(0.1)
        assert await position_of(connection, model) is None


async def test_its_position_is_announced(database_url, mapper, writer):
    async with (
        ProjectionWatch(database_url) as watch,
        projecting(database_url, mapper, bookings()),
    ):

        async def is_heard():
            return watch._listener.connected

        await eventually(is_heard)
        for somebody in (ANA, BEN, CLEO):
            position = await writer.append(append_of(agenda(somebody)))
            assert await watch.reached(position, 2)


async def test_one_in_the_background_follows_beside_it_and_announces_nothing(
    database_url, mapper, writer, connection
):
    model = bookings()
    async with (
        ProjectionWatch(database_url) as watch,
        projecting(database_url, mapper, model, manner=runner.BACKGROUND),
    ):
        assert await try_hold(connection, "projector"), "the other may lead too"
        for somebody in (ANA, BEN):
            position = await writer.append(append_of(agenda(somebody)))

            async def has_come(position=position):
                return await position_of(connection, model) == position

            await eventually(has_come)
        assert watch.position == 0


async def test_it_says_that_it_lives_also_when_nothing_happens(database_url, mapper):
    async with ProjectionWatch(database_url) as watch:
        watch._heard_at = 0
        async with projecting(database_url, mapper, bookings()):

            async def is_up():
                return not watch.is_down

            await eventually(is_up)


def nameless(name):
    with happening_at(NOW):
        return Person(
            id=uuid4(), name=name, email="", kind=PersonKind.STAFF, roles=(), account_id=None
        )


async def test_a_value_that_postgres_has_no_place_for_does_not_stop_the_world(
    database_url, mapper, writer, connection
):
    model = names()
    await writer.append(append_of(nameless("a\x00b")))
    await writer.append(append_of(person(ANA)))
    await folded(database_url, mapper, connection, model)
    rows = await rows_of(connection, model, "names")
    assert [row["name"] for row in rows] == ["Ana"]
    assert len(await parked(connection, model)) == 1


async def test_what_postgres_refuses_is_set_aside_alone_and_in_its_read_model_only(
    database_url, mapper, writer, connection
):
    model, healthy = names(), bookings()
    for name in ("Ana", "a\x00b", unindexable(), "Ben"):
        await writer.append(append_of(nameless(name)))
    await writer.append(append_of(agenda(ANA, {SHIFT: MORNING})))
    await folded(database_url, mapper, connection, model, healthy)
    assert {row["name"] for row in await rows_of(connection, model, "names")} == {"Ana", "Ben"}
    assert [position for position, *_ in await parked(connection, model)] == [2, 3]
    assert await booked(connection, healthy) == {HERS: 1}
    assert await parked(connection, healthy) == []


def unindexable():
    """Longer than an index row can be, also compressed."""
    return random.Random(1).randbytes(9000).hex()


async def test_a_read_model_that_is_being_built_is_not_announced_as_there(
    database_url, mapper, writer, connection
):
    old, new = bookings(), bookings(version=2)
    newest = await writer.append(append_of(agenda(ANA, {SHIFT: MORNING})))
    await folded(database_url, mapper, connection, old)
    projector = runner.Projector(database_url, mapper, [old, new])
    await projector._prepare(connection)
    assert await position_of(connection, old) == newest
    assert projector._front() == 0


def test_every_event_of_the_domain_is_in_some_history_here():
    handled = {kind.TOPIC for model in read_models() for kind in model.handlers}
    assert handled <= set(examples())
