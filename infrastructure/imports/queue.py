"""Staged files, as an importer sees them: claimed for a while, taken further, ended.

A claim is a lease: who dies leaves the import to the next, and who was believed dead changes
nothing any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import orjson
import psycopg
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool

from application.ports import Answer
from domain.shared.errors import Failure
from domain.shared.ids import AccountId, ImportId, TenantId
from infrastructure.event_store.answers import as_json
from infrastructure.imports.staged import ImportState, Shift

LEASE = 6.0
"""Seconds for which an import is held without a word from who holds it."""
LATER = 1.0
"""Seconds before what could not be done is tried again."""

# One at a time for each tenant, so that nobody's files keep another's waiting.
_CLAIM = """
UPDATE imports SET state = 'parsing', lease = %(lease)s, attempts = attempts + 1,
    rows_done = 0, rows_total = NULL,
    leased_until = clock_timestamp() + %(seconds)s * interval '1 second'
WHERE id = (
    SELECT id FROM imports due
    WHERE file IS NOT NULL AND leased_until <= clock_timestamp() AND NOT EXISTS (
        SELECT FROM imports other WHERE other.tenant_id = due.tenant_id AND other.id <> due.id
            AND other.file IS NOT NULL AND other.state <> 'queued'
            AND other.leased_until > clock_timestamp()
    )
    ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id, tenant_id, account_id, request_id, correlation_id, dry_run, file_name, sha256, file,
    attempts, lease
"""
_KEEP = """
UPDATE imports SET leased_until = clock_timestamp() + %s * interval '1 second'
WHERE id = %s AND lease = %s AND file IS NOT NULL
"""
_TELL = """
UPDATE imports SET state = %s, rows_done = %s, rows_total = %s
WHERE id = %s AND lease = %s AND file IS NOT NULL
"""
_PUT_BACK = """
UPDATE imports SET state = 'queued', attempts = attempts - %s,
    leased_until = clock_timestamp() + %s * interval '1 second'
WHERE id = %s AND lease = %s AND file IS NOT NULL
"""
_END = """
UPDATE imports SET state = %s, failure = %s, shifts = %s, created = %s, position = %s,
    rows_done = %s, rows_total = %s, file = NULL, ended_at = clock_timestamp()
WHERE id = %s AND lease = %s AND file IS NOT NULL
"""

Connection = psycopg.AsyncConnection[Any]
Pool = AsyncConnectionPool[Connection]


@dataclass(frozen=True)
class Claimed:
    id: ImportId
    tenant_id: TenantId
    account_id: AccountId
    request_id: str
    correlation_id: str
    dry_run: bool
    file_name: str
    sha256: str
    file: bytes
    attempts: int
    """This one included."""
    lease: UUID


@dataclass(frozen=True)
class Ending:
    """What became of it. `rows` are those of the file, as far as they were read."""

    state: ImportState
    rows: int = 0
    shifts: Sequence[Shift] = field(default=())
    created: int = 0
    position: int = 0
    failure: Failure | None = None


class Queue:
    """`lease` in seconds."""

    def __init__(self, pool: Pool, lease: float = LEASE) -> None:
        self._pool = pool
        self.lease = lease

    async def claim(self) -> Claimed | None:
        async with self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=class_row(Claimed), binary=True)
            await cursor.execute(_CLAIM, {"lease": uuid4(), "seconds": self.lease})
            return await cursor.fetchone()

    async def keep(self, claimed: Claimed) -> None:
        await self._execute(_KEEP, (self.lease, claimed.id, claimed.lease))

    async def tell(
        self, claimed: Claimed, state: ImportState, done: int, total: int | None = None
    ) -> None:
        """How far it is, for whoever watches."""
        await self._execute(_TELL, (state, done, total, claimed.id, claimed.lease))

    async def put_back(self, claimed: Claimed, *, counts: bool) -> None:
        """To be tried later; whether this try counts as one."""
        await self._execute(_PUT_BACK, (0 if counts else 1, LATER, claimed.id, claimed.lease))

    async def end(self, claimed: Claimed, ending: Ending) -> None:
        values = (
            ending.state,
            _json(as_json(Answer(failure=ending.failure)) if ending.failure else None),
            _json(list(ending.shifts)),
            ending.created,
            ending.position,
            ending.rows,
            ending.rows,
            claimed.id,
            claimed.lease,
        )
        await self._execute(_END, values)

    async def _execute(self, statement: str, values: tuple[Any, ...]) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(statement, values)


def _json(value: object) -> str | None:
    return orjson.dumps(value, default=str).decode() if value else None
