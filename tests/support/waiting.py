"""Telling what waits from what does not, on a machine that may be busy."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic


@contextmanager
def sooner_than(seconds: float) -> Iterator[None]:
    """The block must not wait for something that takes so long: longer than a busy machine
    takes for anything else, so that this is no measurement.
    """
    began = monotonic()
    yield
    assert monotonic() - began < seconds
