"""Refresh sessions: chains of tokens, each good once, stored only as hashes.

A token that comes back after it was replaced means that two hold it, and its whole family is
revoked; but within a short grace it may be the client whose answer got lost, and it gets the same
successor again. The successor follows from the token and a key, so nothing secret is stored for it.
"""

import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg_pool import AsyncConnectionPool

from domain.shared.errors import Unauthenticated
from domain.shared.ids import AccountId, TenantId
from infrastructure.identity.reachable import reachable

GRACE = timedelta(seconds=10)

_INSERT = """
INSERT INTO refresh_sessions
    (token_hash, family_id, account_id, tenant_id, issued_at, expires_at)
VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
# Rotation and revocation of one family take turns: a token that is born while its family is revoked
# would otherwise survive.
_TAKE_TURNS = """
SELECT pg_advisory_xact_lock(hashtextextended(family_id::text, 0))
FROM refresh_sessions WHERE token_hash = %s
"""
_FIND = """
SELECT family_id, account_id, tenant_id, expires_at, replaced_at, revoked_at
FROM refresh_sessions WHERE token_hash = %s
"""
_REPLACE = """
UPDATE refresh_sessions SET replaced_at = coalesce(replaced_at, %s) WHERE token_hash = %s
"""
_REVOKE = """
UPDATE refresh_sessions SET revoked_at = %s WHERE family_id = %s AND revoked_at IS NULL
"""


@dataclass(frozen=True)
class RefreshSession:
    token: str
    account_id: AccountId
    tenant_id: TenantId


@dataclass(frozen=True)
class _Stored:
    family_id: UUID
    account_id: AccountId
    tenant_id: TenantId
    expires_at: datetime
    replaced_at: datetime | None
    revoked_at: datetime | None

    def is_over(self, now: datetime) -> bool:
        return self.revoked_at is not None or self.expires_at <= now

    def is_reused(self, now: datetime) -> bool:
        return self.replaced_at is not None and now - self.replaced_at > GRACE


class RefreshSessions:
    """All methods raise Unavailable when the table can't be reached."""

    def __init__(
        self,
        pool: AsyncConnectionPool[psycopg.AsyncConnection[Any]],
        secret: bytes,
        life: timedelta,
    ) -> None:
        self._pool = pool
        self._secret = secret
        self._life = life

    async def begin(
        self, account_id: AccountId, tenant_id: TenantId, now: datetime
    ) -> RefreshSession:
        token = secrets.token_urlsafe(32)
        async with self._transaction() as connection:
            row = (_hash(token), uuid4(), account_id, tenant_id, now, now + self._life)
            await connection.execute(_INSERT, row)
        return RefreshSession(token, account_id, tenant_id)

    async def rotate(self, token: str, now: datetime) -> RefreshSession:
        """Replace a token by its successor.

        Raises Unauthenticated when it is unknown, expired, revoked, or was replaced longer than
        `GRACE` ago; the last revokes the family.
        """
        async with self._transaction() as connection:
            found = await self._rotate(connection, token, now)
        if found is None:
            raise Unauthenticated("The refresh token is not valid.")
        return found

    async def revoke(self, token: str, now: datetime) -> None:
        """End the session that a token belongs to; an unknown one is none."""
        async with self._transaction() as connection:
            if (stored := await _find(connection, token)) is not None:
                await connection.execute(_REVOKE, (now, stored.family_id))

    async def _rotate(
        self, connection: psycopg.AsyncConnection[Any], token: str, now: datetime
    ) -> RefreshSession | None:
        stored = await _find(connection, token)
        if stored is None or stored.is_over(now):
            return None
        if stored.is_reused(now):
            await connection.execute(_REVOKE, (now, stored.family_id))
            return None
        successor = RefreshSession(self._successor(token), stored.account_id, stored.tenant_id)
        row = (_hash(successor.token), stored.family_id, stored.account_id, stored.tenant_id)
        await connection.execute(_REPLACE, (now, _hash(token)))
        await connection.execute(_INSERT, (*row, now, now + self._life))
        return successor

    def _successor(self, token: str) -> str:
        return hmac.new(self._secret, token.encode(), hashlib.sha256).hexdigest()

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        with reachable("refresh sessions"):
            async with self._pool.connection() as connection, connection.transaction():
                yield connection


async def _find(connection: psycopg.AsyncConnection[Any], token: str) -> _Stored | None:
    """Nobody else changes its family before this transaction ends."""
    await connection.execute(_TAKE_TURNS, (_hash(token),))
    cursor = await connection.execute(_FIND, (_hash(token),))
    row = await cursor.fetchone()
    return None if row is None else _Stored(*row)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
