"""Small disks that can be filled, and emptied again."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infrastructure.embedded.folders import make_passable

_BALLAST = "ballast"


class SkippedError(Exception):
    """The machine can't do it; the message says why."""


@contextmanager
def small_disk(folder: Path, mib: int) -> Iterator[None]:
    """A tmpfs of so many MiB on the folder. Raises SkippedError where that can't be had."""
    if os.geteuid() != 0:
        raise SkippedError("only root may mount a small disk")
    make_passable(folder)
    options = f"size={mib}m,mode=0711"
    mounted = _run("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder))
    if mounted.returncode != 0:
        raise SkippedError(f"no small disk can be mounted: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        _run("umount", "--lazy", str(folder))


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """No byte is left on the folder's disk for as long as the block runs."""
    ballast = folder / _BALLAST
    try:
        _fill(ballast)
        yield
    finally:
        ballast.unlink(missing_ok=True)


def _fill(ballast: Path) -> None:
    with ballast.open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(b"\0" * size) == size:
                    pass
            except OSError:
                continue


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=False, capture_output=True, text=True)
