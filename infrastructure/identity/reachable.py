"""The database behind identity, when it does not answer."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy.exc

from domain.shared.errors import Unavailable


@contextmanager
def reachable(what: str) -> Iterator[None]:
    """Raises Unavailable for whatever a driver says when `what` can't be reached in time."""
    try:
        yield
    except (
        psycopg.OperationalError,
        psycopg.InterfaceError,
        sqlalchemy.exc.OperationalError,
        sqlalchemy.exc.InterfaceError,
        sqlalchemy.exc.TimeoutError,
        OSError,
    ) as error:
        raise Unavailable(f"The {what} can't be reached now.") from error
