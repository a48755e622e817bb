"""How every process begins: what is looked at first, and how what an operator can mend is told."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import TypeVar

import psycopg
import sqlalchemy.exc
from psycopg_pool import PoolTimeout
from rich.console import Console

from domain.shared.errors import Failure
from infrastructure.embedded.errors import StartupFailed
from infrastructure.identity.attempts import rate_of, storage_of
from infrastructure.identity.external_settings import external_tokens
from infrastructure.identity.keys import signing_key
from infrastructure.messages.ways import ways
from infrastructure.nats.answering import wait_for_jetstream
from infrastructure.postgres.revisions import is_outdated
from infrastructure.postgres.urls import bounded_conninfo
from infrastructure.settings import Settings, WrongSettingsError

PATIENCE = 5.0
"""Seconds that a database or a NATS has to come up, when one was started together with it."""

T = TypeVar("T")


def check_identity(settings: Settings) -> None:
    """Raises WrongSettingsError when tokens can't be signed, or those of the external issuer not be
    verified, or attempts to log in not be counted.
    """
    # A data folder that is not there yet gets its key later, from who makes the folder.
    if settings.jwt_private_key is not None or settings.data_dir.exists():
        signing_key(settings)
    external_tokens(settings)
    rate_of(settings)
    storage_of(settings)


def check_channels(settings: Settings) -> None:
    """Raises WrongSettingsError when messages can't go where the settings say; it does not ask the
    providers, who may be away for a while.
    """
    ways(settings)


def check_database(settings: Settings) -> None:
    """Raises psycopg.OperationalError when it can't be reached, StartupFailed when it is old."""
    conninfo = bounded_conninfo(settings.required("database_url"))
    with _patiently(lambda: psycopg.connect(conninfo)) as connection:
        if is_outdated(connection):
            raise StartupFailed(
                "The database's schema is older than this program; run `opstream migrate` first."
            )


def check_nats(settings: Settings) -> None:
    """Only now is a NATS demanded: one that dies later is waited for without end.

    Raises WrongSettingsError when JetStream does not answer.
    """
    asyncio.run(wait_for_jetstream(settings.required("nats_url"), PATIENCE))


@contextmanager
def told_in_one_line() -> Generator[None]:
    """What an operator can mend ends the process with code 2, without a traceback."""
    try:
        yield
    except Failure as failure:
        _give_up(_told(failure))
    except (WrongSettingsError, StartupFailed) as error:
        _give_up(str(error))
    except psycopg.errors.UndefinedTable:
        _give_up("The database has no tables of opstream; run `opstream migrate` first.")
    except (psycopg.OperationalError, PoolTimeout, sqlalchemy.exc.OperationalError) as error:
        reason = str(error).strip().splitlines()
        _give_up(f"The database can't be reached: {reason[0] if reason else error!r}")


def _patiently(connect: Callable[[], T]) -> T:
    deadline = monotonic() + PATIENCE
    while True:
        try:
            return connect()
        except psycopg.OperationalError:
            if monotonic() > deadline:
                raise
        sleep(0.2)


def _told(failure: Failure) -> str:
    """With what is wrong with each field, if it names any."""
    fields = failure.data.get("fields")
    if not isinstance(fields, dict) or not fields:
        return str(failure)
    wrong = "; ".join(f"{field}: {what}" for field, what in fields.items())
    return f"{failure} ({wrong})"


def _give_up(message: str) -> None:
    Console(stderr=True, soft_wrap=True, highlight=False).print(
        f"opstream: {message}", markup=False
    )
    raise SystemExit(2)
