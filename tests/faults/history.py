"""Clients that keep a history of what they asked and what they were told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx

from tests.support.served import Served

FIRST = datetime(2199, 6, 1, tzinfo=UTC)
CLIENTS = 8
_DRAFTED = """
SELECT originator_id::text FROM stored_events WHERE topic = 'scheduling.ShiftDrafted'
AND metadata->>'command' = 'DraftShift'
AND tenant_id = (SELECT tenant_id FROM stored_events WHERE originator_id = %s LIMIT 1)
"""


@dataclass
class History:
    """`answers` has for each idempotency key the shift that was drafted; None is unknown."""

    unit_id: str
    earlier: set[str]
    """Shifts that were there before."""
    answers: dict[str, str | None] = field(default_factory=dict)
    bodies: dict[str, dict[str, object]] = field(default_factory=dict)
    strange: list[str] = field(default_factory=list)
    """Answers that no fault excuses."""

    @property
    def acknowledged(self) -> set[str]:
        # Also asked from another thread, while answers come in: copied in one step.
        return {shift_id for shift_id in list(self.answers.values()) if shift_id is not None}

    @property
    def unknown(self) -> list[str]:
        return [key for key, shift_id in self.answers.items() if shift_id is None]

    def next(self) -> str:
        key = str(uuid4())
        start = FIRST + timedelta(hours=len(self.bodies))
        self.answers[key] = None
        self.bodies[key] = {
            "unit_id": self.unit_id,
            "role": "nurse",
            "start": start.isoformat(),
            "end": (start + timedelta(hours=1)).isoformat(),
        }
        return key

    def told(self, key: str, answer: httpx.Response) -> None:
        if answer.status_code == 201:
            self.answers[key] = answer.json()["id"]
        elif answer.status_code != 503 or "retry-after" not in answer.headers:
            self.strange.append(f"{answer.status_code} {answer.text}")


def drafted(system: Served, unit_id: str) -> set[str]:
    """Every shift in the log that somebody of the unit's tenant drafted; patterns and imports draft
    theirs by other commands, whenever they do.
    """
    return {shift_id for (shift_id,) in system.query(_DRAFTED, unit_id)}


@asynccontextmanager
async def clients_drafting_shifts(system: Served) -> AsyncIterator[History]:
    """Clients that draft shifts for as long as the block runs, through whatever happens."""
    async with _client(system) as client:
        units = (await client.get("/units")).raise_for_status().json()
        unit_id = units["items"][0]["id"]
        history, stop = History(unit_id, drafted(system, unit_id)), asyncio.Event()
        tasks = [asyncio.create_task(_draft(client, history, stop)) for _ in range(CLIENTS)]
        try:
            yield history
        finally:
            stop.set()
            await asyncio.gather(*tasks)


async def repeat_unknown(system: Served, history: History) -> None:
    """Ask again, with its key, for everything that was never answered."""
    async with _client(system) as client:
        for key in history.unknown:
            await _ask(client, history, key)
    assert not history.unknown


async def repeat_some(system: Served, history: History, count: int = 20) -> None:
    """What was answered is answered the same again."""
    async with _client(system) as client:
        for key, shift_id in list(history.answers.items())[-count:]:
            answer = await client.post(
                "/shifts", json=history.bodies[key], headers={"Idempotency-Key": key}
            )
            assert answer.json()["id"] == shift_id


async def _draft(client: httpx.AsyncClient, history: History, stop: asyncio.Event) -> None:
    while not stop.is_set():
        await _ask(client, history, history.next())


async def _ask(client: httpx.AsyncClient, history: History, key: str) -> None:
    headers = {"Idempotency-Key": key}
    try:
        answer = await client.post("/shifts", json=history.bodies[key], headers=headers)
    except httpx.HTTPError:
        # Nobody there, or the line broke: nobody knows whether it was done.
        await asyncio.sleep(0.05)
    else:
        history.told(key, answer)


def _client(system: Served) -> httpx.AsyncClient:
    headers = system.authorization("coordinator")
    return httpx.AsyncClient(base_url=system.url, headers=headers, timeout=10)
