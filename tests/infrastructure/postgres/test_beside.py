"""A read model is built again beside the live one, to compare with it or to replace it."""

import asyncio

import psycopg
import pytest

from domain.shared.errors import Conflict
from domain.shared.moment import happening_at
from domain.shared.period import Month
from infrastructure.postgres.projector import beside
from infrastructure.postgres.projector.beside import Beside, rebuild, verify
from infrastructure.postgres.projector.comparing import Difference
from infrastructure.postgres.projector.decoding import ReadAhead
from tests.infrastructure.postgres.conftest import eventually, projecting
from tests.infrastructure.postgres.models import bookings, names
from tests.infrastructure.postgres.test_projector import (
    HERS,
    HIS,
    booked,
    caught_up,
    folded,
    nameless,
    parked,
    position_of,
    rows_of,
    unindexable,
)
from tests.support.appends import append_of
from tests.support.scheduling import (
    ANA,
    BEN,
    EVENING,
    MORNING,
    NOON,
    NOW,
    OTHER,
    SHIFT,
    TENANT,
    agenda,
)

NEXT_MONTH = Month(2026, 12)
THIRD = type(SHIFT)(int=3)


def silent(_done, _of):
    """Nobody watches the progress."""


async def given_two_agendas(writer):
    await writer.append(append_of(agenda(ANA, {SHIFT: MORNING}), agenda(BEN)))


def row(booked):
    return {"agenda_id": str(HERS), "tenant_id": str(TENANT), "booked": booked}


async def schemas(connection, model):
    cursor = await connection.execute(
        "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s) ORDER BY 1",
        (model.schema,),
    )
    return [name for (name,) in await cursor.fetchall()]


async def test_a_live_read_model_is_what_the_log_says(database_url, mapper, writer, connection):
    model = bookings()
    await given_two_agendas(writer)
    await folded(database_url, mapper, connection, model)
    comparison = await verify(database_url, mapper, model, silent)
    assert (comparison.position, comparison.rows, comparison.differing) == (3, 2, 0)
    assert await schemas(connection, model) == [model.schema]


async def test_a_row_that_differs_is_told_from_both_sides(database_url, mapper, writer, connection):
    model = bookings()
    await given_two_agendas(writer)
    await folded(database_url, mapper, connection, model)
    await connection.execute(
        f"UPDATE {model.schema}.bookings SET booked = 7 WHERE agenda_id = %s", (HERS,)
    )
    comparison = await verify(database_url, mapper, model, silent)
    assert comparison.differences == (
        Difference("bookings", "live", row(booked=7)),
        Difference("bookings", "log", row(booked=1)),
    )
    assert comparison.differing == 1
    assert await booked(connection, model) == {HERS: 7, HIS: 0}


async def test_a_rebuilt_read_model_takes_the_live_ones_place(
    database_url, mapper, writer, connection
):
    model = bookings()
    await given_two_agendas(writer)
    await folded(database_url, mapper, connection, model)
    await connection.execute(f"DELETE FROM {model.schema}.bookings")
    comparison = await rebuild(database_url, mapper, model, silent)
    assert {difference.side for difference in comparison.differences} == {"log"}
    assert await booked(connection, model) == {HERS: 1, HIS: 0}
    assert await schemas(connection, model) == [model.schema]
    await writer.append(append_of(agenda(BEN, {SHIFT: MORNING}, month=NEXT_MONTH)))
    await folded(database_url, mapper, connection, model)
    assert sorted((await booked(connection, model)).values()) == [0, 1, 1]


async def test_what_is_set_aside_makes_no_difference(
    database_url, mapper, writer, connection, monkeypatch
):
    monkeypatch.setattr("infrastructure.postgres.projector.runner.BATCH", 2)
    model = bookings(poisoned=[OTHER])
    await writer.append(append_of(agenda(ANA, {SHIFT: MORNING, OTHER: NOON})))
    await folded(database_url, mapper, connection, model)
    comparison = await verify(database_url, mapper, model, silent)
    assert comparison.differences == ()
    assert len(await parked(connection, model)) == 1


