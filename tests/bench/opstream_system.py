"""The product itself, driven like its peers: one API process and its workers, as in `serve`."""

import socket
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID, uuid4

import psycopg
import uvloop
from nats.js.errors import NotFoundError

from application.access import Actor
from application.identity.accounts import SetMemberRoles
from application.scheduling.roles import AddRole
from application.scheduling.units import OpenUnit
from domain.shared.errors import RuleBroken
from domain.shared.ids import AccountId, TenantId
from infrastructure.bootstrap import core
from infrastructure.nats.connection import connected
from infrastructure.nats.streams import STREAM
from infrastructure.postgres.migrate import migrate
from infrastructure.settings import Settings, read_settings
from interfaces.cli.accounts import nothing, run
from interfaces.cli.serving import WORKERS
from tests.bench.bodies import FIRST_START, LENGTH, STEP
from tests.bench.opstream_folds import FOLLOWERS, behind
from tests.bench.servers import free_port, process
from tests.bench.systems import Running

S = TypeVar("S")

SETTLED_WITHIN = 300.0


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
    """`tenant_id` is the caller's; a new one when it does not matter."""

    name: str = "opstream"
    is_limit: bool = False
    tenant_id: UUID | None = None

    @contextmanager
    def start(self, database_url: str, nats_url: str | None) -> Iterator[Running]:
        """On what the database holds already, and on an empty stream."""
        tenant_id = TenantId(self.tenant_id or uuid4())
        with serving(database_url, nats_url, lambda settings: _seed(settings, tenant_id)) as served:
            token, unit_id = served.seeded
            yield Running(
                base_url=served.base_url,
                token=token,
                body=Bodies(unit_id),
                document="/openapi/scheduler.json",
                settle=served.settle,
            )


SYSTEM = Opstream()


@dataclass(frozen=True)
class Served(Generic[S]):
    base_url: str
    seeded: S
    settle: Callable[[], None]


@contextmanager
def serving(
    database_url: str, nats_url: str | None, seed: Callable[[Settings], Coroutine[None, None, S]]
) -> Iterator[Served[S]]:
    """The processes, on what the database holds already and `seed` adds, and on an empty stream."""
    if nats_url is None:
        raise ValueError("opstream needs --nats-url beside --database-url")
    migrate(database_url)
    uvloop.run(_forget_stream(nats_url))
    with tempfile.TemporaryDirectory(prefix="opstream-bench-") as folder:
        settings = read_settings(
            database_url=database_url,
            nats_url=nats_url,
            data_dir=folder,
            port=free_port(),
            access_token_minutes=600,
        )
        seeded = uvloop.run(seed(settings))
        with _processes(settings):
            base_url = f"http://127.0.0.1:{settings.port}"
            yield Served(base_url, seeded, lambda: _settle(database_url))
    uvloop.run(_forget_stream(nats_url))


async def _forget_stream(nats_url: str) -> None:
    """Another database's events have the same numbers: NATS would take these for repeated ones."""
    async with connected(nats_url, "bench") as client:
        try:
            await client.jetstream().delete_stream(STREAM)
        except NotFoundError:
            return


async def _seed(settings: Settings, tenant_id: TenantId) -> tuple[str, UUID]:
    async with core(settings) as parts:
        command = OpenUnit("Ward", "Europe/Berlin")
        unit_id = await run(parts, command, Actor.system(tenant_id), lambda unit: unit.id)
        # What the database holds already may tell of it.
        with suppress(RuleBroken):
            await run(parts, AddRole("nurse"), Actor.system(tenant_id), nothing)
        coordinator = Actor.with_roles(AccountId(uuid4()), tenant_id, ("coordinator",))
        joining = SetMemberRoles(coordinator.account_id, coordinator.roles)
        await run(parts, joining, Actor.system(tenant_id), nothing)
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
    commands = [["interfaces.workers", *roles] for roles in WORKERS.values()]
    with ExitStack() as stack:
        for command in (*commands, ["interfaces.http"]):
            stack.enter_context(process([*python, *command], environment))
        _wait(lambda: _is_open(settings.port), "the API")
        _settle(settings.required("database_url"))
        yield


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _settle(database_url: str) -> None:
    _wait(lambda: not _is_behind(database_url), "everything to catch up")


def _is_behind(database_url: str) -> bool:
    """Also while some of those that follow the log have not begun with it."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT count(*) FROM checkpoints").fetchone()
    return row is None or row[0] < FOLLOWERS or behind(database_url) > 0


def _wait(reached: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + SETTLED_WITHIN
    while not reached():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {SETTLED_WITHIN:g} s for {what}")
        time.sleep(0.05)
