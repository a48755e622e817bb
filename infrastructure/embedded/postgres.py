"""Postgres from the wheel, in a data folder of its own, on 127.0.0.1."""

import shutil
import signal
import tempfile
import time
from pathlib import Path

import psycopg
from psycopg import sql

from infrastructure.embedded.errors import StartupFailed
from infrastructure.embedded.folders import give, make_private
from infrastructure.embedded.home import AWAY_ROOT, Home, settle
from infrastructure.embedded.memory import Memory, sync_folder, write_private
from infrastructure.embedded.orphan import stop_orphan
from infrastructure.embedded.process import Program, Spawned

NAME = "opstream"  # of the superuser and of the database
_LONGEST_SOCKET_FOLDER = 85  # bytes; the whole socket path must stay below 108
_ENV = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}  # no PG* variable of the user's may interfere

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "300",
    "shared_buffers": "128MB",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "wal_compression": "on",
    "max_wal_size": "1GB",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
}


class EmbeddedPostgres:
    """One cluster with one database, both called opstream.

    In order: `prepare`, `start_child`, `wait_ready`. The caller holds the data folder's lock.
    """

    def __init__(
        self, data_dir: Path, port: int | None = None, *, away_root: Path = AWAY_ROOT
    ) -> None:
        self.data_dir = data_dir.resolve()
        self.log = self.data_dir / "logs" / "postgres.log"
        self._away_root = away_root
        self._fixed_port = port
        self._port = 0
        self._password = ""
        self._home: Home | None = None
        self._sockets: Path | None = None
        self._child: Spawned | None = None

    @property
    def home(self) -> Home:
        if self._home is None:
            raise StartupFailed("Postgres was not prepared.")
        return self._home

    @property
    def url(self) -> str:
        return f"postgresql://{NAME}:{self._password}@127.0.0.1:{self._port}/{NAME}"

    @classmethod
    def url_in(cls, data_dir: Path) -> str | None:
        """Where the server that another process runs on this folder answers; None if there never
        was one.
        """
        path = data_dir.resolve() / "postgres.json"
        if not path.exists():
            return None
        memory, postgres = Memory(path), cls(data_dir)
        postgres._password = memory.get("password") or ""
        postgres._port = int(memory.get("port") or 0)
        return postgres.url

    def prepare(self) -> None:
        """Make the cluster when it is missing, stop a forgotten server, settle the port.

        Raises StartupFailed. It starts no process that outlives the call, so any thread may call.
        """
        memory = Memory(make_private(self.data_dir) / "postgres.json")
        self._home = settle(self.data_dir, memory, self._away_root)
        self._password = memory.secret("password")
        if not self.home.cluster.exists():
            self._initialise()
        memory.put(initialised="yes")
        self._require_our_version()
        stop_orphan(self.home.cluster)
        self._port = self._fixed_port or memory.port("port")
        self._sockets = self._socket_folder(memory)

    def start_child(self) -> Spawned:
        """Also the supervisor's way to restart it. See `process` on which thread may call."""
        options = SETTINGS | {
            "port": str(self._port),
            "unix_socket_directories": str(self._sockets),
        }
        flags: list[str] = [
            part for name, value in options.items() for part in ("-c", f"{name}={value}")
        ]
        program = self.home.program("postgres")
        self._child = self._program("postgres", program, "-D", self.home.cluster, *flags).start()
        return self._child

    def wait_ready(self, timeout: float = 60.0) -> None:
        """Until the database answers; recovery after a crash may take many seconds.

        Raises StartupFailed when the server ended, or after `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        while True:
            try:
                self._create_database()
            except psycopg.OperationalError as error:
                self._require_alive()
                if time.monotonic() > deadline:
                    raise StartupFailed(
                        f"postgres was not ready after {timeout:.0f} s: {_one_line(error)}"
                    ) from error
                time.sleep(0.02)
            else:
                return

    def remove(self) -> None:
        """Delete the stopped cluster, wherever it lives, with all its data."""
        if self._home is not None:
            shutil.rmtree(self._home.path, ignore_errors=True)
        if self._sockets is not None:
            shutil.rmtree(self._sockets, ignore_errors=True)
        (self.data_dir / "postgres.json").unlink(missing_ok=True)

    def _initialise(self) -> None:
        """In a folder beside it that is renamed at the end: half a cluster is never taken for one.

        initdb syncs the files itself, which costs 0.2 s.
        """
        draft = self.home.path / "cluster.new"
        shutil.rmtree(draft, ignore_errors=True)
        make_private(draft, self.home.account)
        password_file = self.home.path / "password"
        write_private(password_file, self._password)
        give(password_file, self.home.account)
        try:
            self._run_initdb(draft, password_file)
        finally:
            password_file.unlink()
        draft.rename(self.home.cluster)
        sync_folder(self.home.path)

    def _run_initdb(self, folder: Path, password_file: Path) -> None:
        # The builtin provider sorts by code point on every machine alike; libc's order changes
        # with the system's version and then breaks indexes.
        locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        options = (f"--username={NAME}", "--auth=scram-sha-256", "--encoding=UTF8", *locale)
        flags = (*options, "--data-checksums", "--no-instructions", f"--pwfile={password_file}")
        child = self._program("initdb", self.home.program("initdb"), "-D", folder, *flags).start()
        if not child.wait(timeout=120):
            child.kill()
            raise child.failure("did not end within 120 s")
        if child.returncode != 0:
            raise child.failure("failed")

    def _program(self, name: str, *command: str | Path) -> Program:
        # Immediate shutdown when we die: nobody is left to wait for a checkpoint, and the next
        # start recovers from the log.
        return Program(
            name,
            command,
            log=self.log,
            death_signal=signal.SIGQUIT,
            stop_signal=signal.SIGINT,
            account=self.home.account,
            env=_ENV,
            cwd=Path("/"),
        )

    def _require_our_version(self) -> None:
        theirs = (self.home.cluster / "PG_VERSION").read_text().strip()
        with (self.home.install / "share" / "postgres.bki").open() as catalogue:
            ours = catalogue.readline().split()[-1]  # "# PostgreSQL 18"
        if theirs != ours:
            raise StartupFailed(
                f"The database in {self.home.cluster} was made by Postgres {theirs}, this is "
                f"Postgres {ours}; move the data with pg_dump."
            )

    def _socket_folder(self, memory: Memory) -> Path:
        inside = self.home.path / "sockets"
        if len(bytes(inside)) <= _LONGEST_SOCKET_FOLDER:
            return make_private(inside, self.home.account)
        remembered = Path(memory.get("sockets") or "/nowhere")
        if remembered.is_dir() and remembered.stat().st_uid == self._uid():
            return remembered
        short = Path(tempfile.mkdtemp(prefix="opstream-", dir="/tmp"))
        give(short, self.home.account)
        memory.put(sockets=str(short))
        return short

    def _uid(self) -> int:
        return self.home.cluster.stat().st_uid

    def _require_alive(self) -> None:
        if self._child is not None and not self._child.alive:
            raise self._child.failure(f"ended with code {self._child.returncode}")

    def _create_database(self) -> None:
        """Raises psycopg.OperationalError while the server is not ready."""
        admin_url = f"{self.url.removesuffix(NAME)}postgres"
        with psycopg.connect(admin_url, autocommit=True, connect_timeout=2) as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(query, [NAME]).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
