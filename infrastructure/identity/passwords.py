"""Passwords, hashed with argon2id.

Source of the parameters: OWASP's password storage cheat sheet (19 MiB, 2 passes, 1 lane). As many
are computed at once as there are cores, so that a burst of log-ins can't take all memory.
"""

import asyncio
import os
from typing import Any
from uuid import UUID

import psycopg
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from psycopg_pool import AsyncConnectionPool

from domain.shared.ids import AccountId
from infrastructure.identity.reachable import reachable
from infrastructure.postgres.outages import outlast

LONGEST = 1024
"""Bytes of a password at the most."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_FIND = "SELECT password_hash FROM credentials WHERE account_id = %s"
_UPSERT = """
INSERT INTO credentials (account_id, password_hash) VALUES (%s, %s)
ON CONFLICT (account_id) DO UPDATE
SET password_hash = EXCLUDED.password_hash, changed_at = clock_timestamp()
"""


class Passwords:
    def __init__(self, pool: AsyncConnectionPool[psycopg.AsyncConnection[Any]]) -> None:
        self._pool = pool
        self._cores = asyncio.Semaphore(os.cpu_count() or 1)
        # Somebody who does not exist takes as long to refuse as somebody who does.
        self._nobody = _hasher.hash("nobody has this password")

    async def set(self, account_id: AccountId, password: str) -> None:
        hashed = await self._compute(_hasher.hash, password)
        with reachable("passwords"):
            async with self._pool.connection() as connection:
                await connection.execute(_UPSERT, (account_id, hashed))

    async def fits(self, account_id: AccountId | None, password: str) -> bool:
        """Whether this is the account's password; None, an account that is not there, has none.

        Raises Unavailable when the credentials can't be reached.
        """
        stored = await self._stored(account_id) if account_id is not None else None
        fits = await self._compute(_verify, stored or self._nobody, password)
        return fits and stored is not None

    async def _stored(self, account_id: UUID) -> str | None:
        async def read() -> str | None:
            async with self._pool.connection() as connection:
                row = await (await connection.execute(_FIND, (account_id,))).fetchone()
            return None if row is None else str(row[0])

        return await outlast(read, "The passwords")

    async def _compute(self, function: Any, *arguments: str) -> Any:
        async with self._cores:
            return await asyncio.to_thread(function, *arguments)


def _verify(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False
