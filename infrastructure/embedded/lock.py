"""One process per data folder: two Postgres or NATS servers on one store destroy it."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from infrastructure.embedded.errors import DataFolderBusy, StartupFailed
from infrastructure.embedded.folders import make_private


class DataFolderLock:
    """Held from `acquire` to `release`, or to the end of the process however it comes.

    Raises DataFolderBusy, naming the holder's pid, when another holds it, and StartupFailed
    when the folder can't be used.
    """

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / "lock"
        self._fd: int | None = None

    def acquire(self) -> Self:
        make_private(self.path.parent)
        fd = self._open()
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(fd, 32, 0).decode().strip() or "unknown"
            os.close(fd)
            raise DataFolderBusy(
                f"The data folder {self.path.parent} is already in use by process {holder}."
            ) from None
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        self._fd = fd
        return self

    def release(self) -> None:
        """The file stays: a waiting process may have it open, and would lock a deleted file."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _open(self) -> int:
        # O_CLOEXEC: a child that outlived us would otherwise hold the lock for us.
        try:
            return os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StartupFailed(
                f"The data folder {self.path.parent} can't be used: {error.strerror}."
            ) from error

    def __enter__(self) -> Self:
        return self.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
