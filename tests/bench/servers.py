"""Starts a server as a process of its own, waits until it answers, and ends it by its own id."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 30.0
STOP_SECONDS = 10.0
UVICORN = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning")


@contextmanager
def uvicorn(app: str, environment: Mapping[str, str]) -> Iterator[str]:
    """One uvicorn process on a free port of 127.0.0.1; gives its base URL."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", app, "--host", "127.0.0.1", "--port", str(port)]
    with process([*command, *UVICORN], environment) as (server, log):
        _wait_until_open(port, server, log)
        yield f"http://127.0.0.1:{port}"


@contextmanager
def process(
    command: list[str], environment: Mapping[str, str]
) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Runs the command with its output in a file; terminated, then killed, when the block ends."""
    with tempfile.TemporaryDirectory(prefix="opstream-bench-") as folder:
        log = Path(folder, "log")
        with log.open("wb") as output:
            child = subprocess.Popen(
                command, env={**os.environ, **environment}, stdout=output, stderr=output
            )
        try:
            yield child, log
        finally:
            _end(child)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_open(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"server did not start:\n{log.read_text()[-4000:]}")


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
