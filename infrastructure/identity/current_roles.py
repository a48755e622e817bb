"""What an account may do in a tenant now, whatever its token was made for.

Asked of the log once and remembered; forgotten when the log tells of a change. A few times a second
each process looks for changes in what has been appended meanwhile: that costs no request a round
trip, and does not depend on the projector. No clocks are compared.
"""

import asyncio
import contextlib
from collections import OrderedDict
from time import monotonic
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import orjson
import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool

from application.access import Actor
from domain.identity.membership import Membership
from domain.shared.errors import Unauthenticated
from domain.shared.ids import AccountId, TenantId
from infrastructure.logging import told
from infrastructure.postgres.outages import outlast
from infrastructure.postgres.urls import bounded_conninfo

EACH = 0.25
"""Seconds between two looks for changes."""
FRESH = 2.0
"""Seconds since the last look after which nothing that is remembered is believed."""
_REMEMBERED = 10_000

_NEWEST = "SELECT coalesce(max(notification_id), 0) FROM stored_events"
_CHANGED = """
SELECT originator_id FROM stored_events
WHERE notification_id > %s AND notification_id <= %s AND topic = ANY(%s)
"""
_LAST = """
SELECT state FROM stored_events WHERE originator_id = %s AND tenant_id = %s
ORDER BY originator_version DESC LIMIT 1
"""
_TOPICS = [
    Membership.Joined.TOPIC,
    Membership.RolesChanged.TOPIC,
    Membership.Removed.TOPIC,
    Membership.Rejoined.TOPIC,
]
"""Each tells all roles, or, by telling none, that the account is not a member."""

log = structlog.get_logger()

Key = tuple[AccountId, TenantId]


class CurrentRoles:
    def __init__(
        self, database_url: str, pool: AsyncConnectionPool[psycopg.AsyncConnection[Any]]
    ) -> None:
        self._conninfo = bounded_conninfo(database_url, application="opstream roles")
        self._pool = pool
        self._known: OrderedDict[Key, Actor] = OrderedDict()
        self._keys: dict[UUID, Key] = {}
        self._position: int | None = None
        self._looked_at = 0.0
        self._changes = 0
        self._task: asyncio.Task[None] | None = None

    async def of(self, account_id: AccountId, tenant_id: TenantId) -> Actor:
        """The account with the roles it has there now.

        Raises Unauthenticated when it is not a member, Unavailable when the log can't be read.
        """
        if (found := await self.find(account_id, tenant_id)) is not None:
            return found
        raise Unauthenticated("The account is not a member of this tenant any more.")

    async def find(self, account_id: AccountId, tenant_id: TenantId) -> Actor | None:
        key = (account_id, tenant_id)
        if (known := self._known.get(key)) is not None and self._is_fresh:
            return known
        while True:
            changes = self._changes
            roles = await outlast(lambda: self._read(key), "What the account may do")
            if changes == self._changes:
                return None if roles is None else self._remember(key, roles)

    @property
    def _is_fresh(self) -> bool:
        return monotonic() - self._looked_at < FRESH

    async def _read(self, key: Key) -> tuple[str, ...] | None:
        account_id, tenant_id = key
        membership_id = Membership.id_of(tenant_id, account_id)
        async with self._pool.connection() as connection:
            row = await (await connection.execute(_LAST, (membership_id, tenant_id))).fetchone()
        roles = None if row is None else orjson.loads(row[0]).get("roles")
        return None if roles is None else tuple(roles)

    def _remember(self, key: Key, roles: tuple[str, ...]) -> Actor:
        account_id, tenant_id = key
        self._known[key] = actor = Actor.with_roles(account_id, tenant_id, roles)
        self._keys[Membership.id_of(tenant_id, account_id)] = key
        if len(self._known) > _REMEMBERED:
            (oldest_account, oldest_tenant), _ = self._known.popitem(last=False)
            del self._keys[Membership.id_of(oldest_tenant, oldest_account)]
        return actor

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep_looking(), name="current roles")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _keep_looking(self) -> None:
        while True:
            try:
                await self._look_again_and_again()
            except Exception as error:  # noqa: BLE001 - whatever it was, it is tried again
                log.warning("roles.lost", error=told(error))
            await asyncio.sleep(EACH)

    async def _look_again_and_again(self) -> None:
        async with await psycopg.AsyncConnection.connect(
            self._conninfo, autocommit=True, prepare_threshold=0
        ) as connection:
            while True:
                await self._look(connection)
                await asyncio.sleep(EACH)

    async def _look(self, connection: psycopg.AsyncConnection[Any]) -> None:
        began = monotonic()
        row = await (await connection.execute(_NEWEST)).fetchone()
        newest = int(row[0]) if row else 0
        if self._position is None:
            # What was read before this first look may have changed before it.
            self._forget(list(self._keys))
        elif newest > self._position:
            cursor = await connection.execute(_CHANGED, (self._position, newest, _TOPICS))
            self._forget([originator_id for (originator_id,) in await cursor.fetchall()])
        self._position, self._looked_at = newest, began

    def _forget(self, memberships: list[UUID]) -> None:
        self._changes += 1 if memberships or self._position is None else 0
        for membership_id in memberships:
            if (key := self._keys.pop(membership_id, None)) is not None:
                del self._known[key]
