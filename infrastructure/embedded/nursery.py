"""Children that are forked from a process which has imported everything already.

Importing what an API process or a worker needs takes more than a second of a core; a fork takes a
few milliseconds. So what is killed is back sooner, a start costs one import and not one per child,
and the children share the memory of their code. The process they are forked from is the standard
library's fork server, which runs nothing else: it has no threads and holds no locks.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import forkserver, resource_tracker
from pathlib import Path
from typing import Any

from setproctitle import setproctitle

from infrastructure.embedded.errors import StartupFailed
from infrastructure.embedded.process import Child, bind_to, open_log

_IMPORTED_BY = os.getpid()
"""In a child: the fork server, which has imported this before it forked."""


@dataclass(frozen=True)
class Task:
    """What a child does: a function of some module, called with arguments that can be pickled; a
    socket arrives open.

    Its environment variables are those of `env` and no others, it is listed as `opstream name`, and
    writes to a `log`. It gets SIGTERM to stop, and when we die.
    """

    name: str
    function: Callable[..., None]
    arguments: Sequence[Any]
    log: Path
    env: Mapping[str, str]


class Nursery:
    """`modules` are imported before the first child is made. There is one fork server in a process:
    what the first nursery imports is what all get.
    """

    def __init__(self, modules: Sequence[str]) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([__name__, *modules])

    def warm_up(self) -> None:
        """Begin to import, while we go on."""
        forkserver.ensure_running()

    def close(self) -> None:
        """End the fork server, and what it brought along; its children must have ended."""
        # The standard library has these for its own tests; it leaves both to whoever adopts them.
        server: Any = forkserver._forkserver  # noqa: SLF001
        if server._forkserver_pid is not None:  # noqa: SLF001
            os.kill(server._forkserver_pid, signal.SIGKILL)  # noqa: SLF001 - it may still import
        server._stop()  # noqa: SLF001
        resource_tracker._resource_tracker._stop()  # type: ignore[attr-defined]  # noqa: SLF001

    def start(self, task: Task) -> "Forked":
        """Waits until everything is imported. Raises StartupFailed when there can be no child."""
        process = self._context.Process(target=_live, args=(task,), name=task.name)
        try:
            process.start()
        except (OSError, EOFError) as error:
            raise StartupFailed(f"{task.name} could not be started: {error!r}") from error
        return Forked(process)


class Forked(Child):
    """A child of the fork server. When that dies it dies too, with code 255."""

    def __init__(self, process: multiprocessing.context.ForkServerProcess) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        assert self._process.pid is not None  # noqa: S101 - it was started
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float) -> bool:
        self._process.join(timeout)
        return self._process.exitcode is not None


def _live(task: Task) -> None:
    """The whole life of a child."""
    os.setsid()
    bind_to(_IMPORTED_BY, signal.SIGTERM)
    threading.Thread(target=_end_with_our_starter, name="starter", daemon=True).start()
    with open_log(task.log) as log:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(log.fileno(), stream.fileno())
    setproctitle(f"opstream {task.name}")  # it finds its place by the environment we were born in
    os.environ.clear()
    os.environ.update(task.env)
    task.function(*task.arguments)


def _end_with_our_starter() -> None:
    """The fork server is our parent, and outlives who asked it for us as long as we live."""
    if (starter := multiprocessing.parent_process()) is not None:
        starter.join()
        os.kill(os.getpid(), signal.SIGTERM)
