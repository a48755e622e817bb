"""The whole system as a user starts it: ``opstream serve`` in a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil
import psycopg

from infrastructure.embedded.postgres import EmbeddedPostgres

PASSWORD = "opstream-demo"
ROLES = {
    "api": "opstream api",
    "projector": "opstream projector",
    "relay": "opstream relay",
    "worker": "opstream worker",
    "postgres": "/bin/postgres",
    "nats": "nats-server",
}
PATIENCE = 30.0


class Served:
    """A running ``opstream serve --demo`` with two API processes that share one port."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.data_dir = folder / "data"
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {"OPSTREAM_LOGIN_RATE": "1000/minute", **environment}
        self._serve: subprocess.Popen[bytes] | None = None
        self._output = folder / "serve.log"
        self._clients: list[httpx.Client] = []

    def start(self) -> None:
        options = ["--port", str(self.port), "--data-dir", str(self.data_dir), "--api-workers", "2"]
        with self._output.open("ab") as output:
            self._serve = subprocess.Popen(
                [sys.executable, "-m", "interfaces.cli.main", "serve", "--demo", *options],
                env={**os.environ, **self._environment},
                stdout=output,
                stderr=output,
            )
        self.wait_until_ready()

    def stop(self) -> int:
        """As by Ctrl-C; returns the exit code."""
        assert self._serve is not None
        self._serve.send_signal(signal.SIGINT)
        return self._serve.wait(timeout=15)

    def start_with(self, **environment: str) -> None:
        """Stop, and start again on the same data in another environment."""
        assert self.stop() == 0
        self._environment |= environment
        self.start()

    def end(self) -> None:
        """Whatever state it is in; nothing of it is left."""
        self.close()
        if self.is_running():
            self.kill_everything()
        _remove_data(self.data_dir)

    def kill_everything(self) -> None:
        """As when the power goes: nobody gets to say goodbye."""
        assert self._serve is not None
        for process in [*self._processes(), psutil.Process(self._serve.pid)]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._serve.wait(timeout=10)

    def kill(self, role: str) -> None:
        """SIGKILL the first process of a role."""
        victim = next(process for process in self._processes() if _is(process, role))
        victim.kill()

    def is_running(self) -> bool:
        return self._serve is not None and self._serve.poll() is None

    def leftovers(self) -> list[psutil.Process]:
        """Processes that still work on this data folder."""
        marks = (str(self.data_dir), str(self.port))
        return [p for p in psutil.process_iter() if _mentions(p, marks) and p.pid != os.getpid()]

    def wait_until_ready(self, patience: float = PATIENCE) -> None:
        def ready() -> bool:
            assert self.is_running(), self._output.read_text()[-3000:]
            return httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200

        wait_for(ready, "the system to be ready", patience)

    def log_in(self, name: str) -> httpx.Client:
        """A client with the token of ``{name}@demo.test``, or of a whole address; closed with the
        system.
        """
        client = httpx.Client(base_url=self.url, timeout=15, headers=self.authorization(name))
        self._clients.append(client)
        return client

    def authorization(self, name: str) -> dict[str, str]:
        """Of a patient client: right after an outage, each connection that it cost an API process
        still costs one answer.
        """
        email = name if "@" in name else f"{name}@demo.test"
        body, answers = {"email": email, "password": PASSWORD}, list[httpx.Response]()

        def answered() -> bool:
            answers.append(httpx.post(f"{self.url}/auth/login", json=body, timeout=15))
            return answers[-1].status_code != 503

        wait_for(answered, "the login to be answered", 10)
        return {"Authorization": f"Bearer {answers[-1].raise_for_status().json()['access_token']}"}

    def close(self) -> None:
        for client in self._clients:
            client.close()

    @property
    def database_url(self) -> str:
        url = EmbeddedPostgres.url_in(self.data_dir)
        assert url is not None, "there is no database yet"
        return url

    def query(self, statement: str, *parameters: object) -> list[tuple[object, ...]]:
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            return connection.execute(statement, parameters).fetchall()

    def opstream(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a subcommand against this system's database and folder."""
        return subprocess.run(
            [sys.executable, "-m", "interfaces.cli.main", *arguments],
            env={
                **os.environ,
                "OPSTREAM_DATABASE_URL": self.database_url,
                "OPSTREAM_DATA_DIR": str(self.data_dir),
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def settle(self) -> None:
        """Until read models, relay, audit trail and notifier have taken the whole log."""
        behind = """
        SELECT (SELECT max(notification_id) FROM stored_events)
            - (SELECT min(position) FROM checkpoints)
        """
        wait_for(lambda: self.query(behind) == [(0,)], "everything to catch up")

    def log_lines(self, name: str) -> list[dict[str, object]]:
        lines = (self.data_dir / "logs" / f"{name}.log").read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def output(self) -> str:
        """What `serve` told its terminal."""
        return self._output.read_text()

    def _processes(self) -> list[psutil.Process]:
        assert self._serve is not None
        return psutil.Process(self._serve.pid).children(recursive=True)


@contextmanager
def served(folder: Path, **environment: str) -> Iterator[Served]:
    """Started, and afterwards stopped with all that belongs to it."""
    system = Served(folder, **environment)
    try:
        system.start()
        yield system
    finally:
        system.end()


def _remove_data(data_dir: Path) -> None:
    """As root, the cluster may lie outside of the test's folder."""
    if EmbeddedPostgres.url_in(data_dir) is not None:
        postgres = EmbeddedPostgres(data_dir)
        postgres.prepare()
        postgres.remove()


def wait_for(reached: Callable[[], bool], what: str, patience: float = PATIENCE) -> float:
    """Poll until it is so, through outages; returns how many seconds that took."""
    started = time.monotonic()
    last: BaseException | None = None
    while time.monotonic() - started < patience:
        try:
            if reached():
                return time.monotonic() - started
        except (httpx.HTTPError, psycopg.OperationalError) as error:
            last = error
        time.sleep(0.05)
    raise AssertionError(f"waited {patience:g} s for {what}; last error: {last!r}")


def _is(process: psutil.Process, role: str) -> bool:
    return _mentions(process, (ROLES[role],))


def _mentions(process: psutil.Process, marks: tuple[str, ...]) -> bool:
    try:
        command = " ".join(process.cmdline())
    except psutil.Error:
        return False
    return any(mark in command for mark in marks)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
