"""The peers and the limits as systems: prepare the database, start the server, issue the token."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from tests.bench.bodies import ShiftBodies
from tests.bench.crud_peer import Base, Unit
from tests.bench.crud_sessions import DATABASE_VARIABLE
from tests.bench.library_environment import environment
from tests.bench.library_peer import Scheduling
from tests.bench.servers import uvicorn
from tests.bench.systems import Running
from tests.bench.tokens import PUBLIC_KEY_VARIABLE, Tokens


@dataclass(frozen=True)
class Limit:
    """Needs no database: a constant answer, or FastAPI with its checks and nothing behind."""

    name: str
    app: str
    is_limit: bool = True

    @contextmanager
    def start(self, _database_url: str, _nats_url: str | None) -> Iterator[Running]:
        with _served(self.app, {}, uuid4()) as running:
            yield running


@dataclass(frozen=True)
class CrudPeer:
    """`tenant_id` is the caller's; a new one when it does not matter."""

    name: str = "sqlalchemy crud"
    is_limit: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    tenant_id: UUID | None = None

    @contextmanager
    def start(self, database_url: str, _nats_url: str | None) -> Iterator[Running]:
        url = make_url(database_url).set(drivername="postgresql+psycopg")
        dsn = url.render_as_string(hide_password=False)
        unit_id = asyncio.run(_create_tables_and_unit(dsn))
        settings = {DATABASE_VARIABLE: dsn, **self.settings}
        tokens = Tokens(self.tenant_id or uuid4())
        with _served("tests.bench.crud_peer:app", settings, unit_id, tokens) as running:
            yield running


@dataclass(frozen=True)
class LibraryPeer:
    name: str = "eventsourcing"
    is_limit: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)

    @contextmanager
    def start(self, database_url: str, _nats_url: str | None) -> Iterator[Running]:
        settings = {**environment(database_url), **self.settings}
        with Scheduling(settings) as scheduling:
            unit_id = scheduling.register_unit("Ward 3")
        with _served("tests.bench.library_peer:app", settings, unit_id) as running:
            yield running


LIMITS = (
    Limit("limit: constant", "tests.bench.nothing:app"),
    Limit("limit: checks only", "tests.bench.checks:app"),
)
PEERS = (CrudPeer(), LibraryPeer())


@contextmanager
def _served(
    app: str, settings: Mapping[str, str], unit_id: UUID, tokens: Tokens | None = None
) -> Iterator[Running]:
    tokens = tokens or Tokens()
    with uvicorn(app, {PUBLIC_KEY_VARIABLE: tokens.public_pem, **settings}) as base_url:
        yield Running(base_url, tokens.issue(), ShiftBodies(unit_id))


async def _create_tables_and_unit(database_url: str) -> UUID:
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        unit = Unit(name="Ward 3")
        session.add(unit)
        await session.commit()
    await engine.dispose()
    return unit.id
