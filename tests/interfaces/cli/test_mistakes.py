"""What an operator can mend is told in one line, with exit code 2 and without a traceback."""

import socket
from contextlib import closing

import psycopg
import pytest

from interfaces import starting

NOWHERE = "postgresql://opstream:secret@127.0.0.1:1/opstream"
NATS = "nats://opstream:secret@127.0.0.1:1"
BOTH = {"DATABASE_URL": NOWHERE, "NATS_URL": NATS}

MISTAKES = {
    "api without a database": (["api"], {}, "OPSTREAM_DATABASE_URL is not set"),
    "worker without a database": (["worker"], {"NATS_URL": NATS}, "OPSTREAM_DATABASE_URL"),
    "worker without NATS": (["worker"], {"DATABASE_URL": NOWHERE}, "OPSTREAM_NATS_URL is not set"),
    "verify without a database": (["verify"], {}, "OPSTREAM_DATABASE_URL is not set"),
    "a database of another kind": (
        ["verify"],
        {"DATABASE_URL": "mysql://localhost/opstream"},
        "OPSTREAM_DATABASE_URL must start with postgresql://",
    ),
    "a NATS of another kind": (
        ["worker"],
        {"DATABASE_URL": NOWHERE, "NATS_URL": "amqp://localhost"},
        "OPSTREAM_NATS_URL must start with nats://",
    ),
    "a port that is none": (["serve"], {"PORT": "99999"}, "OPSTREAM_PORT"),
    "a port that is no number": (["serve"], {"PORT": "eighty"}, "OPSTREAM_PORT"),
    "a database that can't be reached": (["verify"], BOTH, "The database can't be reached"),
    "an API without its database": (["api"], BOTH, "The database can't be reached"),
    "migrating nothing": (["migrate"], BOTH, "The database can't be reached"),
    "serving without its database": (["serve"], BOTH, "The database can't be reached"),
    "a worker without its database": (["worker"], BOTH, "The database can't be reached"),
    "one URL of two": (["serve"], {"DATABASE_URL": NOWHERE}, "or neither"),
    "the other URL of two": (["serve"], {"NATS_URL": NATS}, "or neither"),
    "a key that is none": (["api"], BOTH | {"JWT_PRIVATE_KEY": "hush"}, "OPSTREAM_JWT_PRIVATE_KEY"),
    "serving with such a key": (["serve"], {"JWT_PRIVATE_KEY": "hush"}, "OPSTREAM_JWT_PRIVATE_KEY"),
    "an external issuer without keys": (
        ["api"],
        BOTH | {"EXTERNAL_ISSUER": "https://issuer.test"},
        "OPSTREAM_EXTERNAL_ISSUER is set without",
    ),
    "an external secret without an issuer": (
        ["serve"],
        {"EXTERNAL_SECRET": "hush" * 8},
        "is set without OPSTREAM_EXTERNAL_ISSUER",
    ),
    "an external secret that is short": (
        ["api"],
        BOTH | {"EXTERNAL_ISSUER": "https://issuer.test", "EXTERNAL_SECRET": "hush"},
        "OPSTREAM_EXTERNAL_SECRET must have 32 bytes or more",
    ),
    "a rate that is none": (["api"], BOTH | {"LOGIN_RATE": "often"}, "OPSTREAM_LOGIN_RATE"),
    "a provider that apprise does not know": (
        ["worker"],
        BOTH | {"EMAIL_URL": "pigeon://opstream:secret@loft/{to}"},
        "OPSTREAM_EMAIL_URL is not the URL of a provider",
    ),
    "a provider without a place for the recipient": (
        ["serve"],
        {"SMS_URL": "json://opstream:secret@sms.example.org"},
        "OPSTREAM_SMS_URL has no place for the recipient, {to}",
    ),
    "a provider's rate that is none": (["serve"], {"SMS_RATE": "often"}, "OPSTREAM_SMS_RATE"),
    "a store of attempts that is none": (
        ["serve"],
        {"RATE_LIMIT_STORAGE_URL": "async+redis://127.0.0.1"},
        "OPSTREAM_RATE_LIMIT_STORAGE_URL",
    ),
}
each_mistake = pytest.mark.parametrize("mistake", MISTAKES.values(), ids=list(MISTAKES))


