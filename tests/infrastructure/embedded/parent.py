"""Start the engines as a process of its own: parent.py DATA_DIR AWAY_ROOT [UID]."""

import os
import signal
import sys
from pathlib import Path

from infrastructure.embedded.engines import Engines
from infrastructure.embedded.errors import StartupFailed


def become(uid: int) -> None:
    "loaded".encode("idna")  # what is imported later has to be reachable by that user
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)


def main(data_dir: str, away_root: str, uid: str = "") -> None:
    if uid:
        become(int(uid))
    engines = Engines(Path(data_dir), away_root=Path(away_root))
    try:
        engines.prepare_and_start()
    except StartupFailed as error:
        sys.exit(str(error))
    pids = (child.pid for child in engines._children.values())
    sys.stdout.write(" ".join([engines.database_url, *map(str, pids)]) + "\n")
    sys.stdout.flush()
    signal.sigwait({signal.SIGTERM})
    engines.stop()


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    main(*sys.argv[1:])
