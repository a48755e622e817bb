"""A NATS that can't be worked with stops the start in one line; one that dies later, nobody."""

import asyncio
import re
import socket
import subprocess
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from infrastructure.embedded.binaries import nats_server
from infrastructure.embedded.memory import free_port
from infrastructure.nats import answering
from infrastructure.nats.answering import wait_for_jetstream
from infrastructure.settings import WrongSettingsError
from interfaces import starting
from tests.interfaces.cli.test_mistakes import assert_told_in_one_line

SERVE_AND_WORKER = [
    ("serve", "nobody"),
    ("worker", "nobody"),
    ("worker", "mute"),
    ("worker", "locked"),
    ("worker", "encrypted"),
    ("worker", "without JetStream"),
]


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    monkeypatch.setattr(starting, "PATIENCE", 1.0)


@contextmanager
def running(*flags, port=None):
    """The port of a server with these flags."""
    port = port or free_port()
    command = [str(nats_server()), "-a", "127.0.0.1", "-p", str(port), *map(str, flags)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(command, **quiet)
    try:
        until(lambda: listens(port))
        yield port
    finally:
        server.kill()
        server.wait()


def listens(port):
    with socket.socket() as link:
        return link.connect_ex(("127.0.0.1", port)) == 0


def until(reached, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


@contextmanager
def nobody():
    yield free_port()


@contextmanager
def mute():
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        yield listening.getsockname()[1]


@pytest.fixture
def encrypted(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    sign_oneself(key, certificate)
    flags = ("--tls", "--tlskey", key, "--tlscert", certificate)
    return lambda: running("-js", "-sd", tmp_path, *flags)


def sign_oneself(key, certificate):
    """A certificate that nobody has a reason to believe."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(private, hashes.SHA256())
    )
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    key.write_bytes(private.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    certificate.write_bytes(signed.public_bytes(pem))


@pytest.fixture
def locked(tmp_path):
    return lambda: running("-js", "-sd", tmp_path, "--user", "opstream", "--pass", "another")


@pytest.fixture
def servers(encrypted, locked):
    return {
        "nobody": (nobody, "can't be reached: Connect call failed"),
        "mute": (mute, "does not answer"),
        "locked": (locked, "refuses the login"),
        "encrypted": (encrypted, "fails: CERTIFICATE_VERIFY_FAILED"),
        "without JetStream": (running, "JetStream is switched off"),
    }


@pytest.mark.parametrize(("command", "wrong"), SERVE_AND_WORKER)
def test_what_is_wrong_is_told_in_one_line(opstream, database_url, servers, command, wrong):
    server, said = servers[wrong]
    with server() as port:
        url = f"nats://opstream:secret@127.0.0.1:{port}"
        settings = {"DATABASE_URL": database_url, "NATS_URL": url, "PORT": free_port()}
        ended = opstream(command, **settings)
    assert_told_in_one_line(ended.code, ended.err, "OPSTREAM_NATS_URL: ")
    assert said in ended.err
    assert f"127.0.0.1:{port}" in ended.err
    assert "secret" not in ended.out + ended.err
    assert "started" not in ended.out


def test_a_login_that_is_missing(opstream, database_url, locked):
    with locked() as port:
        ended = opstream("worker", DATABASE_URL=database_url, NATS_URL=f"nats://127.0.0.1:{port}")
    assert_told_in_one_line(ended.code, ended.err, "refuses the login")


def test_what_speaks_something_else(opstream, database_url, engines):
    port = engines.database_url.rpartition(":")[2].partition("/")[0]
    ended = opstream("worker", DATABASE_URL=database_url, NATS_URL=f"nats://127.0.0.1:{port}")
    assert_told_in_one_line(ended.code, ended.err, f"OPSTREAM_NATS_URL: 127.0.0.1:{port}")


def test_one_that_comes_up_a_moment_later_is_waited_for(tmp_path):
    port = free_port()
    url = f"nats://127.0.0.1:{port}"
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(asyncio.run, wait_for_jetstream(url, patience=20))
        time.sleep(0.5)
        assert not waiting.done()
        with running("-js", "-sd", tmp_path, port=port):
            assert waiting.result() is None


def test_one_that_dies_later_is_outlived(process, database_url, tmp_path):
    flags, urls = ("-js", "-sd", tmp_path), {"DATABASE_URL": database_url}
    health = free_port()
    with running(*flags) as port:
        urls["NATS_URL"] = f"nats://127.0.0.1:{port}"
        worker = process("worker", WORKER_PORT=health, **urls)
        until(lambda: is_ready(health))
    try:
        until(lambda: not is_ready(health))
        time.sleep(1)
        assert worker.poll() is None
        with running(*flags, port=port):
            until(lambda: is_ready(health))
    finally:
        worker.terminate()
        worker.communicate(timeout=20)
    assert worker.returncode == 0


def is_ready(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def test_a_projector_needs_none(process, database_url):
    health = free_port()
    urls = {"DATABASE_URL": database_url, "NATS_URL": f"nats://127.0.0.1:{free_port()}"}
    worker = process("worker", "--only", "projector", WORKER_PORT=health, **urls)
    try:
        until(lambda: is_ready(health))
    finally:
        worker.terminate()
        worker.communicate(timeout=20)


def test_a_server_that_is_too_old_is_told_of_with_its_version(tmp_path, monkeypatch):
    monkeypatch.setattr(answering, "OLDEST", (99, 0))
    with running("-js", "-sd", tmp_path) as port, pytest.raises(WrongSettingsError) as told:
        asyncio.run(wait_for_jetstream(f"nats://127.0.0.1:{port}", patience=5))
    assert re.fullmatch(
        r"OPSTREAM_NATS_URL: this is NATS 2\.\d+; 99\.0 or newer is needed", str(told.value)
    )
