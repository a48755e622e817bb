"""A job's turn: one slot, in one tenant, and the two things that a job can do there."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

import structlog
from psycopg.errors import UndefinedTable
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection

from application.access import Actor
from application.attempt import Request
from application.commands import Command
from application.ports import IdempotencyKey
from application.unit_of_work import Work
from domain.shared.errors import Failure, Kind, Unavailable
from domain.shared.ids import TenantId
from infrastructure.bootstrap import Desk
from infrastructure.event_store.reader import newest_position
from infrastructure.logging import told
from infrastructure.postgres.outages import outlast
from infrastructure.postgres.reached import everything_reached
from projections.identity.directory import tenant_ids

PATIENCE = 3.0
"""Seconds to wait for the read models to show what the log held when the turn began."""
_NO_CANDIDATE = {Kind.RULE_BROKEN, Kind.NOT_FOUND, Kind.INVALID}
"""What the log answers where the read models were behind it, or somebody was faster."""

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger()


class TenantsFailedError(Exception):
    """A job failed for some tenants, each of which has its line in the log."""


@dataclass(frozen=True)
class Slot:
    """`now` is when the attempt began: what is due then is done."""

    job: str
    start: datetime
    now: datetime

    @property
    def name(self) -> str:
        return f"job:{self.job}:{self.start:%Y-%m-%dT%H:%MZ}"


Job = Callable[[Desk, Slot], Awaitable[int]]
"""Does what is due, and tells how much that was; raises what keeps it from being done."""


@dataclass(frozen=True)
class Turn:
    desk: Desk
    slot: Slot
    tenant_id: TenantId

    async def do(self, command: Command[Any], which: object) -> bool:
        """Whether it was done: by this attempt or by an earlier one at the same slot.

        `which` names the command within the slot. Raises whatever but a refusal keeps it from
        being done.
        """
        name = f"{self.slot.name}:{which}"
        key = IdempotencyKey(name, hashlib.sha256(name.encode()).digest())
        request = Request(Actor.system(self.tenant_id), request_id=self.slot.name, key=key)
        try:
            await self.desk.dispatcher.run(command, request, lambda _: None)
        except Failure as failure:
            if failure.kind not in _NO_CANDIDATE:
                raise
            return False
        return True

    async def do_each(
        self,
        batch: Callable[[Any], Awaitable[Sequence[Any]]],
        command: Callable[[Any], Command[Any]],
    ) -> int:
        """Give a command about every candidate, and tell how many were done.

        A batch holds the places of the next candidates after one; a place ends with their id.
        """
        done, after = 0, None
        while found := await batch(after):
            for place in found:
                done += await self.do(command(place[-1]), place[-1])
            after = found[-1]
        return done

    async def ask(
        self,
        query: Callable[Concatenate[AsyncConnection, TenantId, P], Awaitable[T]],
        *arguments: P.args,
        **named: P.kwargs,
    ) -> T:
        """Ask the read models about the tenant. Raises Unavailable."""

        async def of_tenant(connection: AsyncConnection) -> T:
            return await query(connection, self.tenant_id, *arguments, **named)

        return await ask(self.desk, of_tenant)

    async def look(self, question: Callable[[Work], Awaitable[T]]) -> T:
        """Ask the log itself what a decision would find now."""
        return await self.desk.dispatcher.look(question, Actor.system(self.tenant_id))


async def ask(desk: Desk, query: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    """Raises Unavailable while the read models can't be asked."""

    async def read() -> T:
        async with desk.reads.connect() as connection:
            return await query(connection)

    try:
        return await outlast(read, "What is due")
    except ProgrammingError as error:
        if isinstance(error.orig, UndefinedTable):
            raise Unavailable("The read models have not been built yet.") from error
        raise


def in_each_tenant(work: Callable[[Turn], Awaitable[int]]) -> Job:
    """A job that does this in one tenant after the other; one that fails keeps no other from it.

    It raises TenantsFailedError in the end, and Unavailable at once: that is no tenant's own.
    """

    async def job(desk: Desk, slot: Slot) -> int:
        done, failed = 0, 0
        async for turn in _turns(desk, slot):
            try:
                done += await work(turn)
            except Unavailable:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it was, the others go on
                failed += 1
                tenant = str(turn.tenant_id)
                log.warning("job.tenant_failed", job=slot.job, tenant=tenant, error=told(error))
        if failed:
            raise TenantsFailedError
        return done

    return job


async def _turns(desk: Desk, slot: Slot) -> AsyncIterator[Turn]:
    """Once all read models show everything that has happened. Raises Unavailable."""

    async def newest() -> int:
        async with desk.pool.connection() as connection:
            return await newest_position(connection)

    async def shown() -> bool:
        return await everything_reached(desk.reads, head, PATIENCE)

    head = await outlast(newest, "What is due")
    if not await outlast(shown, "What is due"):
        raise Unavailable("The read models are behind; not all that is due is known.")
    for tenant_id in await ask(desk, tenant_ids):
        yield Turn(desk, slot, tenant_id)
