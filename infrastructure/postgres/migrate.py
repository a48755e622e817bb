"""Bringing the database's schema up to date."""

import time

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from domain.shared.errors import Unavailable
from infrastructure.postgres.revisions import MIGRATIONS
from infrastructure.postgres.urls import bounded_conninfo

PATIENCE = 30.0
"""Seconds to wait for another process that migrates."""

_LOCK = text("SELECT pg_try_advisory_lock(hashtext('opstream.migrate'))")


def migrate(database_url: str, patience: float = PATIENCE) -> tuple[str | None, str | None]:
    """Run every missing migration, one process at a time; returns the revisions before and after.

    Raises sqlalchemy.exc.OperationalError when the database can't be reached, and Unavailable when
    another process has not come to its end within `patience` seconds.
    """
    engine = _engine(database_url)
    with engine.connect() as connection:
        _take_turns(connection, patience)
        before = _revision(connection)
        command.upgrade(_config(connection), "head")
        connection.commit()
        after = _revision(connection)
    engine.dispose()
    return before, after


def _engine(database_url: str) -> Engine:
    # A migration may take its time, but not wait for a lock or an answer for ever.
    conninfo = bounded_conninfo(database_url, statement_timeout_ms=0)
    return create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(conninfo), poolclass=NullPool
    )


def _take_turns(connection: Connection, patience: float) -> None:
    deadline = time.monotonic() + patience
    while not connection.scalar(_LOCK):
        connection.commit()
        if time.monotonic() > deadline:
            raise Unavailable(f"Another process has been migrating for {patience:g} s or more.")
        time.sleep(0.1)
    connection.commit()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    revision = MigrationContext.configure(connection).get_current_revision()
    connection.commit()
    return revision