@pytest.fixture(scope="module")
def busy_port():
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        yield listening.getsockname()[1]


@pytest.fixture
def free_port():
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        return listening.getsockname()[1]


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    """Nothing comes up later here."""
    monkeypatch.setattr(starting, "PATIENCE", 0.3)


def assert_told_in_one_line(code, err, said):
    assert err.startswith("opstream: "), err
    assert said in err
    assert len(err.splitlines()) == 1, err
    assert code == 2


@each_mistake
def test_a_mistake_is_told_in_one_line_without_secrets(mistake, opstream, free_port):
    arguments, settings, said = mistake
    ended = opstream(*arguments, **{"PORT": free_port, **settings})
    assert_told_in_one_line(ended.code, ended.err, said)
    assert "secret" not in ended.out + ended.err
    assert "hush" not in ended.out + ended.err


def test_a_port_that_somebody_else_listens_on(opstream, busy_port):
    ended = opstream("serve", "--port", busy_port)
    assert_told_in_one_line(ended.code, ended.err, f"Can't listen on 127.0.0.1:{busy_port}")


def test_a_data_folder_that_is_a_file(opstream, tmp_path, free_port):
    (tmp_path / "data").write_text("not a folder")
    ended = opstream("serve", "--data-dir", tmp_path / "data", "--port", free_port)
    assert_told_in_one_line(ended.code, ended.err, str(tmp_path / "data"))


@pytest.mark.parametrize("command", ["api", "worker"])
def test_an_old_database_is_to_be_migrated_first(opstream, database_url, command, free_port):
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    ended = opstream(command, DATABASE_URL=database_url, NATS_URL=NATS, PORT=free_port)
    assert_told_in_one_line(ended.code, ended.err, "run `opstream migrate`")


@pytest.mark.parametrize("module", ["interfaces.http", "interfaces.workers"])
def test_it_is_the_same_for_a_process_that_serve_starts(module_process, database_url, module):
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    ended = module_process(module, DATABASE_URL=database_url, NATS_URL=NATS)
    try:
        _, err = ended.communicate(timeout=30)
    finally:
        ended.kill()
    assert_told_in_one_line(ended.returncode, err, "run `opstream migrate`")


WRONG = {
    "address": ["a" * 4096, "--name", "A"],
    "name": ["a@b.test", "--name", "n" * 4096],
    "tenant": ["a@b.test", "--name", "A", "--tenant", "\udcff"],
}


@pytest.mark.parametrize("arguments", WRONG.values(), ids=list(WRONG))
def test_what_can_not_be_an_account_is_not_stored(opstream, database_url, arguments):
    options = [*arguments, "--role", "admin", "--password", "correct horse battery"]
    ended = opstream("account", *options, DATABASE_URL=database_url)
    assert_told_in_one_line(ended.code, ended.err, ": ")
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM stored_events").fetchone() == (0,)


def test_a_wrong_option_is_a_usage_error(opstream):
    ended = opstream("serve", "--port", "eighty")
    assert ended.code == 2
    assert "--port" in ended.err
    assert "Traceback" not in ended.err


def test_a_process_of_its_own_ends_the_same_way(process, busy_port):
    running = {
        "OPSTREAM_DATABASE_URL is not set": process("verify"),
        "no such role: cook": process("worker", "--only", "cook", **BOTH),
        "The database can't be reached": process("api", **BOTH),
        f"Can't listen on 127.0.0.1:{busy_port}": process("serve", PORT=busy_port),
    }
    for said, each in running.items():
        _, err = each.communicate(timeout=60)
        assert_told_in_one_line(each.returncode, err, said)
