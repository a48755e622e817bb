"""What is looked at before a command begins, so that a mistake is told at once and in one line."""

from pathlib import Path

import psycopg
from pydantic import SecretStr

from infrastructure.embedded.errors import StartupFailed
from infrastructure.embedded.postgres import EmbeddedPostgres
from infrastructure.identity.attempts import rate_of, storage_of
from infrastructure.identity.keys import signing_key
from infrastructure.postgres.migrate import is_outdated
from infrastructure.postgres.urls import bounded_conninfo
from infrastructure.settings import Settings, read_settings


def settings_of_the_log(data_dir: Path | None) -> Settings:
    """Settings with a database: the one that is set, or that of the ``serve`` of the data folder.

    Raises WrongSettingsError when there is neither.
    """
    settings = read_settings(data_dir=data_dir)
    if settings.database_url is None and (url := EmbeddedPostgres.url_in(settings.data_dir)):
        return settings.model_copy(update={"database_url": SecretStr(url)})
    settings.required("database_url")
    return settings


def log_of(data_dir: Path | None) -> str:
    """The URL of that database. Raises WrongSettingsError."""
    return settings_of_the_log(data_dir).required("database_url")


def check_identity(settings: Settings) -> None:
    """Raises WrongSettingsError when tokens can't be signed or attempts to log in not counted."""
    # A data folder that is not there yet gets its key later, from who makes the folder.
    if settings.jwt_private_key is not None or settings.data_dir.exists():
        signing_key(settings)
    rate_of(settings)
    storage_of(settings)


def check_database(settings: Settings) -> None:
    """Raises psycopg.OperationalError when it can't be reached, StartupFailed when it is old."""
    with psycopg.connect(bounded_conninfo(settings.required("database_url"))) as connection:
        if is_outdated(connection):
            raise StartupFailed(
                "The database's schema is older than this program; run `opstream migrate` first."
            )
