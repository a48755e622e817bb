"""``opstream verify`` and ``opstream checkpoints`` on a database that somebody tampers with."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from infrastructure.sealing.file import CheckpointFile
from infrastructure.sealing.keys import checkpoint_key
from infrastructure.settings import Settings
from tests.support.api import a_person, a_shift, running_api
from tests.support.sealing import connect, seal, write_trail

GOOD = "everything as it was signed"


@pytest.fixture
def data_dir(tmp_path):
    return tmp_path / "data"


@pytest.fixture
async def sealed(database_url, data_dir):
    """A shift and a person, in log, read models, trail and checkpoints; nothing runs any more."""
    async with running_api(database_url, data_dir) as api:
        await a_shift(api, None, await a_person(api))
    settings = Settings(data_dir=data_dir)
    async with tampering(database_url) as connection:
        await write_trail(connection)
        await seal(connection, CheckpointFile(settings.checkpoints), key=checkpoint_key(settings))
    return settings


@pytest.fixture
def run(opstream, database_url, data_dir):
    async def running(*arguments, **settings):
        return await asyncio.to_thread(
            opstream, *arguments, DATABASE_URL=database_url, DATA_DIR=data_dir, **settings
        )

    return running


@asynccontextmanager
async def tampering(database_url):
    """As somebody who may do everything to the database."""
    async with await connect(database_url) as connection:
        await connection.execute("SET session_replication_role = replica")
        yield connection


async def kept(run, tmp_path):
    """Copies of all checkpoints and of the public key, as somebody keeps them elsewhere."""
    copy, key = tmp_path / "kept.jsonl", tmp_path / "key.json"
    copy.write_text((await run("checkpoints")).out)
    key.write_text((await run("checkpoints", "--public-key")).out)
    return "--checkpoints", copy, "--public-key", key


@pytest.mark.usefixtures("sealed")
async def test_what_was_not_tampered_with_is_clean(run, tmp_path):
    witnesses = await kept(run, tmp_path)
    for arguments in ((), witnesses, witnesses[:2], witnesses[2:]):
        ended = await run("verify", *arguments)
        assert ended.code == 0, ended.out + ended.err
        assert ended.out.splitlines()[0].endswith(GOOD)


NULL_IS_ALLOWED = "ALTER TABLE stored_events ALTER topic DROP NOT NULL"
TAMPERED = {
    "a changed event": (
        "UPDATE stored_events SET state = state || ' ' WHERE notification_id = 3",
        "event log, position 3: was changed since checkpoint 1 was signed",
    ),
    "a time that no client can read": (
        "UPDATE stored_events SET recorded_at = 'infinity' WHERE notification_id = 3",
        "event log, position 3: was changed since checkpoint 1 was signed",
    ),
    "an event of no kind": (
        f"{NULL_IS_ALLOWED}; UPDATE stored_events SET topic = NULL WHERE notification_id = 12",
        "event log, position 12: was changed since checkpoint 3 was signed",
    ),
    "an event left out": (
        "DELETE FROM stored_events WHERE notification_id = 3",
        "event log, position 3: is missing since checkpoint 1 was signed",
    ),
    "the log cut off": (
        "DELETE FROM stored_events WHERE notification_id > 3",
        "event log, position 4: everything from here on is missing since checkpoint 1 was signed",
    ),
    "a changed trail": (
        "UPDATE audit_trail SET after = 'null' WHERE position = 3",
        "audit trail, position 3: was changed since checkpoint 1 was signed",
    ),
    "the trail cut off": (
        "DELETE FROM audit_trail WHERE position > 3",
        "audit trail, position 4: everything from here on is missing since checkpoint 1 was signed",
    ),
    "a checkpoint left out": (
        "DELETE FROM signed_checkpoints WHERE number = 2",
        "checkpoints, number 2: is missing",
    ),
    "a forged checkpoint": (
        "UPDATE signed_checkpoints SET line = replace(line, '08:00', '09:00') WHERE number = 2",
        "checkpoints, number 2: has a wrong signature",
    ),
}
TABLES = ("stored_events", "audit_trail", "signed_checkpoints")


@pytest.mark.usefixtures("sealed")
async def test_verify_tells_the_first_that_was_tampered_with(run, database_url):
    async with tampering(database_url) as connection:
        for table in TABLES:
            await connection.execute(f"CREATE TABLE was_{table} AS TABLE {table}")
        for what, (statement, told) in TAMPERED.items():
            await connection.execute(statement)
            ended = await run("verify")
            first, finding, *_ = ended.out.splitlines()
            assert ended.code == 1, what
            assert first.startswith("verified checkpoints: "), what
            assert first.endswith(", broken:"), what
            assert finding.strip().startswith(told), what
            assert "Traceback" not in ended.err, what
            for table in TABLES:
                await connection.execute(f"TRUNCATE {table}")
                await connection.execute(f"INSERT INTO {table} TABLE was_{table}")


async def test_what_was_rewritten_with_file_and_key_is_found_by_a_kept_copy(
    run, database_url, sealed, tmp_path
):
    witnesses = await kept(run, tmp_path)
    (sealed.data_dir / "keys" / "checkpoints.pem").unlink()
    file = CheckpointFile(sealed.checkpoints)
    file.path.unlink()
    async with tampering(database_url) as connection:
        for statement in (
            "DELETE FROM signed_checkpoints",
            "UPDATE stored_events SET state = state || ' ' WHERE notification_id = 3",
        ):
            await connection.execute(statement)
        await seal(connection, file, key=checkpoint_key(sealed))
    assert (await run("verify")).out.splitlines()[0].endswith(GOOD)
    ended = await run("verify", *witnesses)
    assert ended.code == 1
    assert "event log, position 1: this row or one up to position 4 was changed" in ended.out
    assert "copy kept.jsonl, number 1: is another in the database" in ended.out


async def test_the_file_that_is_gone_is_told(run, sealed):
    CheckpointFile(sealed.checkpoints).path.unlink()
    ended = await run("verify")
    assert ended.code == 1
    assert "checkpoints, number 1: is in the database and not in the file" in ended.out


async def test_elsewhere_a_kept_copy_and_the_public_key_are_enough(run, sealed, tmp_path):
    witnesses = await kept(run, tmp_path)
    ended = await run("verify", "--data-dir", tmp_path / "nowhere", *witnesses)
    assert ended.code == 0, ended.out
    assert not (tmp_path / "nowhere").exists()
    ended = await run("verify", "--data-dir", tmp_path / "nowhere", *witnesses[:2])
    assert ended.code == 1
    assert f"is signed by a key that is not known here ({checkpoint_key(sealed).id})" in ended.out


async def test_checkpoints_are_printed_as_they_stand_in_the_file(run, sealed):
    printed = (await run("checkpoints")).out
    assert printed == CheckpointFile(sealed.checkpoints).path.read_text()
    assert (await run("checkpoints", "--since", "2026-11-21T08:00:00Z")).out == printed
    assert (await run("checkpoints", "--since", "2026-11-21T08:00:01Z")).out == ""


async def test_the_public_key_is_printed_as_a_key_set(run, sealed):
    (key,) = json.loads((await run("checkpoints", "--public-key")).out)["keys"]
    assert key["kid"] == checkpoint_key(sealed).id
    assert "d" not in key


@pytest.mark.usefixtures("sealed")
async def test_what_an_operator_can_mend_is_one_line(run, tmp_path):
    (nonsense := tmp_path / "nonsense").write_text("{}\n")
    for arguments, words in {
        ("verify", "--checkpoints", tmp_path / "none"): "No such file or directory",
        ("verify", "--checkpoints", nonsense): "line 1 is not a checkpoint",
        ("verify", "--public-key", nonsense): "holds no keys",
        ("checkpoints", "--since", "noon"): "--since noon is not an ISO 8601 time",
        ("checkpoints", "--public-key", "--data-dir", tmp_path / "nowhere"): "no key here yet",
    }.items():
        ended = await run(*arguments)
        assert ended.code == 2
        assert words in ended.err
        assert len(ended.err.splitlines()) == 1
