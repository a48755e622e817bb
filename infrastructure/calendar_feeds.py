"""The secrets of calendar feeds: whoever has one may read one person's calendar.

Stored only as hashes; a person has one at a time, and a new one revokes the one before.
"""

import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool

from domain.shared.ids import AccountId, PersonId, TenantId
from infrastructure.identity.reachable import reachable

# Two that ask for one person at once take turns, or both would find nothing to revoke.
_TAKE_TURNS = "SELECT pg_advisory_xact_lock(hashtextextended('calendar feed ' || %s, 0))"
_REVOKE = """
UPDATE calendar_feeds SET revoked_at = %s
WHERE tenant_id = %s AND person_id = %s AND revoked_at IS NULL
"""
_INSERT = """
INSERT INTO calendar_feeds (secret_hash, tenant_id, person_id, account_id, created_at)
VALUES (%s, %s, %s, %s, %s)
"""
_SINCE = """
SELECT created_at FROM calendar_feeds
WHERE tenant_id = %s AND person_id = %s AND revoked_at IS NULL
"""
_FIND = """
SELECT tenant_id, person_id, account_id FROM calendar_feeds
WHERE secret_hash = %s AND revoked_at IS NULL
"""


@dataclass(frozen=True)
class Feed:
    """Whose calendar it is, and whose account asked for it."""

    tenant_id: TenantId
    person_id: PersonId
    account_id: AccountId


class CalendarFeeds:
    """All methods raise Unavailable when the table can't be reached."""

    def __init__(self, pool: AsyncConnectionPool[psycopg.AsyncConnection[Any]]) -> None:
        self._pool = pool

    async def begin(self, feed: Feed, now: datetime) -> str:
        """A new secret in place of any other of the person's; nobody can be told it again."""
        secret = secrets.token_urlsafe(32)
        row = (_hash(secret), feed.tenant_id, feed.person_id, feed.account_id, now)
        async with self._transaction() as connection:
            await connection.execute(_TAKE_TURNS, (str(feed.person_id),))
            await connection.execute(_REVOKE, (now, feed.tenant_id, feed.person_id))
            await connection.execute(_INSERT, row)
        return secret

    async def since(self, tenant_id: TenantId, person_id: PersonId) -> datetime | None:
        """Since when the person has the present secret; None without one."""
        async with self._transaction() as connection:
            cursor = await connection.execute(_SINCE, (tenant_id, person_id))
            row = await cursor.fetchone()
        return None if row is None else row[0]

    async def revoke(self, tenant_id: TenantId, person_id: PersonId, now: datetime) -> None:
        async with self._transaction() as connection:
            await connection.execute(_REVOKE, (now, tenant_id, person_id))

    async def find(self, secret: str) -> Feed | None:
        """None when the secret is nobody's, or no longer."""
        async with self._transaction() as connection:
            cursor = connection.cursor(row_factory=class_row(Feed))
            await cursor.execute(_FIND, (_hash(secret),))
            return await cursor.fetchone()

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        with reachable("calendar feeds"):
            async with self._pool.connection() as connection, connection.transaction():
                yield connection


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="replace")).digest()
