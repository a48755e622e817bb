"""What a benched system is. A system starts on a database of its own and says how to drive it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from tests.bench.requests import Requests


def nothing_left_to_do() -> None:
    """A system that does all its work before it answers has nothing to settle."""


@dataclass(frozen=True)
class Running:
    """A started system. `body(n)` gives the n-th body and must pickle; `settle()` returns when the
    work that an answer left behind (projections, relay, consumers) is done, so that no system is
    measured while another one still works.
    """

    base_url: str
    token: str
    body: Callable[[int], bytes]
    path: str = "/shifts"
    document: str = "/openapi.json"
    settle: Callable[[], None] = nothing_left_to_do

    @property
    def headers(self) -> Mapping[str, str]:
        return {"authorization": f"Bearer {self.token}"}

    @property
    def posts(self) -> Requests:
        """Drafting one shift after the other."""
        return Requests("POST", self.base_url, (self.path,), self.headers, self.body)


class System(Protocol):
    """`is_limit` marks an endpoint that stores nothing: it bounds the others and is no peer."""

    @property
    def name(self) -> str: ...

    @property
    def is_limit(self) -> bool: ...

    def start(self, database_url: str, nats_url: str | None) -> AbstractContextManager[Running]: ...


@dataclass(frozen=True)
class Fold:
    """How long a system took to carry so many recorded events into a read model."""

    system: str
    events: int
    seconds: float

    @property
    def events_per_second(self) -> float:
        return self.events / self.seconds
