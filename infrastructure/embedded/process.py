"""A child process that never outlives us.

The kernel's death signal (PR_SET_PDEATHSIG) is bound to the *thread* that started the child: when
that thread ends, the child is signalled although the process lives on. Start children from the
main thread, or from one that lives as long as they should. Linux only; elsewhere a child has to be
stopped.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from infrastructure.embedded.errors import StartupFailed
from infrastructure.embedded.folders import Account, make_private

_PR_SET_PDEATHSIG = 1
_LOG_LIMIT = 10_000_000  # bytes; a longer log is put aside at the next start
_STOP_WITHIN = 5.0
# Looked up before any fork, and without releasing the GIL: between fork and exec as little as
# possible may happen.
_prctl = ctypes.PyDLL(None).prctl if sys.platform == "linux" else None


@dataclass(frozen=True)
class Program:
    """How to start a child.

    Without a `log` it writes to our own output. `death_signal` is what the kernel sends it when we
    die, `stop_signal` what we send to stop it. `account` is the user it runs as (we must be root).
    `niceness` above 0 lets others go first when cores are scarce.
    """

    name: str
    command: Sequence[str | Path]
    log: Path | None = None
    death_signal: signal.Signals = signal.SIGTERM
    stop_signal: signal.Signals = signal.SIGTERM
    account: Account | None = None
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    pass_fds: Sequence[int] = ()
    niceness: int = 0

    def start(self) -> "Spawned":
        """Raises StartupFailed when the program can't be executed."""
        return Spawned(self)


class Child(ABC):
    """A running process, in a session of its own so that Ctrl-C reaches only us."""

    stop_signal = signal.SIGTERM

    @property
    @abstractmethod
    def pid(self) -> int: ...

    @property
    @abstractmethod
    def returncode(self) -> int | None:
        """None while alive; negative for the signal that ended it."""

    @abstractmethod
    def wait(self, timeout: float) -> bool:
        """Whether it has ended within `timeout` seconds."""

    @property
    def alive(self) -> bool:
        return self.returncode is None

    def stop(self, signum: signal.Signals | None = None, timeout: float = _STOP_WITHIN) -> None:
        """Ask it to end; after `timeout` seconds kill it with its process group."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):  # it has ended by itself just now
                os.kill(self.pid, signum or self.stop_signal)
            if not self.wait(timeout):
                self.kill()

    def kill(self) -> None:
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                _kill(self.pid)
            self.wait(1.0)


class Spawned(Child):
    """A program that was executed."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.stop_signal = program.stop_signal
        try:
            log = open_log(program.log) if program.log else None
            self._log_start = _size(program.log)
            self._process = _spawn(program, log)
        except (OSError, subprocess.SubprocessError) as error:
            raise StartupFailed(f"{program.name} could not be started: {error}") from error

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.poll()

    def wait(self, timeout: float) -> bool:
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        return True

    def failure(self, what: str) -> StartupFailed:
        """What went wrong, in one line for the user, with the last words of its log."""
        return StartupFailed(
            f"{self.program.name} {what}{_last_words(self.program.log, self._log_start)}"
        )


def _spawn(program: Program, log: IO[bytes] | None) -> subprocess.Popen[bytes]:
    account = program.account
    try:
        return subprocess.Popen(
            [str(part) for part in program.command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=program.cwd,
            env=program.env,
            pass_fds=tuple(program.pass_fds),
            start_new_session=True,
            # The user changes before preexec_fn runs, as it must: setuid clears the death signal.
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=_bound_to_us(program.death_signal, program.niceness),  # noqa: PLW1509  see _prctl
        )
    finally:
        if log:
            log.close()


def _kill(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:  # it has not made its session yet
        os.kill(pid, signal.SIGKILL)


def _bound_to_us(signum: signal.Signals, niceness: int) -> Callable[[], None]:
    parent = os.getpid()

    def bind() -> None:
        bind_to(parent, signum)
        os.nice(niceness)

    return bind


def bind_to(parent: int, signum: signal.Signals) -> None:
    """Have the kernel send us a signal when our parent dies; end if it has died already."""
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, int(signum))
    if os.getppid() != parent:
        os._exit(1)


def open_log(path: Path) -> IO[bytes]:
    """To append to; a long one is put aside first."""
    make_private(path.parent)
    if path.exists() and path.stat().st_size > _LOG_LIMIT:
        path.replace(path.with_suffix(".old.log"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb")


def _size(log: Path | None) -> int:
    return log.stat().st_size if log and log.exists() else 0


def _last_words(log: Path | None, start: int, lines: int = 3) -> str:
    """The last lines written after `start`."""
    if log is None:
        return "."
    with log.open("rb") as file:
        file.seek(max(start, _size(log) - 4000))
        tail = file.read().decode(errors="replace").splitlines()
    words = " | ".join(line.strip() for line in tail[-lines:] if line.strip())
    return f": {words} (log: {log})"
