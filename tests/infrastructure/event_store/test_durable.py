"""What is acknowledged is on disk, whoever runs the database and however."""

import psycopg
import pytest

from infrastructure.bootstrap import core
from infrastructure.settings import Settings
from tests.infrastructure.event_store.conftest import writing
from tests.support.appends import append_of, unit

DEFAULTS = {"off": "on", "local": "local", "remote_write": "remote_write", "on": "on"} | {
    "remote_apply": "remote_apply"
}


@pytest.fixture(params=DEFAULTS.items(), ids=DEFAULTS)
def wanted(request, database_url):
    """What commits wait for, where the role's default is this."""
    default, wanted = request.param
    name = database_url.rsplit("/", 1)[1]
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            f"ALTER ROLE CURRENT_USER IN DATABASE {name} SET synchronous_commit = {default}"
        )
    return wanted


async def waits_for(connection):
    cursor = await connection.execute("SHOW synchronous_commit")
    return (await cursor.fetchone())[0]


async def test_a_command_is_on_disk_when_it_is_answered(database_url, mapper, wanted):
    async with writing(database_url, mapper) as writer:
        await writer.append(append_of(unit()))
        assert await waits_for(writer._connection) == wanted


async def test_so_is_what_is_remembered_of_a_command_without_events(database_url, tmp_path, wanted):
    settings = Settings(database_url=database_url, data_dir=tmp_path)
    async with core(settings) as parts, parts.log._pool.connection() as connection:
        assert await waits_for(connection) == wanted
