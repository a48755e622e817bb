"""A started system in which there is a wedding to plan, as the part `workflows` drives it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple
from uuid import UUID

import psycopg

from tests.bench.load import LoadPlan, drive_here
from tests.bench.requests import Requests
from tests.bench.shapes import Shape
from tests.bench.systems import nothing_left_to_do

WORKERS = 64
"""Accounts who may pick and move every task, each a client's."""
INSTANTIATE = "/api/workflows/instantiate"


class Standing(NamedTuple):
    """How a task stands."""

    task_id: UUID
    instance_id: UUID
    node_id: str
    state: str
    waits: bool
    assignee_id: UUID | None


@dataclass(frozen=True)
class Queries:
    """`standing` answers rows of Standing, `trail` how often what happened; both about the tasks of
    the instances of one name.
    """

    standing: str
    trail: str


@dataclass(frozen=True)
class Workplace:
    name: str
    base_url: str
    database_url: str
    manager: str
    workers: Sequence[str]
    """Their tokens."""
    event_id: UUID
    templates: Mapping[Shape, UUID]
    queries: Queries
    settle: Callable[[], None] = field(default=nothing_left_to_do)

    def starts(self, shape: Shape, name: str) -> Requests:
        """Starting workflows of that shape under this name, one after the other."""
        asked = {
            "templateId": str(self.templates[shape]),
            "eventId": str(self.event_id),
            "name": name,
        }
        body = partial(_constant, json.dumps(asked).encode())
        return Requests("POST", self.base_url, (INSTANTIATE,), bearer(self.manager), body)

    def start(self, shape: Shape, name: str, times: int) -> None:
        """Exactly so often, and nothing is measured. Raises ValueError when one is refused."""
        clients = min(4, times)
        plan = LoadPlan(
            self.starts(shape, name),
            clients,
            seconds=600,
            warmup_seconds=0,
            max_requests=times,
            expected_status=200,
        )
        if (load := drive_here(plan)).errors:
            raise ValueError(f"{self.name} does not start {shape.name}: {load.errors}")
        self.settle()

    def standing(self, name: str) -> list[Standing]:
        """The tasks of the instances of that name, by instance and in the order of their nodes."""
        with psycopg.connect(self.database_url) as connection:
            rows = connection.execute(self.queries.standing, (name,)).fetchall()
        return [Standing(*row) for row in rows]

    def trail(self, name: str) -> dict[str, int]:
        with psycopg.connect(self.database_url) as connection:
            return dict(connection.execute(self.queries.trail, (name,)).fetchall())


def bearer(token: str) -> Mapping[str, str]:
    return {"authorization": f"Bearer {token}"}


def _constant(body: bytes, _n: int) -> bytes:
    return body
