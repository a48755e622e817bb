"""One Postgres and one NATS for all tests of a run, and databases that tests have to themselves."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg

from infrastructure.embedded.engines import Engines

NewDatabase = Callable[[], AbstractContextManager[str]]
"""Gives the URL of a migrated database, which is dropped when the block ends."""

_MEMORY = Path("/dev/shm")
_ROOM = 4 << 30  # bytes: the log of Postgres' writes, and a few databases of 8 MB each


@dataclass(frozen=True)
class Running:
    """The engines of this run, wherever they were started."""

    database_url: str
    nats_url: str
    data_dir: Path

    def url_of(self, database: str) -> str:
        return f"{self.database_url.rsplit('/', 1)[0]}/{database}"


@contextmanager
def running_engines() -> Iterator[Running]:
    """What must survive a loss of power is tested on engines of its own, never on these."""
    with tempfile.TemporaryDirectory(prefix="opstream-tests-", dir=_memory()) as folder:
        Path(folder).chmod(0o711)  # as root, Postgres' own user must get in
        engines = Engines(Path(folder))
        engines.prepare_and_start()
        try:
            yield Running(engines.database_url, engines.nats_url, Path(folder))
        finally:
            engines.remove()


@contextmanager
def copies_of(template: str, running: Running) -> Iterator[NewDatabase]:
    """Nearly every test asks for one, so it has to be cheap. In memory, copying files is; on a disk
    each copy would wait for two checkpoints.
    """
    strategy = "FILE_COPY" if running.data_dir.is_relative_to(_MEMORY) else "WAL_LOG"
    with psycopg.connect(running.database_url, autocommit=True) as server:

        @contextmanager
        def new_database() -> Iterator[str]:
            name = f"test_{uuid4().hex}"
            server.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY {strategy}")
            try:
                yield running.url_of(name)
            finally:
                server.execute(f"DROP DATABASE {name} WITH (FORCE)")

        yield new_database


def _memory() -> Path | None:
    """Where files cost no disk, if there is room; in a container there often is not."""
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ROOM
    return _MEMORY if roomy else None
