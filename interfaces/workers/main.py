"""A worker process, put together from its settings."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime

import structlog
import uvloop

from infrastructure import garbage
from infrastructure.backlog import Backlog
from infrastructure.event_store.mapper import EventMapper
from infrastructure.imports.importer import Importer
from infrastructure.logging import configure_logging
from infrastructure.looking import Looking
from infrastructure.messages.ways import ways
from infrastructure.nats.consumer import Consumer
from infrastructure.nats.relay import Relay
from infrastructure.nats.streams import Shape
from infrastructure.postgres.audit import AuditWriter
from infrastructure.postgres.audit_check import CONSUMER as AUDIT
from infrastructure.postgres.deliveries import Sender, send_all
from infrastructure.postgres.notifications import Notifier
from infrastructure.postgres.projector.runner import BACKGROUND, Projector
from infrastructure.readiness import Readiness, needs_nats
from infrastructure.registry import awaited_read_models, background_read_models
from infrastructure.sealing.file import CheckpointFile
from infrastructure.sealing.keys import checkpoint_key
from infrastructure.sealing.sealer import Pace, Sealer
from infrastructure.settings import Settings, WrongSettingsError
from interfaces.starting import check_channels, check_database, check_nats
from interfaces.workers.health import HealthServer
from interfaces.workers.housekeeping import Housekeeping
from interfaces.workers.supervision import Part, cancelled, supervise

NOTIFIER, SENDER, IMPORTER = "notifier", "sender", "importer"

PROMPT = ("projector", "relay")
"""Roles that somebody waits for: answers wait for the projector, other systems for the relay."""
LATER = 10
"""Niceness of a worker that has none of these roles."""

log = structlog.get_logger()

Run = Callable[[], Awaitable[None]]


def start(
    settings: Settings, roles: Collection[str] | None = None, *, demands_nats: bool = False
) -> None:
    """The worker process: what it stands on, its log, its loop, and `run_worker`.

    Only who starts by hand `demands_nats`: a child of `serve` may come back during an outage.
    Raises WrongSettingsError, StartupFailed or psycopg.OperationalError.
    """
    wanted = _chosen(roles)
    if SENDER in wanted:
        check_channels(settings)
    check_database(settings)
    if demands_nats and needs_nats(wanted):
        check_nats(settings)
    configure_logging(settings)
    if not set(PROMPT) & set(wanted):
        os.nice(LATER)
    garbage.calm()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run_worker(settings, wanted))


async def run_worker(settings: Settings, roles: Collection[str] | None = None) -> None:
    """Run the given roles, by default all, until SIGTERM or SIGINT.

    Any number of workers may run: of each role but the sender one is active, the others stand by.
    Raises WrongSettingsError.
    """
    wanted = _chosen(roles)
    parts = [Part(role, ROLES[role](settings)) for role in wanted]
    if settings.worker_port is not None:
        looking = Looking(settings.required("database_url"))
        readiness, backlog = Readiness(settings, wanted, looking), Backlog(looking)
        server = HealthServer(readiness, backlog, settings.host, settings.worker_port)
        parts.append(Part("health", server.run))
    await _run(parts)


def _chosen(roles: Collection[str] | None) -> tuple[str, ...]:
    wanted = tuple(ROLES if roles is None else roles)
    if unknown := set(wanted) - set(ROLES):
        raise WrongSettingsError(f"no such role: {', '.join(sorted(unknown))}; of {list(ROLES)}")
    return wanted


async def _run(parts: list[Part]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    tasks = [asyncio.create_task(supervise(part), name=part.name) for part in parts]
    log.info("worker.started", parts=[part.name for part in parts])
    try:
        await stop.wait()
    finally:
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(signum)
        await _stop(tasks)


async def _stop(tasks: list[asyncio.Task[None]]) -> None:
    stuck = await cancelled(tasks)
    log.info("worker.stopped", stuck=[task.get_name() for task in stuck])


# Each run gets a fresh object: what one held in memory when it failed may not be what is stored.


def _projector(settings: Settings) -> Run:
    database_url, mapper = settings.required("database_url"), EventMapper()
    return lambda: Projector(database_url, mapper, awaited_read_models()).run()


def _background(settings: Settings) -> Run:
    database_url, mapper = settings.required("database_url"), EventMapper()
    return lambda: Projector(database_url, mapper, background_read_models(), BACKGROUND).run()


def _relay(settings: Settings) -> Run:
    urls, shape = _urls(settings), Shape.of(settings)
    return lambda: Relay(*urls, shape, (AUDIT, NOTIFIER)).run()


def _audit(settings: Settings) -> Run:
    urls, shape, mapper = _urls(settings), Shape.of(settings), EventMapper()
    return lambda: Consumer(AUDIT, AuditWriter(mapper), *urls, shape).run()


def _notifier(settings: Settings) -> Run:
    urls, shape, mapper = _urls(settings), Shape.of(settings), EventMapper()
    return lambda: Consumer(NOTIFIER, Notifier(mapper), *urls, shape).run()


def _sender(settings: Settings) -> Run:
    database_url, attempts = settings.required("database_url"), settings.delivery_attempts
    open_ways = ways(settings)
    return lambda: send_all([Sender(database_url, way, attempts) for way in open_ways])


def _importer(settings: Settings) -> Run:
    settings.required("database_url")
    return lambda: Importer(settings).run()


def _housekeeping(settings: Settings) -> Run:
    settings.required("database_url")
    return lambda: Housekeeping(settings).run()


def _sealer(settings: Settings) -> Run:
    database_url, key = settings.required("database_url"), checkpoint_key(settings)
    file = CheckpointFile(settings.checkpoints)
    pace = Pace(settings.checkpoint_events, settings.checkpoint_seconds)
    return lambda: Sealer(database_url, key, file, pace, lambda: datetime.now(UTC)).run()


def _urls(settings: Settings) -> tuple[str, str]:
    return settings.required("database_url"), settings.required("nats_url")


ROLES: dict[str, Callable[[Settings], Run]] = {
    "projector": _projector,
    "relay": _relay,
    "background": _background,
    "audit": _audit,
    NOTIFIER: _notifier,
    SENDER: _sender,
    IMPORTER: _importer,
    "housekeeping": _housekeeping,
    "sealer": _sealer,
}
"""What a worker can do, by the names that ``worker --only`` takes."""
