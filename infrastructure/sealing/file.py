"""The checkpoints' own file, apart from the database: it only grows, one line at a time."""

import os
from collections.abc import Sequence
from pathlib import Path

NAME = "checkpoints.jsonl"


class CheckpointFile:
    """Its methods raise OSError when the folder can't be used."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME

    def lines(self) -> list[str]:
        """A file that is not there yet has none."""
        try:
            return self.path.read_bytes().decode(errors="replace").removesuffix("\n").split("\n")
        except FileNotFoundError:
            return []

    def append(self, lines: Sequence[str]) -> None:
        """On disk when it returns."""
        is_new = not self.path.exists()
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.path.open("ab") as file:
            file.write("".join(f"{line}\n" for line in lines).encode())
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            _flush_folder(self.path.parent)

    def mend(self) -> None:
        """Take away the line that a crash left unfinished."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.truncate(self.path, whole)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