async def test_a_handler_that_was_mended_takes_what_was_set_aside(
    database_url, mapper, writer, connection
):
    await writer.append(append_of(agenda(ANA, {OTHER: NOON, SHIFT: MORNING})))
    await folded(database_url, mapper, connection, bookings(poisoned=[OTHER]))
    mended = bookings()
    await rebuild(database_url, mapper, mended, silent)
    assert await booked(connection, mended) == {HERS: 2}
    assert await parked(connection, mended) == []


async def test_a_running_projector_goes_on_with_what_was_rebuilt(
    database_url, mapper, writer, connection
):
    hers = agenda(ANA, {OTHER: NOON, SHIFT: MORNING})
    await writer.append(append_of(hers))
    await folded(database_url, mapper, connection, bookings(poisoned=[OTHER]))
    mended = bookings()
    async with projecting(database_url, mapper, mended):
        await writer.append(append_of(agenda(BEN)))
        await caught_up(connection, mended)
        await rebuild(database_url, mapper, mended, silent)
        with happening_at(NOW):
            hers.book(THIRD, EVENING)
        await writer.append(append_of(hers))
        await caught_up(connection, mended)
    assert await booked(connection, mended) == {HERS: 3, HIS: 0}
    assert await parked(connection, mended) == []


async def test_a_projector_that_writes_meanwhile_waits_and_goes_on(
    database_url, mapper, writer, connection
):
    model = bookings()
    await given_two_agendas(writer)
    async with projecting(database_url, mapper, model) as projector:
        await caught_up(connection, model)

        async def waits():
            cursor = await connection.execute(
                "SELECT FROM pg_stat_activity WHERE datname = current_database() "
                "AND application_name = 'opstream projector' AND wait_event_type = 'Lock'"
            )
            return cursor.rowcount > 0

        async with (
            Beside.built(database_url, mapper, model, "next", silent) as building,
            building.holding_live_still(),
        ):
            later = agenda(ANA, {OTHER: NOON}, month=NEXT_MONTH)
            await writer.append(append_of(later))
            await eventually(waits)
            await building.replace_live()
        await caught_up(connection, model)
        assert not projector.done()
    assert await booked(connection, model) == {HERS: 1, HIS: 0, later.id: 1}


async def given_a_projector_that_is_behind(database_url, mapper, writer, connection, model):
    """It has folded two agendas and not what came then."""
    await given_two_agendas(writer)
    await folded(database_url, mapper, connection, model)
    later = agenda(ANA, {OTHER: NOON, SHIFT: MORNING}, month=NEXT_MONTH)
    return later.id, await writer.append(append_of(later))


async def test_what_a_projector_that_is_behind_has_not_folded_yet_is_no_difference(
    database_url, mapper, writer, connection
):
    model = bookings()
    await given_a_projector_that_is_behind(database_url, mapper, writer, connection, model)
    comparison = await verify(database_url, mapper, model, silent)
    assert (comparison.position, comparison.rows, comparison.differing) == (3, 2, 0)


async def test_nothing_is_folded_twice_after_a_rebuild_while_the_projector_was_down(
    database_url, mapper, writer, connection
):
    model = bookings()
    later, newest = await given_a_projector_that_is_behind(
        database_url, mapper, writer, connection, model
    )
    comparison = await rebuild(database_url, mapper, model, silent)
    assert comparison.differing == 0
    assert await position_of(connection, model) == newest
    await writer.append(append_of(agenda(BEN, month=NEXT_MONTH)))
    await folded(database_url, mapper, connection, model)
    assert (await booked(connection, model))[later] == 2
    assert (await verify(database_url, mapper, model, silent)).differing == 0


@pytest.fixture
def gate(monkeypatch):
    """Before which a projector stands still while it is closed."""
    gate, after = asyncio.Event(), ReadAhead.after
    gate.set()

    async def after_the_gate(self, connection, position):
        await gate.wait()
        return await after(self, connection, position)

    monkeypatch.setattr(ReadAhead, "after", after_the_gate)
    return gate


async def closed(gate):
    gate.clear()

    async def somebody_waits():
        return bool(gate._waiters)

    await eventually(somebody_waits)


