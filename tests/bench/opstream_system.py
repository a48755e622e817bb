"""The product itself, driven like its peers: one API process and its workers, as in `serve`."""

import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import uvloop

from application.access import Actor
from application.scheduling.units import OpenUnit
from domain.shared.ids import AccountId, TenantId
from infrastructure import garbage
from infrastructure.bootstrap import core
from infrastructure.event_store.mapper import EventMapper
from infrastructure.postgres.migrate import migrate
from infrastructure.postgres.projector.beside import rebuild
from infrastructure.postgres.projector.runner import Projector
from infrastructure.registry import read_models
from infrastructure.settings import Settings
from interfaces.cli.accounts import run
from interfaces.cli.serving import WORKERS
from projections.scheduling import shifts
from tests.bench import opstream_log
from tests.bench.bodies import FIRST_START, LENGTH, STEP
from tests.bench.servers import free_port, process
from tests.bench.systems import Fold, Running

SETTLED_WITHIN = 60.0
_BEHIND = """
SELECT (SELECT coalesce(max(notification_id), 0) FROM stored_events)
    - coalesce(min(position), 0) FROM checkpoints
"""


@dataclass(frozen=True)
class Bodies:
    """Like the peers' bodies, without the zone, which here is the unit's."""

    unit_id: UUID

    def __call__(self, n: int) -> bytes:
        start = FIRST_START + n * STEP
        return (
            f'{{"unit_id":"{self.unit_id}","role":"nurse","start":"{start.isoformat()}",'
            f'"end":"{(start + LENGTH).isoformat()}","headcount":3,'
            f'"notes":{{"room":"B{n % 90}","briefing":"Bring the keys"}}}}'
        ).encode()


@dataclass(frozen=True)
class Opstream:
    name: str = "opstream"
    is_limit: bool = False

    @contextmanager
    def start(self, database_url: str, nats_url: str | None) -> Iterator[Running]:
        if nats_url is None:
            raise ValueError("opstream needs --nats-url beside --database-url")
        migrate(database_url)
        with tempfile.TemporaryDirectory(prefix="opstream-bench-") as folder:
            settings = Settings(
                database_url=database_url,
                nats_url=nats_url,
                data_dir=Path(folder),
                port=free_port(),
                access_token_minutes=600,
            )
            token, unit_id = uvloop.run(_seed(settings))
            with _processes(settings):
                yield Running(
                    base_url=f"http://127.0.0.1:{settings.port}",
                    token=token,
                    body=Bodies(unit_id),
                    settle=lambda: _settle(database_url),
                )


SYSTEM = Opstream()


def measure_folds(database_url: str, events: int) -> list[Fold]:
    """Events/s of the live projector with all read models, and of one rebuild."""
    migrate(database_url)
    opstream_log.fill(database_url, events)
    return uvloop.run(_folds(database_url, events))


async def _folds(database_url: str, events: int) -> list[Fold]:
    mapper = EventMapper()
    garbage.calm()  # as the worker does
    started = time.perf_counter()
    projector = asyncio.create_task(Projector(database_url, mapper, read_models()).run())
    while _behind(database_url):  # noqa: ASYNC110 - the projector is watched, not part of this
        await asyncio.sleep(0.05)
    projected = Fold("opstream projector, all read models", events, time.perf_counter() - started)
    projector.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await projector
    started = time.perf_counter()
    await rebuild(database_url, mapper, shifts.model, lambda _done, _total: None)
    rebuilt = Fold("opstream rebuild of shifts", events, time.perf_counter() - started)
    return [projected, rebuilt]


async def _seed(settings: Settings) -> tuple[str, UUID]:
    async with core(settings) as parts:
        tenant_id = TenantId(uuid4())
        command = OpenUnit("Ward", "Europe/Berlin")
        unit_id = await run(parts, command, Actor.system(tenant_id), lambda unit: unit.id)
        coordinator = Actor.with_roles(AccountId(uuid4()), tenant_id, ("coordinator",))
        return parts.tokens.issue(coordinator).text, unit_id


@contextmanager
def _processes(settings: Settings) -> Iterator[None]:
    environment = {
        "OPSTREAM_DATABASE_URL": settings.required("database_url"),
        "OPSTREAM_NATS_URL": settings.required("nats_url"),
        "OPSTREAM_DATA_DIR": str(settings.data_dir),
        "OPSTREAM_PORT": str(settings.port),
    }
    python = [sys.executable, "-m"]
    workers = [[*python, "interfaces.workers", *roles] for roles in WORKERS.values()]
    with (
        process(workers[0], environment),
        process(workers[1], environment),
        process([*python, "interfaces.http"], environment),
    ):
        _wait(lambda: _is_open(settings.port), "the API")
        _settle(settings.required("database_url"))
        yield


def _is_open(port: int) -> bool:
    import socket  # noqa: PLC0415

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _settle(database_url: str) -> None:
    _wait(lambda: not _behind(database_url), "everything to catch up")


def _behind(database_url: str) -> int:
    with psycopg.connect(database_url) as connection:
        row = connection.execute(_BEHIND).fetchone()
    return int(row[0]) if row else 0


def _wait(reached: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + timedelta(seconds=SETTLED_WITHIN).total_seconds()
    while not reached():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {SETTLED_WITHIN:g} s for {what}")
        time.sleep(0.05)
