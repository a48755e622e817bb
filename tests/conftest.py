"""Real Postgres and NATS, started once per run; each test gets a fresh migrated database."""

import contextlib
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import structlog
from xdist.scheduler import LoadFileScheduling

from infrastructure.postgres.migrate import migrate
from tests.support.engines import NewDatabase, Running, copies_of, running_engines

TEMPLATE = f"opstream_template_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
TOGETHER = {
    "systems": (
        *("tests/faults", "tests/scenarios"),
        *("tests/interfaces/cli/test_terminal.py", "tests/interfaces/cli/test_real_servers.py"),
    ),
    "nats": ("tests/infrastructure/nats", "tests/interfaces/workers", "tests/bench"),
}
"""Run in one process: whole systems take the cores from each other while a clock runs, and those
that use NATS its one stream.
"""
LONG = (TOGETHER["systems"], "tests/fuzz", "tests/interfaces/cli", TOGETHER["nats"])
"""Run first, in this order: then all processes end at about the same time, and what is beside the
systems does not take every core.
"""

# Dozens of processes are started here, some under a clock: they share what one has compiled, if the
# environment forbids to leave it beside the sources for the next run, then in a folder of this run.
if sys.dont_write_bytecode and "PYTEST_XDIST_WORKER" not in os.environ:
    _compiled = tempfile.TemporaryDirectory(prefix="opstream-compiled-")
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = _compiled.name
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False

# What is logged is tested where it matters; elsewhere it would drown a failure's own words.
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))

_RUN = pytest.StashKey[tuple[contextlib.ExitStack, Running]]()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """The first process starts the engines, and tells the others where they are."""
    stash = node.config.stash
    if _RUN not in stash:
        stack = contextlib.ExitStack()
        stash[_RUN] = stack, stack.enter_context(running_engines())
    running = stash[_RUN][1]
    node.workerinput["engines"] = (running.database_url, running.nats_url, str(running.data_dir))


def pytest_unconfigure(config: pytest.Config) -> None:
    if _RUN in config.stash:
        config.stash[_RUN][0].close()


class _ByFile(LoadFileScheduling):
    """A file's tests stay together in one process; so do those of more files."""

    def _split_scope(self, nodeid: str) -> str:
        names = (name for name, folders in TOGETHER.items() if nodeid.startswith(folders))
        return next(names, super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _ByFile:
    return _ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        ranks = (rank for rank, folders in enumerate(LONG) if item.nodeid.startswith(folders))
        return next(ranks, len(LONG))

    items.sort(key=rank)


@pytest.fixture(scope="session")
def engines(request: pytest.FixtureRequest) -> Iterator[Running]:
    given = getattr(request.config, "workerinput", {}).get("engines")
    if given is not None:
        database_url, nats_url, data_dir = given
        yield Running(database_url, nats_url, Path(data_dir))
        return
    with running_engines() as running:
        yield running


@pytest.fixture(scope="session")
def new_database(engines: Running) -> Iterator[NewDatabase]:
    """Makes copies of a database that was migrated once in this process."""
    with psycopg.connect(engines.database_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {TEMPLATE}")
    migrate(engines.url_of(TEMPLATE))
    with copies_of(TEMPLATE, engines) as new_database:
        yield new_database


@pytest.fixture
def database_url(new_database: NewDatabase) -> Iterator[str]:
    with new_database() as url:
        yield url
