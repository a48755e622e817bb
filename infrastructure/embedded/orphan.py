"""A postmaster that outlived its opstream (it should have died with it) is stopped first."""

import os
import signal
import time
from pathlib import Path

from infrastructure.embedded.errors import StartupFailed

_PATIENCE = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0))


def stop_orphan(cluster: Path) -> None:
    """The caller holds the data folder's lock: whoever runs in this cluster belongs to nobody.

    Raises StartupFailed when it can't be stopped.
    """
    pid = running_postmaster(cluster)
    if pid is None:
        return
    for signum, seconds in _PATIENCE:
        if _ended(pid, cluster, signum, seconds):
            return
    raise StartupFailed(f"Process {pid} still runs Postgres in {cluster} and can't be stopped.")


def running_postmaster(cluster: Path) -> int | None:
    """Its pid, when the pid file names a live postgres that works in this folder."""
    try:
        pid = int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        program = Path(f"/proc/{pid}/comm").read_text().strip()
        folder = Path(f"/proc/{pid}/cwd").resolve(strict=True)
    except (OSError, ValueError):
        return None
    return pid if program == "postgres" and folder == cluster.resolve() else None


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
