import signal
import sys

import pytest

from infrastructure.embedded.errors import StartupFailed
from infrastructure.embedded.process import Program
from tests.infrastructure.embedded.support import eventually, python, runs
from tests.support.waiting import sooner_than

DEAF = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1); time.sleep(60)"
)


def sleeper(name="sleeper", **options):
    return Program(name, ("/bin/sleep", "60"), **options)


def deaf(log):
    return Program("deaf", (sys.executable, "-u", "-c", DEAF), log=log)


def test_a_child_is_alive_until_it_is_stopped():
    child = sleeper().start()
    assert child.alive
    assert child.returncode is None
    child.stop()
    assert not child.alive
    assert child.returncode == -signal.SIGTERM


def test_a_child_that_ignores_the_request_is_killed(tmp_path):
    log = tmp_path / "log"
    child = deaf(log).start()
    assert eventually(log.read_text)
    child.stop(timeout=0.2)
    assert child.returncode == -signal.SIGKILL


def test_a_program_that_does_not_exist_is_one_clear_line():
    with pytest.raises(StartupFailed, match=r"^ghost could not be started: .*/no/such/program'$"):
        Program("ghost", ("/no/such/program",)).start()


def test_a_failure_ends_with_the_last_words_of_the_log(tmp_path):
    child = Program("sh", ("/bin/sh", "-c", "echo oh; echo dear"), log=tmp_path / "log").start()
    assert child.wait(5)
    assert str(child.failure("failed")) == f"sh failed: oh | dear (log: {tmp_path / 'log'})"


def test_a_long_log_is_put_aside_at_the_next_start(tmp_path):
    log = tmp_path / "sh.log"
    log.write_bytes(b"x" * 10_000_001)
    assert Program("sh", ("/bin/echo", "new"), log=log).start().wait(5)
    assert log.read_text() == "new\n"


def test_a_child_has_a_session_of_its_own(tmp_path):
    log = tmp_path / "log"
    child = Program("ps", ("/bin/sh", "-c", "cut -d' ' -f6 /proc/$$/stat"), log=log).start()
    assert child.wait(5)
    assert int(log.read_text()) == child.pid


@pytest.mark.usefixtures("as_root")
@pytest.mark.parametrize("account", ["None", "Account(65534, 65534)"])
def test_a_child_dies_with_its_parent_under_any_user(account):
    parent = python("-c", PARENT.format(account=account))
    with parent:
        pid = int(parent.stdout.readline())
        assert runs(pid)
        parent.kill()
        assert eventually(lambda: not runs(pid))


PARENT = """
import time
from infrastructure.embedded.folders import Account
from infrastructure.embedded.process import Program
child = Program("sleep", ("/bin/sleep", "60"), account={account}).start()
print(child.pid, flush=True)
time.sleep(60)
"""


def test_stopping_a_dead_child_is_nothing():
    child = sleeper().start()
    child.kill()
    with sooner_than(30):
        child.stop(timeout=30)
