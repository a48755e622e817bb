"""``opstream serve --demo`` as somebody meets it: in a terminal, with everything embedded."""

import fcntl
import os
import pty
import select
import subprocess
import sys
import termios
import time
from contextlib import suppress
from dataclasses import dataclass, field

import psutil
import pytest

from infrastructure.embedded.memory import free_port
from tests.support.served import _remove_data

READY_WITHIN = 15.0
STOPPED_WITHIN = 10.0
"""Seconds, once the packages are there: both are the issue's."""

SLOWEST = 60.0


CTRL_C = b"\x03"


def take_the_terminal():
    """Its keys send their signals to this process and all that it starts."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@dataclass
class Terminal:
    """Its user's end: what is shown, when, and what is typed."""

    file: int
    shown: str = ""
    started: float = field(default_factory=time.monotonic)

    def wait_for(self, text):
        """Read on until it is shown; the seconds since the start."""
        while text not in self.shown:
            assert self.seconds() < SLOWEST, self.shown
            if select.select([self.file], [], [], 0.1)[0]:
                self.shown += os.read(self.file, 65536).decode(errors="replace")
        return self.seconds()

    def press(self, key):
        os.write(self.file, key)

    def seconds(self):
        return time.monotonic() - self.started


@pytest.fixture
def serve(tmp_path):
    """It, its terminal, and its children; none of them outlives the test."""
    ours, theirs = pty.openpty()
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("OPSTREAM_")}
    data_dir = tmp_path / "data"
    options = ["--demo", "--port", str(free_port()), "--data-dir", str(data_dir)]
    terminal = Terminal(ours)
    serve = subprocess.Popen(
        [sys.executable, "-m", "interfaces.cli.main", "serve", *options],
        env=inherited | {"TERM": "xterm", "COLUMNS": "120"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=take_the_terminal,  # noqa: PLW1509 - one system call
    )
    os.close(theirs)
    yield serve, terminal
    if serve.poll() is None:
        for process in [*psutil.Process(serve.pid).children(recursive=True), serve]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        serve.wait(timeout=10)
    os.close(ours)
    _remove_data(data_dir)


@pytest.mark.usefixtures("engines")  # they have unpacked what is unpacked once
def test_it_shows_its_progress_is_ready_soon_and_ends_with_all_its_children(serve):
    serve, terminal = serve
    ready_after = terminal.wait_for("opstream is ready")
    before = terminal.shown.split("opstream is ready")[0]
    assert "migrating the database" in before
    assert "creating the demo data" in before
    assert "starting the API" in before
    assert "\x1b[" in before, "a spinner, not lines"
    assert ready_after < READY_WITHIN
    children = psutil.Process(serve.pid).children(recursive=True)
    assert len(children) >= 5, "an API, a projector, a worker, Postgres and NATS"
    terminal.wait_for("Ctrl-C stops everything")

    started = time.monotonic()
    terminal.press(CTRL_C)
    assert serve.wait(timeout=SLOWEST) == 0
    _, alive = psutil.wait_procs(children, timeout=0.5)
    assert time.monotonic() - started < STOPPED_WITHIN
    assert alive == []
