"""migrate, replay, verify and rebuild, on a real database that somebody works with meanwhile."""

import asyncio
import json

import psycopg
import pytest

from domain.shared.ids import PLATFORM
from infrastructure.event_store.mapper import EventMapper
from infrastructure.event_store.reader import read_after
from infrastructure.nats.cloud_events import decode, encode
from infrastructure.nats.consumer import checkpoint_of
from infrastructure.postgres.audit import AuditWriter
from infrastructure.postgres.audit_check import CONSUMER
from infrastructure.registry import read_models
from projections.scheduling import shifts
from tests.support.api import a_person, a_shift, running_api

SHIFTS = shifts.model.schema
TAMPERED = f"UPDATE {SHIFTS}.shifts SET headcount = headcount + 7"


@pytest.fixture
async def api(database_url, tmp_path):
    """With one shift, and a person assigned to it."""
    async with running_api(database_url, tmp_path / "data") as api:
        api.person_id = await a_person(api)
        api.shift_id = await a_shift(api, None, api.person_id)
        yield api


@pytest.fixture
def run(opstream, database_url):
    """The command in a thread, so that the projector goes on."""

    async def running(*arguments):
        return await asyncio.to_thread(opstream, *arguments, DATABASE_URL=database_url)

    return running


async def execute(database_url, *statements):
    """As somebody who may do everything to the database."""
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        for statement in statements:
            await connection.execute(statement)


async def write_the_audit_trail(database_url):
    """What the audit consumer does of what NATS delivers."""
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        entries = await read_after(connection, 0, 1000)
        delivered = [decode(encode(entry, 1_000_000)) for entry in entries]
        await AuditWriter(EventMapper())(connection, delivered)
        await connection.execute(
            "INSERT INTO checkpoints (name, position) VALUES (%s, %s)",
            (checkpoint_of(CONSUMER), entries[-1].position),
        )
        return len(entries)


