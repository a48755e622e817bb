"""Which migrations this code has, and whether a database has them too.

Read from the names of their files: alembic costs a process a third of a second to import, and each
that starts asks.
"""

from pathlib import Path

import psycopg

MIGRATIONS = Path(__file__).parent / "migrations"


def revisions() -> list[str]:
    """Oldest first; a file's name begins with its revision."""
    files = (MIGRATIONS / "versions").glob("[0-9]*.py")
    return sorted(file.name.partition("_")[0] for file in files)


def newest_revision() -> str:
    """The revision that this code needs."""
    return revisions()[-1]


def is_outdated(connection: psycopg.Connection) -> bool:
    """Whether migrations are missing. A newer schema is not: a release migrates first."""
    versioned = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
    if versioned is None or versioned[0] is None:
        return True
    found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return found is None or found[0] in revisions()[:-1]
