import os
import signal
import socket
import sys
import time

import psutil
import pytest

from infrastructure.embedded.nursery import Nursery, Task
from tests.infrastructure.embedded.support import eventually, python, runs

HERE = __name__


def tell(*words):
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def say(words):
    tell(words, os.environ["WORD"], "PATH" in os.environ, os.getsid(0) == os.getpid())


def leave(code):
    sys.exit(code)


def wait():
    time.sleep(60)


def what_is_imported():
    tell("tests.infrastructure.embedded.support" in sys.modules, __name__ in sys.modules)


def welcome(listener):
    connection, _ = listener.accept()
    connection.sendall(b"welcome")
    connection.close()


def ignore_the_request():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    tell("deaf")
    time.sleep(60)


@pytest.fixture(scope="module")
def nursery():
    nursery = Nursery([HERE])
    yield nursery
    nursery.close()


@pytest.fixture
def begin(nursery, tmp_path):
    children = []

    def begin(function, *arguments):
        task = Task("sleeper", function, arguments, tmp_path / "log", {"WORD": "up"})
        children.append(nursery.start(task))
        return children[-1]

    yield begin
    for child in children:
        child.kill()


def test_a_child_has_its_log_its_environment_and_a_session(begin, tmp_path):
    child = begin(say, "what is")
    assert child.wait(20)
    assert child.returncode == 0
    assert (tmp_path / "log").read_text() == "what is up False True\n"


def test_what_the_nursery_imports_a_child_need_not(begin, tmp_path):
    assert begin(what_is_imported).wait(20)
    assert (tmp_path / "log").read_text() == "True True\n"


def test_its_code_is_how_it_ends(begin):
    child = begin(leave, 3)
    assert child.wait(20)
    assert (child.alive, child.returncode) == (False, 3)


def test_an_operator_sees_who_it_is(begin):
    child = begin(wait)
    assert eventually(lambda: psutil.Process(child.pid).cmdline()[0] == "opstream sleeper", 20)


def test_it_is_alive_until_it_is_stopped(begin):
    child = begin(wait)
    assert child.alive
    assert child.returncode is None
    child.stop(timeout=20)
    assert child.returncode == -signal.SIGTERM


def test_one_that_ignores_the_request_is_killed(begin, tmp_path):
    child, log = begin(ignore_the_request), tmp_path / "log"
    assert eventually(lambda: log.exists() and "deaf" in log.read_text(), 20)
    child.stop(timeout=0.2)
    assert child.returncode == -signal.SIGKILL


def test_a_socket_arrives_open(begin):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        begin(welcome, listener)
        with socket.create_connection(listener.getsockname(), timeout=20) as connection:
            assert connection.recv(20) == b"welcome"


def test_where_the_fork_server_is_killed_its_children_end_and_others_begin(begin):
    child = begin(wait)
    os.kill(psutil.Process(child.pid).ppid(), signal.SIGKILL)
    assert eventually(lambda: not child.alive, 20)
    assert child.returncode == 255
    assert eventually(lambda: not runs(child.pid), 20)
    assert begin(leave, 0).wait(20)


def test_once_it_is_closed_nothing_of_it_is_left(tmp_path):
    with python("-c", CLOSED, tmp_path / "log") as parent:
        assert parent.stdout.read() == "2 0\n"


CLOSED = f"""
import sys
from pathlib import Path
import psutil
from infrastructure.embedded.nursery import Nursery, Task
from {HERE} import wait
nursery = Nursery([])
nursery.start(Task("sleeper", wait, (), Path(sys.argv[1]), {{}})).kill()
before = len(psutil.Process().children(recursive=True))
nursery.close()
print(before, len(psutil.Process().children(recursive=True)))
"""


def test_children_die_with_us(tmp_path):
    parent = python("-c", PARENT, tmp_path / "log")
    with parent:
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert all(map(runs, pids))
        parent.kill()
        assert eventually(lambda: not any(map(runs, pids)), 20)


PARENT = f"""
import sys, time
from pathlib import Path
import psutil
from infrastructure.embedded.nursery import Nursery, Task
from {HERE} import wait
child = Nursery([]).start(Task("sleeper", wait, (), Path(sys.argv[1]), {{}}))
print(child.pid, psutil.Process(child.pid).ppid(), flush=True)
time.sleep(60)
"""
