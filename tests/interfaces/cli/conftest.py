import functools
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from interfaces.cli.main import main

ROOT = Path(__file__).parents[3]
OURS = "OPSTREAM_"


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


@pytest.fixture
def opstream(monkeypatch, capsys, tmp_path):
    """Run the command in this process, in an empty folder: ``opstream("verify", DATABASE_URL=…)``.

    It blocks; where a loop runs, call it in a thread.
    """
    logs = structlog.get_config()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.chdir(tmp_path)

    def run(*arguments, **settings):
        _set(monkeypatch, settings)
        monkeypatch.setattr(sys, "argv", ["opstream", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return Ended(ended.value.code or 0, told.out, told.err)

    yield run
    structlog.configure(**logs)
    for number, handler in handlers.items():
        signal.signal(number, handler)


def _set(monkeypatch, settings):
    for name in [name for name in os.environ if name.startswith(OURS)]:
        monkeypatch.delenv(name)
    for name, value in settings.items():
        monkeypatch.setenv(f"{OURS}{name}", str(value))


@pytest.fixture(scope="session")
def module_process(tmp_path_factory):
    """Start a module as a process of its own, with the given settings and no others."""
    folder = tmp_path_factory.mktemp("process")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    inherited["PYTHONPATH"] = str(ROOT)

    def start(module, *arguments, **settings):
        return subprocess.Popen(
            [sys.executable, "-m", module, *map(str, arguments)],
            env=inherited | {f"{OURS}{name}": str(value) for name, value in settings.items()},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    # Compiled once, as where opstream is installed: it is two of the three seconds of a start.
    start("interfaces.cli.main", "settings").communicate()
    return start


@pytest.fixture(scope="session")
def process(module_process):
    """Start the command: ``process("serve", PORT=…)``."""
    return functools.partial(module_process, "interfaces.cli.main")
