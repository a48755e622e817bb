"""Postgres and NATS together, for `serve` and for tests."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from infrastructure.embedded.home import AWAY_ROOT
from infrastructure.embedded.lock import DataFolderLock
from infrastructure.embedded.nats import EmbeddedNats
from infrastructure.embedded.postgres import EmbeddedPostgres
from infrastructure.embedded.process import Child
from infrastructure.embedded.supervisor import Service, Supervisor

OnProgress = Callable[[str], None]


class Engines:
    """Both engines of one data folder. As a context manager it starts and stops them.

    Without a `lock`, which the caller then holds and releases, it takes the data folder's own.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        lock: DataFolderLock | None = None,
        away_root: Path = AWAY_ROOT,
    ) -> None:
        self.postgres = EmbeddedPostgres(data_dir, away_root=away_root)
        self.nats = EmbeddedNats(data_dir)
        self._own_lock = None if lock else DataFolderLock(data_dir)
        self._children: dict[str, Child] = {}

    @property
    def database_url(self) -> str:
        return self.postgres.url

    @property
    def nats_url(self) -> str:
        return self.nats.url

    @property
    def factories(self) -> tuple[Service, ...]:
        """What the supervisor keeps running.

        Postgres has no probe: killing it when it is merely overloaded, or recovering, makes things
        worse, and it restarts its own backends.
        """
        return (
            Service("postgres", self.postgres.start_child),
            Service("nats", self.nats.start_child, self.nats.healthy),
        )

    def prepare_and_start(self, on_progress: OnProgress = lambda _what: None) -> None:
        """Both are ready when it returns; raises StartupFailed, and then none runs.

        Call it from the thread the engines should live as long as (see `process`).
        """
        if self._own_lock:
            self._own_lock.acquire()
        try:
            self._start(on_progress)
        except BaseException:
            self.stop()
            raise

    def hand_over(self, supervisor: Supervisor) -> None:
        """From now on the supervisor restarts and stops them; `stop` then only frees the lock."""
        for service in self.factories:
            supervisor.add(service, self._children.pop(service.name, None))

    def stop(self, timeout: float = 5.0) -> None:
        """Each has `timeout` seconds before it is killed."""
        for child in reversed(self._children.values()):
            child.stop(timeout=timeout)
        self._children.clear()
        if self._own_lock:
            self._own_lock.release()

    def remove(self) -> None:
        """Stop, and delete all data, wherever it is kept: for tests and demonstrations."""
        self.stop()
        self.postgres.remove()
        self.nats.remove()

    def _start(self, on_progress: OnProgress) -> None:
        # Children are started by this thread, they die with it. Only initdb, which ends by
        # itself, runs in another meanwhile.
        with ThreadPoolExecutor(max_workers=1) as pool:
            prepared = pool.submit(self.postgres.prepare)
            on_progress("starting nats")
            self.nats.prepare()
            self._children["nats"] = self.nats.start_child()
            on_progress("preparing postgres")
            prepared.result()
        on_progress("starting postgres")
        self._children["postgres"] = self.postgres.start_child()
        self.nats.wait_ready()
        on_progress("nats is ready")
        self.postgres.wait_ready()
        on_progress("postgres is ready")

    def __enter__(self) -> Self:
        self.prepare_and_start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
