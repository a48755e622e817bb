"""A read model is built again beside the live one, to compare with it or to replace it."""

from domain.shared.moment import happening_at
from domain.shared.period import Month
from infrastructure.postgres.projector.beside import Difference, rebuild, verify
from tests.infrastructure.postgres.conftest import projecting
from tests.infrastructure.postgres.models import bookings
from tests.infrastructure.postgres.test_projector import (
    HERS,
    HIS,
    booked,
    caught_up,
    folded,
    parked,
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
    assert (comparison.position, comparison.rows, comparison.differences) == (3, 2, ())
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
