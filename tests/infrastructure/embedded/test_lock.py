import os
from pathlib import Path

import pytest

from infrastructure.embedded.errors import DataFolderBusy, StartupFailed
from infrastructure.embedded.lock import DataFolderLock
from infrastructure.embedded.process import Program


def test_a_second_lock_is_refused_and_names_the_holder(data_dir):
    with (
        DataFolderLock(data_dir),
        pytest.raises(DataFolderBusy, match=rf"already in use by process {os.getpid()}\.$"),
    ):
        DataFolderLock(data_dir).acquire()


def test_a_released_lock_can_be_had_again(data_dir):
    for _ in range(2):
        with DataFolderLock(data_dir):
            pass


def test_the_folder_is_made_for_us_alone(data_dir):
    with DataFolderLock(data_dir):
        assert data_dir.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_was_there_keeps_its_rights(open_folder):
    with DataFolderLock(open_folder):
        assert open_folder.stat().st_mode & 0o777 == 0o755


def test_a_child_does_not_hold_the_lock(data_dir):
    with DataFolderLock(data_dir) as lock:
        child = Program("sleep", ("/bin/sleep", "60")).start()
        held = os.get_inheritable(lock._fd)
    with DataFolderLock(data_dir):
        child.kill()
    assert not held


def test_a_file_in_the_way_is_one_clear_line(open_folder):
    (open_folder / "data").write_text("")
    with pytest.raises(
        StartupFailed, match=r"The folder /tmp/\S+ can't be used: it is no folder\.$"
    ):
        DataFolderLock(open_folder / "data").acquire()


def test_a_folder_that_can_not_be_made_is_one_clear_line():
    with pytest.raises(StartupFailed, match=r"The folder /proc/\S+ can't be used: [\w ]+\.$"):
        DataFolderLock(Path("/proc/1/none/data")).acquire()
