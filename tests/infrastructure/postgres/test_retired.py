"""What the code no longer has is dropped, but nothing that anybody may still fold."""

import pytest

from infrastructure.postgres.projector.retired import drop_retired
from projections.read_model import ReadModel
from tests.infrastructure.postgres.models import bookings, popularity
from tests.infrastructure.postgres.test_beside import given_two_agendas, schemas
from tests.infrastructure.postgres.test_projector import booked, folded, parked, position_of
from tests.support.appends import append_of, unit
from tests.support.logs import logged
from tests.support.scheduling import SHIFT

OLD, NEW = bookings(poisoned={SHIFT}), bookings(version=2)
WAS_FOLDED = "UPDATE checkpoints SET updated_at = now() - interval '1 day' * %s WHERE name = %s"


@pytest.fixture
async def both(database_url, mapper, writer, connection):
    """The old version could not take one event; the log went on without it."""
    await given_two_agendas(writer)
    await folded(database_url, mapper, connection, OLD)
    await writer.append(append_of(unit()))
    await folded(database_url, mapper, connection, NEW)
    assert await parked(connection, OLD)


async def age(connection, model, days):
    await connection.execute(WAS_FOLDED, (days, model.checkpoint))


@pytest.mark.usefixtures("both")
async def test_a_version_that_nobody_folds_is_dropped_with_all_it_left(connection):
    await age(connection, OLD, 1.1)
    await age(connection, NEW, 1.1)
    with logged() as lines:
        assert await drop_retired(connection, [NEW]) == 1
    assert [line["read_model"] for line in lines] == [OLD.checkpoint]
    assert await schemas(connection, OLD) == []
    assert await position_of(connection, OLD) is None
    assert await parked(connection, OLD) == []
    assert len(await booked(connection, NEW)) == 2
    assert await drop_retired(connection, [NEW]) == 0


@pytest.mark.usefixtures("both")
async def test_what_the_release_before_may_still_fold_stays(connection):
    await age(connection, OLD, 0.9)
    assert await drop_retired(connection, [NEW]) == 0
    assert await schemas(connection, OLD) == [OLD.schema]


@pytest.mark.usefixtures("both")
async def test_what_a_newer_release_folds_stays_although_the_log_rests(connection):
    await age(connection, OLD, 0.1)
    await age(connection, NEW, 30)
    assert await drop_retired(connection, [OLD]) == 0
    assert len(await booked(connection, NEW)) == 2


async def test_who_follows_the_log_but_is_no_read_model_stays(writer, connection):
    await given_two_agendas(writer)
    await connection.execute("INSERT INTO checkpoints VALUES ('consumer x', 0, '2026-01-01')")
    assert await drop_retired(connection, [popularity()]) == 0


def test_a_read_model_is_known_by_its_checkpoint():
    model = ReadModel("reporting.staffing", version=12)
    named = ReadModel.named(model.checkpoint)
    assert (named.name, named.version, named.schema) == (model.name, 12, model.schema)
