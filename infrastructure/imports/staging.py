"""Staged files, as an API process sees them: put there, watched, listed.

They are no truth: what an import did is in the log.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID, uuid4

import orjson
import psycopg
from psycopg.rows import class_row, dict_row
from psycopg_pool import AsyncConnectionPool

from application.access import Actor
from application.commands import Command
from application.ports import Answer
from domain.shared.errors import KeyReused, Unavailable
from domain.shared.ids import ImportId, TenantId
from infrastructure.event_store.answers import as_json
from infrastructure.imports.staged import Sent, Shift, StagedImport
from infrastructure.postgres.outages import outlast
from projections.paging import Page, PageRequest

MOST_WAITING = 10
"""Files of one tenant that may wait; who sends more waits before the next."""
IN_MEMORY = 2
"""Files that a process holds at once on their way to the database."""
SHOWN = 50
"""Shifts that are shown with an import; all of them are asked for by page."""

_COLUMNS = f"""
id, tenant_id, dry_run, file_name, sha256, state, rows_done, rows_total, failure, created, position,
created_at, ended_at, jsonb_path_query_array(shifts, '$[0 to {SHOWN - 1}]') AS shifts
"""
_CLAIM_KEY = """
INSERT INTO idempotency_keys
    (tenant_id, account_id, key, fingerprint, answer, position, recorded_at)
VALUES (%s, %s, %s, %s, %s, 0, clock_timestamp()) ON CONFLICT DO NOTHING
"""
_WAITING = "SELECT count(*) FROM imports WHERE tenant_id = %s AND file IS NOT NULL"
_STAGE = """
INSERT INTO imports (id, tenant_id, account_id, idempotency_key, request_id, correlation_id,
    dry_run, file_name, sha256, file)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %b)
"""
_UNDER_KEY = """
SELECT i.id FROM imports i JOIN idempotency_keys k USING (tenant_id, account_id)
WHERE tenant_id = %s AND account_id = %s AND idempotency_key = %s
    AND k.key = i.idempotency_key AND k.fingerprint = %s
"""
_ONE = f"SELECT {_COLUMNS} FROM imports WHERE tenant_id = %s AND id = %s"  # noqa: S608 - constants
_LIST = f"""
SELECT {_COLUMNS}, (SELECT count(*) FROM imports WHERE tenant_id = %(tenant)s) AS in_all
FROM imports WHERE tenant_id = %(tenant)s
ORDER BY created_at DESC, id LIMIT %(size)s OFFSET %(offset)s
"""  # noqa: S608 - constants
_COUNT = "SELECT count(*) FROM imports WHERE tenant_id = %s"
_SHIFTS = """
SELECT coalesce(jsonb_array_length(shifts), 0) AS in_all,
    jsonb_path_query_array(shifts, '$[$first to $last]', %s::jsonb) AS shifts
FROM imports WHERE tenant_id = %s AND id = %s
"""

T = TypeVar("T")
Connection = psycopg.AsyncConnection[Any]
Pool = AsyncConnectionPool[Connection]


class Staging:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.room = asyncio.Semaphore(IN_MEMORY)
        """Hold it as long as a file is in memory."""

    async def stage(self, command: type[Command[Any]], sent: Sent, actor: Actor) -> ImportId:
        """The import that is made of it; under a key that it was sent with before, that one.

        `command` is what it will be run as. Raises Forbidden when the actor may not do that,
        KeyReused, and Unavailable when too many files of the tenant wait already.
        """
        actor.must(command.needs)
        import_id = ImportId(uuid4())

        async def put(connection: Connection) -> ImportId:
            async with connection.transaction():
                if sent.key is not None and not await _claim_key(connection, sent, actor):
                    return await _under_key(connection, sent, actor)
                await _must_have_room(connection, actor.tenant_id)
                await _put(connection, import_id, sent, actor)
            return import_id

        try:
            return await self._on_connection(put)
        except psycopg.errors.UniqueViolation:
            # It is there: the connection was lost after it was stored.
            return import_id

    async def find(self, import_id: ImportId, tenant_id: TenantId) -> StagedImport | None:
        async def look(connection: Connection) -> StagedImport | None:
            cursor = connection.cursor(row_factory=class_row(StagedImport))
            await cursor.execute(_ONE, (tenant_id, import_id))
            return await cursor.fetchone()

        return await self._on_connection(look)

    async def list(self, tenant_id: TenantId, page: PageRequest) -> Page[StagedImport]:
        """The newest first."""

        async def look(connection: Connection) -> Page[StagedImport]:
            wanted = {"tenant": tenant_id, "size": page.size, "offset": page.offset}
            cursor = connection.cursor(row_factory=dict_row)
            rows = await (await cursor.execute(_LIST, wanted)).fetchall()
            total = rows[0]["in_all"] if rows else 0
            if not rows and page.offset:
                counted = await (await connection.execute(_COUNT, (tenant_id,))).fetchone()
                total = min(page.offset, counted[0]) if counted else 0
            return Page([_without_count(row) for row in rows], total, page)

        return await self._on_connection(look)

    async def shifts_of(
        self, import_id: ImportId, tenant_id: TenantId, page: PageRequest
    ) -> Page[Shift] | None:
        """What it drafted or, in a dry run, would have; None when there is no such import."""
        wanted = {"first": page.offset, "last": page.offset + page.size - 1}

        async def look(connection: Connection) -> Page[Shift] | None:
            found = await connection.execute(
                _SHIFTS, (orjson.dumps(wanted).decode(), tenant_id, import_id)
            )
            row = await found.fetchone()
            return None if row is None else Page(row[1] or [], row[0], page)

        return await self._on_connection(look)

    async def _on_connection(self, act: Callable[[Connection], Awaitable[T]]) -> T:
        async def run() -> T:
            async with self._pool.connection() as connection:
                return await act(connection)

        return await outlast(run, "What is asked for")


def _without_count(row: dict[str, Any]) -> StagedImport:
    del row["in_all"]
    return StagedImport(**row)


async def _claim_key(connection: Connection, sent: Sent, actor: Actor) -> bool:
    """Whether the key was free; it is then taken for all commands, too."""
    answer = orjson.dumps(as_json(Answer())).decode()
    whose = (actor.tenant_id, actor.account_id)
    claimed = await connection.execute(_CLAIM_KEY, (*whose, sent.key, sent.fingerprint, answer))
    return claimed.rowcount > 0


async def _under_key(connection: Connection, sent: Sent, actor: Actor) -> ImportId:
    """Raises KeyReused."""
    whose = (actor.tenant_id, actor.account_id)
    found = await connection.execute(_UNDER_KEY, (*whose, sent.key, sent.fingerprint))
    if (row := await found.fetchone()) is None:
        raise KeyReused("This Idempotency-Key was used for another request.", key=sent.key)
    return ImportId(row[0])


async def _must_have_room(connection: Connection, tenant_id: TenantId) -> None:
    row = await (await connection.execute(_WAITING, (tenant_id,))).fetchone()
    if row is not None and row[0] >= MOST_WAITING:
        raise Unavailable("Too many imports are waiting; try again.", retry_after=10)


async def _put(connection: Connection, import_id: ImportId, sent: Sent, actor: Actor) -> None:
    values: tuple[UUID | str | bool | bytes | None, ...] = (
        import_id,
        actor.tenant_id,
        actor.account_id,
        sent.key,
        sent.request_id,
        sent.correlation_id,
        sent.dry_run,
        sent.file_name,
        sent.sha256,
        sent.file,
    )
    await connection.execute(_STAGE, values)
