"""Real Postgres and NATS, once per run and core; each test gets a fresh migrated database."""

import logging
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import structlog

from infrastructure.embedded.engines import Engines
from infrastructure.postgres.migrate import migrate

TEMPLATE = "opstream_template"

# Dozens of processes are started here, some under a clock: they share what one has compiled, even
# where the environment forbids to leave compiled files beside the sources.
if "PYTEST_XDIST_WORKER" not in os.environ:
    _compiled = tempfile.TemporaryDirectory(prefix="opstream-compiled-")
    os.environ["PYTHONPYCACHEPREFIX"] = _compiled.name
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# What is logged is tested where it matters; elsewhere it would drown a failure's own words.
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


@pytest.fixture(scope="session")
def engines() -> Iterator[Engines]:
    with tempfile.TemporaryDirectory(prefix="opstream-tests-") as folder:
        engines = Engines(Path(folder))
        engines.prepare_and_start()
        try:
            yield engines
        finally:
            engines.remove()


@pytest.fixture(scope="session")
def template(engines: Engines) -> str:
    """A migrated database, from which every other is copied."""
    _execute(engines.database_url, f"CREATE DATABASE {TEMPLATE}")
    migrate(_of(engines.database_url, TEMPLATE))
    return TEMPLATE


@pytest.fixture
def database_url(engines: Engines, template: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    _execute(engines.database_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _of(engines.database_url, name)
    _execute(engines.database_url, f"DROP DATABASE {name} WITH (FORCE)")


def _of(url: str, database: str) -> str:
    return f"{url.rsplit('/', 1)[0]}/{database}"


def _execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)
