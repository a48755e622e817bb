"""A whole worker, in this process, against the real engines."""

import asyncio
import gc
import os
import signal

import psycopg
import pytest

from infrastructure.nats.consumer import checkpoint_of
from infrastructure.postgres.audit_check import verify_audit
from infrastructure.registry import awaited_read_models, read_models
from infrastructure.settings import Settings, WrongSettingsError
from interfaces.workers.main import ROLES, run_worker
from tests.infrastructure.nats.support import checkpoint, eventually, query, store_people

NAMES = [
    "relay",
    checkpoint_of("audit"),
    checkpoint_of("notifier"),
    *(model.checkpoint for model in read_models()),
]


def all_at(database_url, position):
    return lambda: all(checkpoint(database_url, name) == position for name in NAMES)


async def audit_is_clean(database_url, position):
    rows = query(database_url, "SELECT count(*), max(position) FROM audit_trail")
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        return rows == [(position, position)] and await verify_audit(connection) is None


async def test_everything_follows_the_log(settings, database_url, work):
    async with work(settings):
        last = store_people(database_url, 300)
        await eventually(all_at(database_url, last))
        last = store_people(database_url, 2)
        await eventually(all_at(database_url, last), seconds=2)
    assert await audit_is_clean(database_url, last)
    assert query(database_url, "SELECT count(*) FROM scheduling_people_v3.people") == [(last,)]


async def test_every_part_comes_back_after_its_database_connection_is_cut(
    settings, database_url, work
):
    async with work(settings):
        last = store_people(database_url, 50)
        await eventually(all_at(database_url, last))
        cut = query(
            database_url,
            "SELECT pg_terminate_backend(pid), application_name FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        assert {name for _, name in cut} >= {
            "opstream projector",
            "opstream background",
            "opstream relay",
            "opstream audit",
            "opstream notifier",
            "opstream sender",
            "opstream housekeeping",
            "opstream listens stored_events",
        }
        last = store_people(database_url, 50)
        await eventually(all_at(database_url, last), seconds=5)
        back = "SELECT count(DISTINCT application_name) FROM pg_stat_activity WHERE datname = %s"
        name = database_url.rsplit("/", 1)[1]
        await eventually(lambda: query(database_url, back, (name,))[0][0] >= 7, seconds=5)
    assert await audit_is_clean(database_url, last)


async def test_a_second_worker_stands_by_and_takes_over(settings, database_url, work):
    standby = settings.model_copy(update={"worker_port": None})
    async with work(standby), work(settings) as first:
        last = store_people(database_url, 20)
        await eventually(all_at(database_url, last))
        first.cancel()
        last = store_people(database_url, 20)
        await eventually(all_at(database_url, last), seconds=5)
    assert await audit_is_clean(database_url, last)


async def test_a_worker_runs_only_the_roles_it_is_given(settings, database_url, work):
    async with work(settings, roles=["projector"]):
        last = store_people(database_url, 5)
        await eventually(
            lambda: all(
                checkpoint(database_url, m.checkpoint) == last for m in awaited_read_models()
            )
        )
        names = (
            "SELECT DISTINCT application_name FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY 1"
        )
        its = [("opstream listens stored_events",), ("opstream projector",)]
        # What it hears of news by is connected beside its work.
        await eventually(lambda: query(database_url, names) == its)


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
async def test_it_stops_within_its_time_on_a_signal(settings, database_url, work, signum):
    async with work(settings) as worker:
        last = store_people(database_url, 1)
        await eventually(all_at(database_url, last))
        os.kill(os.getpid(), signum)
        async with asyncio.timeout(4):
            await worker
    # What psycopg was still connecting is nobody's; a process that ends takes it along.
    gc.collect()
    left = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    await eventually(lambda: query(database_url, left) == [(1,)])


async def test_a_role_that_does_not_exist_is_refused(settings):
    with pytest.raises(WrongSettingsError, match="no such role: cook"):
        await run_worker(settings, ["cook"])


@pytest.mark.parametrize("role", sorted(ROLES))
async def test_a_role_without_its_database_is_refused(role):
    with pytest.raises(WrongSettingsError, match="OPSTREAM_DATABASE_URL"):
        await run_worker(Settings(database_url=None), [role])