async def test_nothing_is_folded_twice_by_a_projector_that_was_held_up_meanwhile(
    database_url, mapper, writer, connection, gate
):
    model = bookings()
    await writer.append(append_of(hers := agenda(ANA, {SHIFT: MORNING})))
    async with projecting(database_url, mapper, model):
        await caught_up(connection, model)
        await closed(gate)
        with happening_at(NOW):
            hers.book(OTHER, NOON)
        await writer.append(append_of(hers))
        await rebuild(database_url, mapper, model, silent)
        await writer.append(append_of(agenda(BEN, month=NEXT_MONTH)))
        gate.set()
        await caught_up(connection, model)
    assert (await booked(connection, model))[HERS] == 2


async def test_a_switch_that_came_to_nothing_leaves_no_gap(
    database_url, mapper, writer, connection
):
    model = bookings()
    await given_two_agendas(writer)
    await folded(database_url, mapper, connection, model)
    async with Beside.built(database_url, mapper, model, "next", silent) as building:
        later = agenda(ANA, {OTHER: NOON}, month=NEXT_MONTH)
        await writer.append(append_of(later))
        await folded(database_url, mapper, connection, model)
        with pytest.raises(ZeroDivisionError):
            await switch_and_fail(building)
        async with building.holding_live_still():
            await building.replace_live()
    assert await booked(connection, model) == {HERS: 1, HIS: 0, later.id: 1}


async def switch_and_fail(building):
    async with building.holding_live_still():
        await building.replace_live()
        raise ZeroDivisionError


@pytest.mark.parametrize(("work", "suffix"), [(rebuild, "next"), (verify, "verify")])
async def test_of_two_that_do_the_same_the_second_is_told(
    database_url, mapper, writer, connection, work, suffix
):
    model = bookings()
    await given_two_agendas(writer)
    await folded(database_url, mapper, connection, model)
    async with Beside.built(database_url, mapper, model, suffix, silent) as first:
        with pytest.raises(Conflict, match=r"Another `opstream` does that to test\.bookings"):
            await work(database_url, mapper, model, silent)
        assert await schemas(connection, model) == [model.schema, first.tables.schema]
    await work(database_url, mapper, model, silent)


async def test_what_postgres_refuses_is_set_aside_beside_as_it_is_live(
    database_url, mapper, writer, connection
):
    model = names()
    for name in ("Ana", "a\x00b", unindexable(), "Ben"):
        await writer.append(append_of(nameless(name)))
    await folded(database_url, mapper, connection, model)
    before = await parked(connection, model)
    assert (await verify(database_url, mapper, model, silent)).differing == 0
    await rebuild(database_url, mapper, model, silent)
    assert await parked(connection, model) == before
    assert [position for position, *_ in before] == [2, 3]
    assert len(await rows_of(connection, model, "names")) == 2


async def test_all_rows_that_differ_are_counted_and_the_first_are_shown(
    database_url, mapper, writer, connection
):
    model = bookings()
    months = [Month(2026 + number // 12, 1 + number % 12) for number in range(30)]
    await writer.append(append_of(*(agenda(ANA, month=month) for month in months)))
    await folded(database_url, mapper, connection, model)
    await connection.execute(f"UPDATE {model.schema}.bookings SET booked = 7")
    comparison = await verify(database_url, mapper, model, silent)
    assert comparison.differing == 30
    shown = [difference.row["agenda_id"] for difference in comparison.differences]
    assert len(shown) == 40
    assert shown == sorted(shown)


async def test_a_switch_waits_for_readers(database_url, mapper, writer, connection, monkeypatch):
    model = bookings()
    later, _ = await given_a_projector_that_is_behind(
        database_url, mapper, writer, connection, model
    )
    async with await psycopg.AsyncConnection.connect(database_url) as reader:
        await reader.execute(f"SELECT FROM {model.schema}.bookings")
        monkeypatch.setattr(beside, "_TRIES", 1)
        with pytest.raises(Conflict, match="too busy to be replaced"):
            await rebuild(database_url, mapper, model, silent)
        monkeypatch.setattr(beside, "_TRIES", 2)
        rebuilding = asyncio.create_task(rebuild(database_url, mapper, model, silent))
        await asyncio.sleep(2.3)
    await rebuilding
    assert (await booked(connection, model))[later] == 2
