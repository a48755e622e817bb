"""The development outbox: outgoing messages as readable files in a folder."""

import asyncio
import re
from datetime import UTC
from pathlib import Path
from tempfile import NamedTemporaryFile

from application.processes.channels import OutgoingMessage

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class Outbox:
    """One file per message, and its HTML beside it; names sort by time. A repeated message replaces
    its own files.
    """

    def __init__(self, folder: Path, name: str = "email") -> None:
        self._folder = folder
        self.name = name

    async def send(self, message: OutgoingMessage) -> None:
        """Raises OSError when the folder can't be written."""
        await asyncio.to_thread(self._write, message)

    def _write(self, message: OutgoingMessage) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{name_of(message, self.name)}.txt"
        if message.html is not None:
            self._replace(path.with_suffix(".html"), message.html)
        self._replace(path, _readable(message))

    def _replace(self, path: Path, content: str) -> None:
        # Written beside and renamed: a reader never sees half a message.
        with NamedTemporaryFile(
            "w", dir=self._folder, prefix=".", suffix=".part", delete=False, encoding="utf-8"
        ) as part:
            try:
                part.write(content)
                part.flush()
            except BaseException:
                Path(part.name).unlink(missing_ok=True)
                raise
        Path(part.name).replace(path)


def name_of(message: OutgoingMessage, channel: str) -> str:
    moment = message.created_at.astimezone(UTC)
    name = f"{moment:%Y%m%dT%H%M%S.%fZ}-{_UNSAFE.sub('_', message.key)}"
    return name if channel == "email" else f"{name}-{channel}"


def _readable(message: OutgoingMessage) -> str:
    to, subject = (" ".join(line.split()) for line in (message.address, message.subject))
    head = f"To: {to}\nSubject: {subject}\n" if subject else f"To: {to}\n"
    return f"{head}\n{message.text}\n"
