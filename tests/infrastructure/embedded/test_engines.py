import signal
from pathlib import Path

import pytest

from infrastructure.embedded.engines import Engines
from infrastructure.embedded.errors import DataFolderBusy, StartupFailed
from infrastructure.embedded.lock import DataFolderLock
from infrastructure.embedded.supervisor import Supervisor
from tests.infrastructure.embedded.support import (
    eventually,
    python,
    query,
    remember,
    remembered,
    runs,
)

NAMES = ("postgres", "nats")
PARENT = Path(__file__).parent / "parent.py"


def test_both_start_stop_and_start_again_with_the_data(data_dir, away_root):
    engines = Engines(data_dir, away_root=away_root)
    progress = []
    engines.prepare_and_start(progress.append)
    assert progress[-1] == "postgres is ready"
    remember(engines.database_url, "kept")
    urls = engines.database_url, engines.nats_url
    engines.stop()
    with engines:
        assert (engines.database_url, engines.nats_url) == urls
        assert remembered(engines.database_url) == ["kept"]


def test_a_second_start_in_the_same_folder_is_refused(engines, data_dir, away_root):
    with pytest.raises(DataFolderBusy):
        Engines(data_dir, away_root=away_root).prepare_and_start()
    assert query(engines.database_url, "SELECT 1") == [(1,)]


def test_a_lock_of_the_caller_is_used_and_left_alone(data_dir, away_root, monkeypatch):
    monkeypatch.setattr(Engines, "_start", lambda _engines, _on_progress: None)
    with DataFolderLock(data_dir) as lock:
        with Engines(data_dir, lock=lock, away_root=away_root):
            pass
        with pytest.raises(DataFolderBusy):
            DataFolderLock(data_dir).acquire()


def test_a_failed_start_leaves_nothing_behind(data_dir, away_root, monkeypatch):
    engines = Engines(data_dir, away_root=away_root)

    def fail():
        raise StartupFailed("no")

    monkeypatch.setattr(engines.postgres, "prepare", fail)
    with pytest.raises(StartupFailed, match="no"):
        engines.prepare_and_start()
    assert not engines.nats._child.alive
    with DataFolderLock(data_dir):
        pass


def test_the_supervisor_takes_over(engines):
    supervisor = Supervisor()
    engines.hand_over(supervisor)
    remember(engines.database_url, "kept")
    for name in NAMES:
        supervisor.child(name).kill()
        supervisor.tick()
        assert supervisor.child(name) is None
    assert eventually(lambda: supervisor.tick() or all(map(supervisor.child, NAMES)))
    engines.postgres.wait_ready()
    engines.nats.wait_ready()
    assert remembered(engines.database_url) == ["kept"]
    supervisor.stop_all()
    assert supervisor.child("postgres").returncode == 0


def test_remove_stops_both_and_leaves_no_data(engines, data_dir):
    home = engines.postgres.home.path
    engines.remove()
    assert not home.exists()
    assert {path.name for path in data_dir.iterdir()} == {"lock", "logs"}


def test_no_engine_outlives_a_killed_parent(data_dir, away_root):
    with python(PARENT, data_dir, away_root) as parent:
        database_url, *pids = parent.stdout.readline().split()
        backends = query(database_url, "SELECT pid FROM pg_stat_activity")
        everybody = {*pids, *(pid for (pid,) in backends)}
        assert len(everybody) > 4
        parent.kill()
        assert eventually(lambda: not any(runs(pid) for pid in everybody), 2.0)
    with Engines(data_dir, away_root=away_root) as engines:
        assert engines.database_url == database_url


@pytest.mark.usefixtures("as_root")
def test_an_ordinary_user_has_everything_in_the_data_folder(open_folder, away_root):
    """The helper changes its user only after its imports: ours may be the only Python he sees."""
    theirs = open_folder / "theirs"
    theirs.mkdir()
    theirs.chmod(0o777)
    with python(PARENT, theirs / "data", away_root, "65534") as parent:
        database_url, *pids = parent.stdout.readline().split()
        assert query(database_url, "SELECT 1") == [(1,)]
        owners = {Path(f"/proc/{pid}").stat().st_uid for pid in pids}
        parent.send_signal(signal.SIGTERM)
        assert parent.wait(10) == 0
    assert owners == {65534}
    assert (theirs / "data" / "postgres" / "cluster").exists()
    assert not away_root.exists()


@pytest.mark.usefixtures("as_root")
def test_an_unwritable_folder_is_one_clear_line(open_folder, away_root):
    with python(PARENT, open_folder, away_root, "65534") as parent:
        line = parent.stdout.read()
        assert parent.wait(10) == 1
    assert line == f"The folder {open_folder} can't be used: it is not writable.\n"
