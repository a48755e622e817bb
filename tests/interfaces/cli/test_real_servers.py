"""``opstream serve`` with a Postgres and a NATS that somebody else runs: nothing is embedded."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from infrastructure.embedded.binaries import nats_server, postgres_install
from infrastructure.embedded.folders import unprivileged_account
from infrastructure.embedded.home import AWAY_ROOT
from infrastructure.embedded.memory import free_port

ACCOUNT = unprivileged_account()
"""Postgres refuses to run as root."""


def program(name):
    """The machine's own Postgres; the wheel's where there is none, or none new enough."""
    found = shutil.which("initdb")
    if found and major_version(found) >= 15:
        return Path(found).resolve().parent / name
    return postgres_install(ACCOUNT, AWAY_ROOT) / "bin" / name


def major_version(initdb):
    told = subprocess.run([initdb, "--version"], check=True, capture_output=True, text=True).stdout
    return int(re.search(r"(\d+)", told).group())  # "initdb (PostgreSQL) 15.14 (Debian …)"


def as_postgres():
    return {"user": ACCOUNT.uid, "group": ACCOUNT.gid, "extra_groups": []} if ACCOUNT else {}


@pytest.fixture(scope="module")
def folder():
    """Unlike tmp_path one that Postgres' user may enter."""
    with tempfile.TemporaryDirectory(prefix="opstream-hand-", dir="/tmp") as name:
        folder = Path(name)
        if ACCOUNT:
            os.chown(folder, ACCOUNT.uid, ACCOUNT.gid)
        yield folder


@pytest.fixture(scope="module")
def database_url(folder):
    cluster, port = folder / "cluster", free_port()
    initdb = [program("initdb"), "-D", cluster, "-U", "me", "--auth=trust", "--no-sync"]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd="/", **as_postgres())
    settings = {"port": port, "unix_socket_directories": "", "fsync": "off"}
    flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    url = f"postgresql://me@127.0.0.1:{port}/postgres"
    with running(program("postgres"), "-D", cluster, *flags, cwd="/", **as_postgres()):
        wait_for(lambda: answers(url))
        yield url


@pytest.fixture(scope="module")
def nats_url(folder):
    port = free_port()
    store = folder / "jetstream"
    with running(nats_server(), "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", store):
        yield f"nats://127.0.0.1:{port}"


@contextmanager
def running(*command, **options):
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([str(part) for part in command], **quiet, **options)
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)


def wait_for(condition, seconds=30.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def answers(url):
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def get(url):
    """Status and body; nothing when nobody listens yet."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, json.loads(answer.read())
    except OSError:
        return None, None


def test_serve_embeds_nothing_when_both_urls_are_set(process, database_url, nats_url, folder):
    port, data_dir = free_port(), folder / "data"
    urls = {"DATABASE_URL": database_url, "NATS_URL": nats_url, "DATA_DIR": data_dir}
    serve = process("serve", "--port", port, **urls)
    try:
        wait_for(lambda: get(f"http://127.0.0.1:{port}/readyz")[0] == 200 or serve.poll())
        assert serve.poll() is None, serve.communicate()
        assert get(f"http://127.0.0.1:{port}/healthz") == (200, {"alive": True})
        make_an_admin(process, urls)
        wait_for(lambda: everything_was_relayed(database_url))
        ours = {path.name for path in data_dir.iterdir()} - {"checkpoints"}  # the sealer's, soon
        assert ours == {"lock", "keys", "logs"}
    finally:
        serve.send_signal(signal.SIGINT)
        out, err = serve.communicate(timeout=20)
    assert serve.returncode == 0, err
    assert "opstream is ready" in out
    assert answers(database_url), "the server by hand is not ours to stop"


def make_an_admin(process, urls):
    arguments = ("admin@example.test", "--name", "Admin", "--role", "admin")
    ended = process("account", *arguments, "--password", "correct horse battery", **urls)
    _, err = ended.communicate(timeout=30)
    assert ended.returncode == 0, err


def everything_was_relayed(database_url):
    query = """
    SELECT max(notification_id) > 0 AND max(notification_id) =
        (SELECT position FROM checkpoints WHERE name = 'relay') FROM stored_events
    """
    with psycopg.connect(database_url) as connection:
        return connection.execute(query).fetchone()[0]
