"""Which database a command is about."""

from pathlib import Path

from pydantic import SecretStr

from infrastructure.embedded.postgres import EmbeddedPostgres
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
