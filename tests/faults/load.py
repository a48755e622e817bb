"""What all clients share: the history of what they asked, and how one asks."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import httpx

from interfaces.cli.demo import PASSWORD
from tests.faults.bed import Bed, until
from tests.faults.operations import Account, Attempt, Operation, Outcome

TIMEOUT = 15.0
"""Seconds; more than any request may take, so that one that takes too long is seen."""


@dataclass
class Load:
    """The clients' common state. `operations` is the history."""

    bed: Bed
    seed: str
    http: httpx.AsyncClient
    operations: list[Operation] = field(default_factory=list)
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def acknowledged(self) -> int:
        return sum(operation.outcome is Outcome.OK for operation in self.operations)

    def oks_since(self, moment: float) -> int:
        return sum((one.answered_at or 0.0) > moment for one in self.operations)

    async def ask(self, operation: Operation) -> None:
        """One attempt, whose request id tells the key."""
        asked_at = monotonic()
        headers = operation.headers(len(operation.attempts))
        try:
            response = await self.http.post(operation.path, json=operation.body, headers=headers)
        except httpx.HTTPError as error:
            operation.attempts.append(_nobody(asked_at, error))
            await asyncio.sleep(0.05)
        else:
            operation.told(asked_at, response)

    async def see_to(self, operation: Operation, rng: random.Random) -> None:
        """Some ask again when they got no answer, as they may; others leave it at that."""
        self.operations.append(operation)
        await self.ask(operation)
        while operation.outcome is Outcome.UNKNOWN and not self.stop.is_set():
            if rng.random() < 0.5:
                break
            await self.ask(operation)


async def logged_in(http: httpx.AsyncClient, email: str) -> str:
    """What this account of the demo tenant puts into its requests."""
    answer = await answered(http, "/auth/login", json={"email": email, "password": PASSWORD})
    return f"Bearer {answer.raise_for_status().json()['access_token']}"


async def account(http: httpx.AsyncClient, email: str) -> Account:
    authorization = await logged_in(http, email)
    me = await http.get("/api/me", headers={"Authorization": authorization})
    return Account(me.raise_for_status().json()["id"], authorization)


async def answered(http: httpx.AsyncClient, path: str, **request: Any) -> httpx.Response:
    """As a patient client asks: again, while it is told to come back later."""
    answers: list[httpx.Response] = []

    async def was_answered() -> bool:
        answers.append(await http.post(path, **request))
        return answers[-1].status_code != 503

    await until(was_answered, f"an answer of {path}", 10)
    return answers[-1]


async def settle(bed: Bed, headers: dict[str, str], operations: Sequence[Operation]) -> None:
    """Ask everything again with its key, when all is quiet: what is answered now is final."""
    async with httpx.AsyncClient(base_url=bed.url, headers=headers, timeout=TIMEOUT) as http:
        for one in operations:
            asked = {"json": one.body, "headers": one.headers("settled")}
            one.settled(await answered(http, one.path, **asked))


def _nobody(asked_at: float, error: Exception) -> Attempt:
    return Attempt(asked_at, monotonic() - asked_at, text=type(error).__name__)
