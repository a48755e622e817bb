"""A postmaster that outlived its opstream (it should have died with it) is stopped first."""

import os
import signal
import time
from pathlib import Path

from infrastructure.embedded.errors import StartupFailed

_REAPED_WITHIN = 10.0  # seconds
_PATIENCE = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0))


def stop_orphan(cluster: Path) -> None:
    """The caller holds the data folder's lock: whoever runs in this cluster belongs to nobody.

    Raises StartupFailed when it can't be stopped.
    """
    pid = running_postmaster(cluster)
    if pid is None:
        _wait_until_reaped(cluster)
        return
    for signum, seconds in _PATIENCE:
        if _ended(pid, cluster, signum, seconds):
            _wait_until_reaped(cluster)
            return
    raise StartupFailed(f"Process {pid} still runs Postgres in {cluster} and can't be stopped.")


def running_postmaster(cluster: Path) -> int | None:
    """Its pid, when the pid file names a live postgres that works in this folder."""
    pid = _recorded_pid(cluster)
    try:
        program = Path(f"/proc/{pid}/comm").read_text().strip()
        folder = Path(f"/proc/{pid}/cwd").resolve(strict=True)
    except OSError:
        return None
    return pid if program == "postgres" and folder == cluster.resolve() else None


def _wait_until_reaped(cluster: Path) -> None:
    """A dead postmaster keeps its pid until somebody takes note of its death, and so long Postgres
    believes that it lives. Its pid file is left alone: it also guards against living backends.
    """
    deadline = time.monotonic() + _REAPED_WITHIN
    while _is_zombie(_recorded_pid(cluster)) and time.monotonic() < deadline:
        time.sleep(0.02)


def _is_zombie(pid: int | None) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state in {"Z", "X"}


def _recorded_pid(cluster: Path) -> int | None:
    try:
        return int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _ended(pid: int, cluster: Path, signum: signal.Signals, seconds: float) -> bool:
    try:
        os.kill(pid, signum)
    except ProcessLookupError:
        return True
    deadline = time.monotonic() + seconds
    while running_postmaster(cluster) == pid:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
