"""Eighteen events, their audit trail, and checkpoints of four each."""

from uuid import uuid4

import pytest

from domain.scheduling.shift import Shift
from domain.shared.moment import happening_at
from domain.shared.period import Period
from infrastructure.sealing.file import CheckpointFile
from tests.infrastructure.nats.support import NOW, events_of, person, store
from tests.support.sealing import connect, seal, write_trail

EVENTS = 18


@pytest.fixture
async def connection(database_url):
    """As somebody who may do everything to the database."""
    async with await connect(database_url) as connection:
        await connection.execute("SET session_replication_role = replica")
        yield connection


@pytest.fixture
def file(tmp_path):
    return CheckpointFile(tmp_path / "checkpoints")


@pytest.fixture
async def sealed(database_url, connection, file):
    store(database_url, events_of(a_shift(), *(person(n) for n in range(7))), causation_id="x")
    store(database_url, events_of(a_shift(), *(person(n) for n in range(7))), causation_id="y")
    await write_trail(connection)
    assert await seal(connection, file) == 5
    return file


def a_shift():
    period = Period(NOW, NOW.replace(hour=20))
    with happening_at(NOW):
        shift = Shift(
            id=uuid4(),
            unit_id=uuid4(),
            role="nurse",
            period=period,
            zone="UTC",
            headcount=1,
            notes={},
        )
        shift.publish()
    return shift
