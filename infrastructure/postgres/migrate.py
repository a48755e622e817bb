"""Bringing the database's schema up to date."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from infrastructure.postgres.urls import sqlalchemy_url

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = "SELECT pg_advisory_lock(hashtext('opstream.migrate'))"


def migrate(database_url: str) -> tuple[str | None, str | None]:
    """Run every missing migration, one process at a time; returns the revisions before and after.

    Raises sqlalchemy.exc.OperationalError when the database can't be reached.
    """
    engine = create_engine(sqlalchemy_url(database_url), poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(_LOCK))
        connection.commit()
        before = _revision(connection)
        command.upgrade(_config(connection), "head")
        connection.commit()
        after = _revision(connection)
    engine.dispose()
    return before, after


def newest_revision() -> str | None:
    """The revision that this code needs."""
    return ScriptDirectory(str(_FOLDER)).get_current_head()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    revision = MigrationContext.configure(connection).get_current_revision()
    connection.commit()
    return revision
