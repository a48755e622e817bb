"""The two tables that are sealed, read as digests of their rows."""

from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg

from infrastructure.sealing.digests import MISSING, SEVERAL

STEP = 2000
"""Rows in one query: others get their turn, and none comes near the statement timeout."""

# A row as Postgres sends it, with the length and the type of every column: no two differing rows
# look the same, and one that no client could read (an infinite time) has a digest all the same.
_DIGESTS = """
SELECT {position}, sha256(record_send(ROW({columns}))) FROM {table}
WHERE {position} > %s AND {position} <= %s
"""
_NEWEST = "SELECT coalesce(max({position}), 0) FROM {table}"
_STRAY = "SELECT count(*) FROM {table} WHERE {position} IS NULL OR {position} < 1"

Connection = psycopg.AsyncConnection[Any]


@dataclass(frozen=True)
class Ledger:
    """Rows with the positions 1, 2, 3, …"""

    name: str
    table: LiteralString
    position: LiteralString
    columns: LiteralString

    async def newest(self, connection: Connection) -> int:
        return await self._number(connection, _NEWEST)

    async def stray(self, connection: Connection) -> int:
        """How many rows stand outside of every count of positions."""
        return await self._number(connection, _STRAY)

    async def digests(self, connection: Connection, after: int, until: int) -> list[bytes]:
        """One for each position, in order; `MISSING` or `SEVERAL` where there is not one row."""
        found = [MISSING] * (until - after)
        cursor = connection.cursor(binary=True)
        await cursor.execute(self._query(_DIGESTS), (after, until), prepare=True)
        for position, digest in await cursor.fetchall():
            index = position - after - 1
            found[index] = digest if found[index] is MISSING else SEVERAL
        return found

    async def _number(self, connection: Connection, template: LiteralString) -> int:
        row = await (await connection.execute(self._query(template))).fetchone()
        return int(row[0]) if row else 0

    def _query(self, template: LiteralString) -> LiteralString:
        return template.format(table=self.table, position=self.position, columns=self.columns)


LOG = Ledger(
    "event log",
    "stored_events",
    "notification_id",
    """notification_id, originator_id, originator_version, topic, state, tenant_id, command_id,
    metadata, recorded_at""",
)
TRAIL = Ledger(
    "audit trail",
    "audit_trail",
    "position",
    """position, tenant_id, actor, command, action, topic, entity, entity_id, entity_version,
    before, after, request_id, correlation_id, causation_id, occurred_at, recorded_at,
    previous_hash, hash""",
)
