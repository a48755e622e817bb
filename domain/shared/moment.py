"""The moment at which a command happens.

Time is passed in, never looked up: whoever runs a decision opens a moment around it, and every
event of that decision carries it. Outside of a moment nothing can happen, so no event gets a time
by chance.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

_moment: ContextVar[datetime] = ContextVar("moment")


def moment() -> datetime:
    """The time-zone-aware moment of the running decision. Raises LookupError outside of one."""
    return _moment.get()


@contextmanager
def happening_at(when: datetime) -> Iterator[None]:
    token = _moment.set(when)
    try:
        yield
    finally:
        _moment.reset(token)
