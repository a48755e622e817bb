"""The bed: real Postgres, NATS, two API processes and two workers, with a proxy on each line."""

import asyncio
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
import psycopg

from infrastructure.embedded.engines import Engines
from infrastructure.embedded.folders import make_passable
from infrastructure.embedded.process import Child, Program
from infrastructure.embedded.supervisor import Service
from infrastructure.postgres.migrate import migrate
from infrastructure.settings import read_settings
from interfaces.cli import demo
from tests.faults.disks import small_disk
from tests.faults.keeper import Keeper
from tests.faults.leftovers import processes_of
from tests.faults.proxy import Proxy
from tests.faults.tail import Tail

PATIENCE = 30.0
"""Seconds within which whatever was broken must be whole again, once the fault is over."""

_SHOWN = "SELECT min(position) >= %s FROM checkpoints WHERE name LIKE 'read model %%'"

APIS = ("api-1", "api-2")
WORKERS = ("worker-1", "worker-2")


class Bed:
    """Everything on one folder. Each process has an environment of its own."""

    def __init__(self, folder: Path, disks: Sequence[tuple[str, int]] = ()) -> None:
        """`disks` are engines that get a small disk of their own, with its size in MiB."""
        self._disks = disks
        self.data_dir = make_passable(folder / "data")
        self.events: list[tuple[float, str, str]] = []
        self.engines = Engines(self.data_dir)
        self.keeper = Keeper(lambda name, what: self.events.append((monotonic(), name, what)))
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self._stack = AsyncExitStack()
        self.api_database: Proxy
        self.worker_database: Proxy
        self.worker_nats: Proxy
        self.tail: Tail

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.keeper.end()
        self.engines.stop()
        await self._stack.aclose()
        self.listener.close()

    async def _start(self) -> None:
        for engine, size in self._disks:
            self._stack.enter_context(small_disk(self.data_dir / engine, size))
        self.engines.prepare_and_start()
        self.engines.hand_over(self.keeper)
        migrate(self.database_url)
        self.tail = await self._stack.enter_async_context(Tail(self.database_url))
        self.api_database = await self._proxy("api-postgres", self.database_url)
        self.worker_database = await self._proxy("worker-postgres", self.database_url)
        self.worker_nats = await self._proxy("worker-nats", self.nats_url)
        for name in WORKERS:
            self.start(name)
        await demo.create(read_settings(database_url=self.database_url, data_dir=self.data_dir))
        for name in APIS:
            self.start(name)
        self.keeper.begin()
        await self.until_ready()
        await until(self._shows_everything, "the read models")

    async def _shows_everything(self) -> bool:
        ((head,),) = await self.query("SELECT max(notification_id) FROM stored_events")
        return await self.query(_SHOWN, head) == [(True,)]

    async def _proxy(self, name: str, url: str) -> Proxy:
        proxy = Proxy(name, urlsplit(url).port or 0)
        return await self._stack.enter_async_context(proxy)

    @property
    def database_url(self) -> str:
        """Past the proxies."""
        return self.engines.database_url

    @property
    def nats_url(self) -> str:
        return self.engines.nats_url

    @property
    def proxies(self) -> tuple[Proxy, ...]:
        return self.api_database, self.worker_database, self.worker_nats

    def start(self, name: str, **environment: str) -> None:
        """An API process or a worker, by its name. With `environment` only the first one has it:
        the successor of one that dies by a failpoint lives.
        """
        later = self._program(name, {})
        plans = [self._program(name, environment)] if environment else []

        def start() -> Child:
            return (plans.pop() if plans else later).start()

        self.keeper.add(Service(name, start))

    def restart(self, name: str, **environment: str) -> None:
        """Kill it and start it again with this environment."""
        if (child := self.keeper.hold_down(name)) is not None:
            child.kill()
        self.start(name, **environment)

    def child(self, name: str) -> Child:
        child = self.keeper.child(name)
        assert child is not None, f"{name} does not run now"
        return child

    def kill(self, name: str) -> None:
        """SIGKILL; the keeper will see it."""
        os.kill(self.child(name).pid, signal.SIGKILL)

    async def end(self, name: str) -> int | None:
        """SIGTERM, and nobody starts it again. Returns its exit code."""
        child = self.keeper.hold_down(name)
        if child is None:
            return None
        await asyncio.to_thread(child.stop, signal.SIGTERM, 25.0)
        return child.returncode

    async def query(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        async with await psycopg.AsyncConnection.connect(
            self.database_url, autocommit=True, connect_timeout=2
        ) as connection:
            return await (await connection.execute(statement, parameters)).fetchall()

    async def until_ready(self) -> None:
        async with httpx.AsyncClient(timeout=2) as client:

            async def ready() -> bool:
                return (await client.get(f"{self.url}/readyz")).status_code == 200

            await until(ready, "the system to be ready")

    def heal(self) -> None:
        for proxy in self.proxies:
            proxy.heal()

    def ended(self, name: str) -> int:
        """How often it ended so far."""
        return sum(who == name and "ended with" in what for _, who, what in self.events)

    def leader(self) -> str:
        """The worker that projects: the last that said so."""
        said = {name: self._last_said(name, "projector.active") for name in self.workers()}
        return max(said, key=lambda name: said[name])

    def workers(self) -> list[str]:
        return [name for name in self.keeper.names() if name.startswith("worker")]

    def leftovers(self) -> list[str]:
        """What works on this folder and was not started by us, or not lately."""
        return processes_of(self.data_dir, besides=self.keeper.pids())

    def log(self, name: str) -> str:
        path = self.data_dir / "logs" / f"{name}.log"
        return path.read_text() if path.exists() else ""

    def _last_said(self, name: str, event: str) -> str:
        lines = [line for line in self.log(name).splitlines() if event in line]
        return lines[-1].partition('"timestamp":')[2] if lines else ""

    def _program(self, name: str, environment: dict[str, str]) -> Program:
        is_api = name.startswith("api")
        fd = self.listener.fileno()
        arguments = ["interfaces.http", str(fd)] if is_api else ["interfaces.workers"]
        return Program(
            name,
            [sys.executable, "-m", *arguments],
            log=self.data_dir / "logs" / f"{name}.log",
            env={**self._environment(is_api=is_api), **environment},
            pass_fds=(fd,) if is_api else (),
        )

    def _environment(self, *, is_api: bool) -> dict[str, str]:
        database = self.api_database if is_api else self.worker_database
        ours = {name: os.environ[name] for name in os.environ if not name.startswith("OPSTREAM_")}
        return {
            **ours,
            "OPSTREAM_DATABASE_URL": _through(database, self.database_url),
            "OPSTREAM_NATS_URL": _through(self.worker_nats, self.nats_url),
            "OPSTREAM_DATA_DIR": str(self.data_dir),
            "OPSTREAM_LOGIN_RATE": "1000/minute",
            "OPSTREAM_ACCESS_TOKEN_MINUTES": "600",
        }


@asynccontextmanager
async def a_bed(disks: Sequence[tuple[str, int]] = (), *, keep: bool = False) -> AsyncIterator[Bed]:
    """A bed on a temporary folder, which stays with `keep`. Raises SkippedError."""
    folder = _folder()
    bed = Bed(folder, disks)
    try:
        async with bed:
            yield bed
    finally:
        if not keep:
            bed.engines.remove()
            shutil.rmtree(folder, ignore_errors=True)


def _folder() -> Path:
    """Postgres' own user must be able to live in there."""
    folder = Path(tempfile.mkdtemp(prefix="opstream-faults-"))
    folder.chmod(0o711)
    return folder


def _through(proxy: Proxy, url: str) -> str:
    return url.replace(f":{urlsplit(url).port}", f":{proxy.port}")


async def until(
    reached: Callable[[], Awaitable[bool]], what: str, patience: float = PATIENCE
) -> float:
    """Ask until it is so, through outages; returns how many seconds that took."""
    started = monotonic()
    last: BaseException | None = None
    while monotonic() - started < patience:
        try:
            if await reached():
                return monotonic() - started
        except (httpx.HTTPError, psycopg.OperationalError, OSError) as error:
            last = error
        await asyncio.sleep(0.05)
    raise AssertionError(f"waited {patience:g} s for {what}; last error: {last!r}")
