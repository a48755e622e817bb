"""From an endpoint to the dispatcher and back: idempotency, and answers that reads already show."""

import hashlib
from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import Depends, Request, Response

from application.attempt import Request as CommandRequest
from application.commands import Command
from application.ports import IdempotencyKey, Result
from domain.shared.errors import Invalid
from infrastructure.bootstrap import Core
from infrastructure.failpoints import failpoint
from interfaces.http.authentication import actor_of
from interfaces.http.middleware import harmless_id

R = TypeVar("R", bound=Result)
V = TypeVar("V")

LONGEST_KEY = 255
"""Characters of an Idempotency-Key."""


class Dispatch:
    """Runs one command for the request it belongs to.

    The answer waits until every read shows what the command did, unless the client says
    ``Prefer: respond-async`` or the projector is down; a header then says so.
    """

    def __init__(self, request: Request, response: Response) -> None:
        self._request = request
        self._response = response
        self._core: Core = request.app.state.core

    async def __call__(self, command: Command[R], view: Callable[[R], V]) -> V:
        done = await self._core.dispatcher.run(command, await self._origin(), view)
        await self._wait_until_shown(done.position)
        await failpoint("before_answer")
        return done.result

    async def _origin(self) -> CommandRequest:
        request_id = self._request.state.request_id
        return CommandRequest(
            actor=actor_of(self._request),
            request_id=request_id,
            correlation_id=harmless_id(self._request.headers.get("x-correlation-id")) or request_id,
            key=await self._idempotency_key(),
        )

    async def _idempotency_key(self) -> IdempotencyKey | None:
        key = self._request.headers.get("idempotency-key")
        if key is None:
            return None
        if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
            raise Invalid(
                "The Idempotency-Key can't be used.",
                {"Idempotency-Key": f"1 to {LONGEST_KEY} printable characters"},
            )
        asked = hashlib.sha256(f"{self._request.method} {self._request.scope['path']}\n".encode())
        asked.update(await self._request.body())
        return IdempotencyKey(key, asked.digest())

    async def _wait_until_shown(self, position: int) -> None:
        headers = self._response.headers
        headers["Opstream-Position"] = str(position)
        if "respond-async" in self._request.headers.get("prefer", ""):
            headers["Preference-Applied"] = "respond-async"
        elif not await self._core.watch.reached(position, self._core.settings.read_wait_seconds):
            headers["Opstream-Reads"] = "behind"


async def dispatch(request: Request, response: Response) -> Dispatch:
    """What marks a route as one that runs commands.

    Not plain `Dispatch`, which FastAPI would call in a thread.
    """
    return Dispatch(request, response)


Run = Annotated[Dispatch, Depends(dispatch)]
"""What endpoints run commands with."""
