"""One request of a contract: who asks, and the two things that an endpoint can do for them."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Concatenate, ParamSpec, TypeVar

from fastapi import Request
from psycopg.errors import UndefinedTable
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection

from application.access import Actor
from application.attempt import Request as CommandRequest
from application.commands import Command, Deferred
from application.ports import IdempotencyKey, Result
from application.unit_of_work import Work
from domain.shared.errors import Invalid, Unavailable
from infrastructure.bootstrap import Core
from infrastructure.event_store.reader import newest_position
from infrastructure.failpoints import failpoint
from infrastructure.postgres.outages import outlast
from infrastructure.postgres.reached import background_reached
from interfaces.http.middleware import harmless_id

P = ParamSpec("P")
R = TypeVar("R", bound=Result)
T = TypeVar("T")
V = TypeVar("V")

LONGEST_KEY = 255
"""Characters of an Idempotency-Key."""
READS = "Opstream-Reads"
MAY_BE_BEHIND = {READS: {"$ref": f"#/components/headers/{READS}"}}
"""For the headers of a route's ``responses``: what it shows may be behind, and then says so."""
_PAUSE = 0.05
"""Seconds between two looks at what was too far away to wait for."""


class Call(Request):
    """What a contract's endpoint asks for: ``call.actor``, ``await call.run(…)``,
    ``await call.ask(…)``.

    FastAPI hands a Request to an endpoint as it is. Dependencies for these three would cost each
    command time.
    """

    def __init__(self, request: Request) -> None:
        super().__init__(request.scope, request.receive)
        self._said = dict(reversed(request.scope["headers"]))
        self.core: Core = request.scope["app"].state.core
        self.answer_headers: dict[str, str] = self.scope["state"].setdefault("answer_headers", {})
        """What the answer tells besides, also when it tells of a failure."""

    @property
    def request_id(self) -> str:
        request_id: str = self.scope["state"]["request_id"]
        return request_id

    @property
    def actor(self) -> Actor:
        """Who asks; a route that is not public has found it out before its endpoint is called."""
        actor: Actor = self.scope["state"]["actor"]
        return actor

    @actor.setter
    def actor(self, actor: Actor) -> None:
        self.scope["state"]["actor"] = actor

    def header(self, name: bytes) -> str | None:
        """A request's header by its name in small letters; the first, if there are several."""
        value = self._said.get(name)
        return None if value is None else value.decode("latin-1")

    @property
    def correlation_id(self) -> str:
        return harmless_id(self.header(b"x-correlation-id")) or self.request_id

    @property
    def idempotency_key(self) -> str | None:
        """The client's name for this request. Raises Invalid when it can't be one."""
        key = self.header(b"idempotency-key")
        if key is not None and not (0 < len(key) <= LONGEST_KEY and key.isprintable()):
            raise Invalid(
                "The Idempotency-Key can't be used.",
                {"Idempotency-Key": f"1 to {LONGEST_KEY} printable characters"},
            )
        return key

    @property
    def prefers_async(self) -> bool:
        """Whether the client does not wait for the end of what it asks for; the answer says so."""
        if "respond-async" not in (self.header(b"prefer") or ""):
            return False
        self.answer_headers["Preference-Applied"] = "respond-async"
        return True

    async def run(self, command: Command[R] | Deferred[R], view: Callable[[R], V]) -> V:
        """Run a command, and answer with a view of its result.

        The answer waits until every read shows what the command did, unless the client says
        ``Prefer: respond-async`` or the projector is down; a header then says so.
        """
        done = await self.core.dispatcher.run(command, await self._origin(), view)
        await self._wait_until_shown(done.position)
        await failpoint("before_answer")
        return done.result

    async def ask(
        self,
        query: Callable[Concatenate[AsyncConnection, P], Awaitable[T]],
        *arguments: P.args,
        **named: P.kwargs,
    ) -> T:
        """Run a query on the read models, on a connection that is given back at once:
        ``await call.ask(list_units, call.actor.tenant_id, page)``.

        Raises Unavailable when the read models can't be reached in time.
        """
        reads = self.core.reads

        async def read() -> T:
            async with reads.connect() as connection:
                return await query(connection, *arguments, **named)

        try:
            return await outlast(read, "What is asked for")
        except ProgrammingError as error:
            if isinstance(error.orig, UndefinedTable):
                raise Unavailable("The read models have not been built yet.") from error
            raise

    async def look(self, question: Callable[[Work], Awaitable[T]]) -> T:
        """Ask the log itself what a decision of the actor's would find now."""
        return await self.core.dispatcher.look(question, self.actor)

    async def find(
        self,
        query: Callable[Concatenate[AsyncConnection, P], Awaitable[T | None]],
        *arguments: P.args,
        **named: P.kwargs,
    ) -> T | None:
        """What a command needs of a read model; None only when it is not in the log either.

        Raises Unavailable when the read models are behind the log and stay so.
        """
        found = await self.ask(query, *arguments, **named)
        if found is None:
            await self._catch_up()
            found = await self.ask(query, *arguments, **named)
        return found

    async def ask_newest(
        self,
        query: Callable[Concatenate[AsyncConnection, P], Awaitable[T]],
        *arguments: P.args,
        **named: P.kwargs,
    ) -> T:
        """What a command needs of a read model that shows all there is in the log by now.

        Raises Unavailable when the read models are behind the log and stay so.
        """
        await self._catch_up()
        return await self.ask(query, *arguments, **named)

    async def ask_patiently(
        self,
        query: Callable[Concatenate[AsyncConnection, P], Awaitable[T]],
        *arguments: P.args,
        **named: P.kwargs,
    ) -> T:
        """Run a query on read models that no answer to a command waits for, once they show all
        there is by now; a header says so when they don't in time.
        """
        reads, newest = self.core.reads, await self._newest()
        patience = self.core.settings.read_wait_seconds

        async def reached() -> bool:
            return await background_reached(reads, newest, patience)

        if not await outlast(reached, "What is asked for"):
            self.answer_headers[READS] = "behind"
        return await self.ask(query, *arguments, **named)

    async def _newest(self) -> int:
        async def read() -> int:
            async with self.core.pool.connection() as connection:
                return await newest_position(connection)

        return await outlast(read, "What is asked for")

    async def _catch_up(self) -> None:
        newest = await self._newest()
        if not await self.core.watch.reached(newest, self.core.settings.read_wait_seconds):
            raise Unavailable("The read models are behind; what is asked for may be there already.")

    async def see_shown(self, position: int, deadline: float) -> None:
        """Wait until every read shows what is stored up to a position, also when that is much, or
        until the deadline by the monotonic clock; a header then says so.
        """
        self.answer_headers["Opstream-Position"] = str(position)
        while not await self.core.watch.reached(position, _PAUSE):
            if monotonic() > deadline:
                self.answer_headers[READS] = "behind"
                return
            await asyncio.sleep(_PAUSE)

    async def _origin(self) -> CommandRequest:
        return CommandRequest(
            actor=self.actor,
            request_id=self.request_id,
            correlation_id=self.correlation_id,
            key=await self._key_and_body(),
        )

    async def _key_and_body(self) -> IdempotencyKey | None:
        if (key := self.idempotency_key) is None:
            return None
        asked = hashlib.sha256(f"{self.method} {self.scope['path']}\n".encode())
        asked.update(await self.body())
        return IdempotencyKey(key, asked.digest())

    async def _wait_until_shown(self, position: int) -> None:
        self.answer_headers["Opstream-Position"] = str(position)
        if self.prefers_async:
            return
        if not await self.core.watch.reached(position, self.core.settings.read_wait_seconds):
            self.answer_headers[READS] = "behind"
