"""A database of its own for each system, on the one Postgres server that all of them share."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from sqlalchemy import make_url

_DURABILITY = ("server_version", "fsync", "synchronous_commit", "full_page_writes")


@contextmanager
def fresh_database(server_url: str, name: str) -> Iterator[str]:
    """Creates the database, gives its URL, and drops it at the end with whoever is still in it."""
    _recreate(server_url, name)
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        _execute(server_url, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def durability(server_url: str) -> dict[str, str]:
    """The settings that decide what an answer promises; kept with the figures."""
    with psycopg.connect(server_url) as connection:
        return {name: _shown(connection, name) for name in _DURABILITY}


def _shown(connection: psycopg.Connection, name: str) -> str:
    row = connection.execute(sql.SQL("SHOW {}").format(sql.Identifier(name))).fetchone()
    return str(row[0]) if row else ""


def _recreate(server_url: str, name: str) -> None:
    identifier = sql.Identifier(name)
    _execute(server_url, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))
    _execute(server_url, sql.SQL("CREATE DATABASE {}").format(identifier))


def _execute(server_url: str, statement: sql.Composed) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(statement)
