"""Real Postgres and NATS, started once per run; each test gets a fresh migrated database."""

import contextlib
import logging
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import structlog
from xdist.scheduler import LoadFileScheduling

from infrastructure.embedded.engines import Engines
from infrastructure.postgres.migrate import migrate

TEMPLATE = f"opstream_template_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
NATS_USERS = ("tests/infrastructure/nats", "tests/interfaces/workers", "tests/bench")
"""They take the same stream from each other, and so run in one process."""

# Dozens of processes are started here, some under a clock: they share what one has compiled, even
# where the environment forbids to leave compiled files beside the sources.
if "PYTEST_XDIST_WORKER" not in os.environ:
    _compiled = tempfile.TemporaryDirectory(prefix="opstream-compiled-")
    os.environ["PYTHONPYCACHEPREFIX"] = _compiled.name
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# What is logged is tested where it matters; elsewhere it would drown a failure's own words.
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


@dataclass(frozen=True)
class Running:
    """The engines of this run, wherever they were started."""

    database_url: str
    nats_url: str
    data_dir: Path


_RUN = pytest.StashKey[tuple[contextlib.ExitStack, Running]]()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """The first process starts the engines, and tells the others where they are."""
    stash = node.config.stash
    if _RUN not in stash:
        stack = contextlib.ExitStack()
        stash[_RUN] = stack, stack.enter_context(_started())
    running = stash[_RUN][1]
    node.workerinput["engines"] = (running.database_url, running.nats_url, str(running.data_dir))


def pytest_unconfigure(config: pytest.Config) -> None:
    if _RUN in config.stash:
        config.stash[_RUN][0].close()


class _ByFile(LoadFileScheduling):
    """A file's tests stay together in one process; so do all that use NATS."""

    def _split_scope(self, nodeid: str) -> str:
        return "nats" if nodeid.startswith(NATS_USERS) else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _ByFile:
    return _ByFile(config, log)


@pytest.fixture(scope="session")
def engines(request: pytest.FixtureRequest) -> Iterator[Running]:
    given = getattr(request.config, "workerinput", {}).get("engines")
    if given is not None:
        database_url, nats_url, data_dir = given
        yield Running(database_url, nats_url, Path(data_dir))
        return
    with _started() as running:
        yield running


@contextlib.contextmanager
def _started() -> Iterator[Running]:
    with tempfile.TemporaryDirectory(prefix="opstream-tests-") as folder:
        engines = Engines(Path(folder))
        engines.prepare_and_start()
        try:
            yield Running(engines.database_url, engines.nats_url, Path(folder))
        finally:
            engines.remove()


@pytest.fixture(scope="session")
def template(engines: Running) -> str:
    """A migrated database, from which every other is copied."""
    _execute(engines.database_url, f"CREATE DATABASE {TEMPLATE}")
    migrate(_of(engines.database_url, TEMPLATE))
    return TEMPLATE


@pytest.fixture
def database_url(engines: Running, template: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    _execute(engines.database_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _of(engines.database_url, name)
    _execute(engines.database_url, f"DROP DATABASE {name} WITH (FORCE)")


def _of(url: str, database: str) -> str:
    return f"{url.rsplit('/', 1)[0]}/{database}"


def _execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)
