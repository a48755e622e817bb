"""Refresh sessions: chains of tokens, each good once, stored only as hashes.

A token that comes back after it was replaced means that two hold it, and its whole family is
revoked; but within a short grace it may be the client whose answer got lost, and it gets the same
successor again. The successor follows from the token and a key, so nothing secret is stored for it.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg_pool import AsyncConnectionPool

from domain.shared.errors import Unauthenticated
from domain.shared.ids import AccountId, TenantId

GRACE = timedelta(seconds=10)

_INSERT = """
INSERT INTO refresh_sessions
    (token_hash, family_id, account_id, tenant_id, issued_at, expires_at)
VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
_FIND = """
SELECT family_id, account_id, tenant_id, expires_at, replaced_at, revoked_at
FROM refresh_sessions WHERE token_hash = %s FOR UPDATE
"""


@dataclass(frozen=True)
class RefreshSession:
    token: str
    account_id: AccountId
    tenant_id: TenantId


class RefreshSessions:
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
        async with self._pool.connection() as connection:
            row = (_hash(token), uuid4(), account_id, tenant_id, now, now + self._life)
            await connection.execute(_INSERT, row)
        return RefreshSession(token, account_id, tenant_id)

    async def rotate(self, token: str, now: datetime) -> RefreshSession:
        """Replace a token by its successor.

        Raises Unauthenticated when it is unknown, expired, revoked, or was replaced longer than
        `GRACE` ago; the last revokes the family.
        """
        async with self._pool.connection() as connection:
            found = await self._rotate(connection, token, now)
        if found is None:
            raise Unauthenticated("The refresh token is not valid.")
        return found

    async def revoke(self, token: str, now: datetime) -> None:
        """End the session that a token belongs to; an unknown one is none."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_FIND, (_hash(token),))
            if (row := await cursor.fetchone()) is not None:
                await _revoke(connection, row[0], now)

    async def _rotate(
        self, connection: psycopg.AsyncConnection[Any], token: str, now: datetime
    ) -> RefreshSession | None:
        async with connection.transaction():
            cursor = await connection.execute(_FIND, (_hash(token),))
            row = await cursor.fetchone()
            if row is None:
                return None
            family_id, account_id, tenant_id, expires_at, replaced_at, revoked_at = row
            if revoked_at is not None or expires_at <= now:
                return None
            if replaced_at is not None and now - replaced_at > GRACE:
                await _revoke(connection, family_id, now)
                return None
            successor = self._successor(token)
            await connection.execute(
                "UPDATE refresh_sessions SET replaced_at = coalesce(replaced_at, %s) "
                "WHERE token_hash = %s",
                (now, _hash(token)),
            )
            new = (_hash(successor), family_id, account_id, tenant_id, now, now + self._life)
            await connection.execute(_INSERT, new)
        return RefreshSession(successor, AccountId(account_id), TenantId(tenant_id))

    def _successor(self, token: str) -> str:
        return hmac.new(self._secret, token.encode(), hashlib.sha256).hexdigest()


async def _revoke(connection: psycopg.AsyncConnection[Any], family_id: UUID, now: datetime) -> None:
    await connection.execute(
        "UPDATE refresh_sessions SET revoked_at = %s WHERE family_id = %s AND revoked_at IS NULL",
        (now, family_id),
    )


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