async def test_migrate_brings_an_empty_database_up_to_date_and_then_does_nothing(run, database_url):
    await execute(database_url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    first, again = await run("migrate"), await run("migrate")
    assert (first.code, again.code) == (0, 0)
    assert first.out.startswith("empty -> ")
    newest = first.out.split()[-1]
    assert again.out == f"up to date ({newest})\n"


@pytest.mark.parametrize("command", ["verify", "rebuild"])
async def test_a_database_that_was_never_migrated(command, run, database_url):
    await execute(database_url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    ended = await run(command)
    assert ended.code == 2
    assert ended.err == (
        "opstream: The database has no tables of opstream; run `opstream migrate` first.\n"
    )


@pytest.mark.parametrize("command", ["verify", "rebuild"])
async def test_a_database_that_no_worker_has_seen(command, run):
    ended = await run(command)
    assert ended.code == 2
    assert ended.err.startswith("opstream: No worker has filled read model ")
    assert len(ended.err.splitlines()) == 1


@pytest.mark.usefixtures("api")
async def test_verify_of_a_clean_system(run, database_url):
    entries = await write_the_audit_trail(database_url)
    ended = await run("verify")
    told = ended.out.splitlines()
    assert ended.code == 0, ended.out + ended.err
    assert len(told) == len(read_models()) + 2
    assert told[0] == "verified checkpoints: none yet, a worker's sealer makes them"
    assert all("all as the log says" in line for line in told[1:-1])
    assert f"audit trail: {entries} rows" in told[-1]


@pytest.mark.usefixtures("api")
async def test_verify_tells_the_row_that_was_tampered_with(run, database_url):
    await execute(database_url, TAMPERED)
    ended = await run("verify")
    assert ended.code == 1
    assert f"verified {shifts.model.name}: " in ended.out
    assert "1 row differs" in ended.out
    live, log = (line for line in ended.out.splitlines() if "shifts, only in" in line)
    assert "only in live" in live
    assert json.loads(live.partition(": ")[2])["headcount"] == 8
    assert "only in log" in log
    assert json.loads(log.partition(": ")[2])["headcount"] == 1


@pytest.mark.usefixtures("api")
async def test_verify_tells_what_is_parked(run, database_url):
    await write_the_audit_trail(database_url)
    parked = (
        f"INSERT INTO parked_events SELECT '{shifts.model.checkpoint}', n, gen_random_uuid(), "
        "'scheduling.ShiftDrafted', 'ArithmeticError(''[poison]'')' FROM generate_series(1, 7) n"
    )
    message = "INSERT INTO parked_messages VALUES ('audit', 2, 'x.Y', 'KeyError(''id'')')"
    of_another_version = (
        "INSERT INTO parked_events VALUES ('read model old v0', 1, gen_random_uuid(), 'x.Y', 'E')"
    )
    await execute(database_url, of_another_version)
    assert (await run("verify")).code == 0
    await execute(database_url, parked, message)
    ended = await run("verify")
    told = ended.out.splitlines()[1 + len(read_models()) : -1]
    assert ended.code == 1
    assert told == [
        "parked by read models: 7",
        *(
            f"  {shifts.model.checkpoint}, position {n}, scheduling.ShiftDrafted: ArithmeticError"
            for n in range(1, 6)
        ),
        "parked by consumers: 1",
        "  audit, position 2, x.Y: KeyError",
    ]


@pytest.mark.usefixtures("api")
async def test_verify_tells_where_the_audit_trail_was_tampered_with(run, database_url):
    await write_the_audit_trail(database_url)
    await execute(
        database_url,
        "SET session_replication_role = replica",
        f"UPDATE audit_trail SET actor = '{PLATFORM}', command = 'Nothing' WHERE position = 3",
    )
    ended = await run("verify")
    assert ended.code == 1
    assert "broken at 3" in ended.out.splitlines()[-1]


async def test_rebuild_repairs_a_tampered_row_while_the_projector_runs(api, run, database_url):
    await execute(database_url, TAMPERED)
    ended = await run("rebuild", shifts.model.name)
    assert ended.code == 0
    assert len([line for line in ended.out.splitlines() if line.startswith("replaced ")]) == 1
    assert "1 row differs" in ended.out
    await a_shift(api, None, await a_person(api))
    assert (await api.coordinator.get("/shifts")).json()["items"][0]["headcount"] == 1
    assert (await run("verify")).code == 0


@pytest.mark.usefixtures("api")
async def test_rebuild_of_everything(run):
    ended = await run("rebuild")
    assert ended.code == 0
    assert len(ended.out.splitlines()) == len(read_models())


async def test_rebuild_of_an_unknown_read_model(run):
    ended = await run("rebuild", "cookery")
    assert ended.code == 2
    assert ended.err.startswith("opstream: There is no read model cookery; there are ")


async def test_replay_tells_what_happened_who_did_it_and_what_was_true(api, run):
    ended = await run("replay", api.shift_id)
    assert ended.code == 0
    steps = [line.split() for line in ended.out.splitlines() if not line.startswith(" ")]
    assert [(step[0], step[4]) for step in steps] == [
        ("v1", "scheduling.ShiftDrafted"),
        ("v2", "scheduling.ShiftPublished"),
        ("v3", "scheduling.PersonAssigned"),
    ]
    assert f"by {api.accounts['coordinator']}" in ended.out
    assert f'assignments: {{"{api.person_id}":"pending"}}' in ended.out


async def test_replay_as_json_up_to_a_version(api, run):
    ended = await run("replay", api.shift_id, "--json", "--until", 2)
    steps = [json.loads(line) for line in ended.out.splitlines()]
    assert [step["version"] for step in steps] == [1, 2]
    assert [step["state"]["status"] for step in steps] == ["draft", "published"]
    assert steps[0]["actor"] == str(api.accounts["coordinator"])
    assert steps[0]["command"] == "DraftShift"


async def test_replay_up_to_a_time(api, run):
    before, after = "2000-01-01T00:00:00+00:00", "2199-01-01T00:00:00Z"
    assert (await run("replay", api.shift_id, "--json", "--at", before)).out == ""
    assert len((await run("replay", api.shift_id, "--json", "--at", after)).out.splitlines()) == 3


async def test_replay_of_what_is_not_there(run):
    ended = await run("replay", "00000000-0000-4000-8000-000000000001")
    assert ended.code == 2
    assert "There is no aggregate" in ended.err


async def test_replay_at_no_time(run):
    ended = await run("replay", "00000000-0000-4000-8000-000000000001", "--at", "noon")
    assert ended.code == 2
    assert "is not an ISO 8601 time" in ended.err


async def test_replay_at_a_time_that_could_be_anywhere(run):
    ended = await run("replay", "00000000-0000-4000-8000-000000000001", "--at", "2026-11-20T12:00")
    assert ended.code == 2
    assert "--at 2026-11-20T12:00 has no offset" in ended.err


@pytest.mark.parametrize(
    ("topic", "state", "error"),
    [
        ("scheduling.Unheard", "{}", "UnknownTopicError"),
        ("scheduling.ShiftPublished", "nonsense", "MapperDeserialisationError"),
    ],
    ids=["unknown", "unreadable"],
)
async def test_replay_goes_on_after_an_event_that_can_not_be_read(
    api, run, database_url, topic, state, error
):
    await execute(
        database_url,
        "SET session_replication_role = replica",
        f"UPDATE stored_events SET topic = '{topic}', state = convert_to('{state}', 'UTF8') "
        f"WHERE originator_id = '{api.shift_id}' AND originator_version = 2",
    )
    ended = await run("replay", api.shift_id, "--json")
    assert ended.code == 0, ended.err
    steps = [json.loads(line) for line in ended.out.splitlines()]
    assert [bool(step["state"]) for step in steps] == [True, False, False]
    assert [error in step.get("unreadable", "") for step in steps] == [False, True, False]
    assert f"can't be read: {error}" in (await run("replay", api.shift_id)).out
