"""``opstream serve``: the whole system on one machine, as children of this process."""

import asyncio
import os
import signal
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.panel import Panel

from infrastructure.embedded.engines import Engines
from infrastructure.embedded.errors import StartupFailed
from infrastructure.embedded.lock import DataFolderLock
from infrastructure.embedded.nursery import Nursery, Task
from infrastructure.embedded.supervisor import Service, Supervisor
from infrastructure.postgres.migrate import migrate
from infrastructure.settings import Settings, WrongSettingsError, read_settings
from interfaces.cli import demo as demo_data
from interfaces.http.main import run_api
from interfaces.starting import check_nats, told_in_one_line
from interfaces.workers.main import PROMPT, ROLES, start

READY_WITHIN = 60
"""Seconds after which a system that does not become ready is given up; it takes about 5."""

WORKERS = {
    "projector": ("projector",),
    "relay": ("relay",),
    "worker": tuple(role for role in ROLES if role not in PROMPT),
}
"""Answers wait for the projector, and others for the relay: these share a process with nobody."""

console = Console(highlight=False, soft_wrap=True)


def serve(settings: Settings, *, demo: bool) -> None:
    """Start everything, tell how to reach it, and keep it running until SIGINT or SIGTERM.

    Raises StartupFailed, DataFolderBusy or WrongSettingsError, each with one line to show.
    """
    # Until everything runs there is nothing worth waiting for.
    _when_told_to_stop(lambda: sys.exit(0))
    stop = threading.Event()
    nursery = Nursery(["interfaces.cli.main"])
    nursery.warm_up()
    supervisor = Supervisor(_say_what_happens)
    with DataFolderLock(settings.data_dir) as lock, _listening(settings) as listener:
        try:
            with _status() as tell:
                environment = _environment(settings, _engines(settings, lock, supervisor, tell))
                plan = _Plan(settings, environment, listener, nursery)
                _start(plan, supervisor, tell, demo=demo)
                _wait_until_ready(settings, supervisor)
            _when_told_to_stop(stop.set)
            _welcome(settings, demo=demo)
            supervisor.run_forever(stop)
        finally:
            _when_told_to_stop(stop.set)
            console.print("stopping")
            supervisor.stop_all(timeout=9.0)
            nursery.close()


def _when_told_to_stop(act: Callable[[], None]) -> None:
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, lambda _signum, _frame: act())


def _engines(
    settings: Settings,
    lock: DataFolderLock,
    supervisor: Supervisor,
    tell: Callable[[str], None],
) -> tuple[str, str]:
    """The URLs of Postgres and NATS: those of the settings, or of embedded ones."""
    given = (settings.database_url, settings.nats_url)
    if all(given):
        return settings.required("database_url"), settings.required("nats_url")
    if any(given):
        raise WrongSettingsError(
            "Set both OPSTREAM_DATABASE_URL and OPSTREAM_NATS_URL, or neither."
        )
    engines = Engines(settings.data_dir, lock=lock)
    engines.prepare_and_start(tell)
    engines.hand_over(supervisor)
    return engines.database_url, engines.nats_url


@dataclass(frozen=True)
class _Plan:
    """What our own processes are made of."""

    settings: Settings
    environment: dict[str, str]
    listener: socket.socket
    nursery: Nursery

    def api(self, number: int) -> Service:
        return self._service(f"api-{number}", _be_api, self.listener)

    def worker(self, name: str, roles: Sequence[str]) -> Service:
        return self._service(name, _be_worker, roles)

    def _service(self, name: str, function: Callable[..., None], *arguments: object) -> Service:
        log = self.settings.data_dir / "logs" / f"{name}.log"
        task = Task(name, function, arguments, log, self.environment)
        return Service(name, lambda: self.nursery.start(task))


def _be_api(listener: socket.socket) -> None:
    with told_in_one_line():
        run_api(read_settings(), listener)


def _be_worker(roles: Sequence[str]) -> None:
    with told_in_one_line():
        start(read_settings(), roles)


def _start(plan: _Plan, supervisor: Supervisor, tell: Callable[[str], None], *, demo: bool) -> None:
    tell("migrating the database")
    migrate(plan.environment["OPSTREAM_DATABASE_URL"])
    if plan.settings.nats_url is not None:
        tell("asking NATS")
        check_nats(plan.settings)
    tell("starting the workers")
    for name, roles in WORKERS.items():
        supervisor.add(plan.worker(name, roles))
    if demo:
        tell("creating the demo data")
        asyncio.run(demo_data.create(_with(plan.settings, plan.environment)))
    tell("starting the API")
    for number in range(plan.settings.api_workers):
        supervisor.add(plan.api(number + 1))


def _environment(settings: Settings, urls: tuple[str, str]) -> dict[str, str]:
    """What children read their settings from: ours, with the engines' URLs and the options."""
    database_url, nats_url = urls
    return {
        **os.environ,
        "OPSTREAM_DATABASE_URL": database_url,
        "OPSTREAM_NATS_URL": nats_url,
        "OPSTREAM_DATA_DIR": str(settings.data_dir.resolve()),
        "OPSTREAM_HOST": settings.host,
        "OPSTREAM_PORT": str(settings.port),
    }


def _with(settings: Settings, environment: dict[str, str]) -> Settings:
    urls = {name: environment[f"OPSTREAM_{name.upper()}"] for name in ("database_url", "nats_url")}
    return Settings(**{**settings.model_dump(), **urls})


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    """The socket that all API processes share; bound here, so that a busy port is found first."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            raise StartupFailed(
                f"Can't listen on {settings.host}:{settings.port}: {error.strerror}."
            ) from error
        listener.listen(1024)
        yield listener


def _wait_until_ready(settings: Settings, supervisor: Supervisor) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while not _is_ready(settings):
        if time.monotonic() > deadline:
            logs = settings.data_dir / "logs"
            raise StartupFailed(f"Not ready within {READY_WITHIN} s; the logs in {logs} say why.")
        supervisor.tick()
        time.sleep(0.1)


def _is_ready(settings: Settings) -> bool:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    host = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - asked, not bound
    try:
        url = f"http://{host}:{settings.port}/readyz"
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004
    except OSError:
        return False


@contextmanager
def _status() -> Iterator[Callable[[str], None]]:
    """Progress: a spinner in a terminal, lines elsewhere."""
    if not console.is_terminal:
        yield console.print
        return
    with console.status("starting") as status:
        yield status.update


def _say_what_happens(name: str, what: str) -> None:
    console.print(f"{name}: {what}")


def _welcome(settings: Settings, *, demo: bool) -> None:
    url = f"http://{settings.host}:{settings.port}"
    lines = [
        f"API             {url}",
        f"interactive     {url}/docs",
        f"OpenAPI         {url}/openapi/scheduler.json",
        f"readiness       {url}/readyz",
        f"data and logs   {settings.data_dir}",
    ]
    if demo:
        lines += ["", f"demo accounts, all with the password {demo_data.PASSWORD}:"]
        lines += [f"  {email}" for email in demo_data.EMAILS]
    lines += ["", "Ctrl-C stops everything."]
    console.print(Panel("\n".join(lines), title="opstream is ready", expand=False))
