"""What an engine remembers between two starts: its ports, its password, its place."""

import json
import os
import random
import secrets
import socket
from pathlib import Path

from infrastructure.embedded.errors import StartupFailed

# Below the ephemeral range (32768 and up): a client that keeps reconnecting to a dead port in that
# range can be given the very same port as its own, connects to itself and keeps the server out.
_PORTS = range(15000, 30000)


class Memory:
    """A small file of strings, readable by its owner only, replaced whole or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._values = self._read()

    def get(self, key: str) -> str | None:
        return self._values.get(key)

    def put(self, **values: str) -> None:
        changed = self._values | values
        if changed != self._values:
            self._values = changed
            write_private(self.path, json.dumps(changed, indent=2))

    def secret(self, key: str) -> str:
        """A password made at its first use; its letters need no quoting in a URL."""
        if key not in self._values:
            self.put(**{key: secrets.token_urlsafe(24)})
        return self._values[key]

    def port(self, key: str) -> int:
        """The port of last time, or another free one of 127.0.0.1 when somebody else has it."""
        port = int(self._values.get(key, 0))
        if not port or not is_free(port):
            port = free_port()
            self.put(**{key: str(port)})
        return port

    def _read(self) -> dict[str, str]:
        try:
            values: dict[str, str] = json.loads(self.path.read_text())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise StartupFailed(f"The file {self.path} can't be read: {error}.") from error
        return values


def write_private(path: Path, text: str) -> None:
    """Replace the file in one step, durably, with rights for its owner only."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in the folder survive a power failure."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def free_port() -> int:
    for port in random.sample(_PORTS, 200):
        if is_free(port):
            return port
    raise StartupFailed("No free port was found on 127.0.0.1.")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
