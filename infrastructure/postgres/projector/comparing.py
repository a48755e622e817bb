"""Two buildings of one read model, compared row by row within one snapshot."""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.sql import SQL, Composed, Identifier
from sqlalchemy import Table

from infrastructure.postgres.projector.tables import ReadModelTables

Connection = psycopg.AsyncConnection[Any]

_SHOWN = 20
"""Differing rows that are told in full, per table."""
_DIFFERING = """
WITH live AS MATERIALIZED (SELECT * FROM {live} EXCEPT SELECT * FROM {log}),
    log AS MATERIALIZED (SELECT * FROM {log} EXCEPT SELECT * FROM {live}),
    differing AS (SELECT {key} FROM live UNION SELECT {key} FROM log)
"""
_COUNT = _DIFFERING + "SELECT count(*) FROM differing"  # noqa: S608 - constants
_SHOW = (
    _DIFFERING  # noqa: S608 - constants
    + """, shown AS (SELECT * FROM differing ORDER BY {key} LIMIT {limit})
SELECT side, contents FROM (
    SELECT {key}, 'live' AS side, to_jsonb(live) AS contents FROM live JOIN shown USING ({key})
    UNION ALL
    SELECT {key}, 'log', to_jsonb(log) FROM log JOIN shown USING ({key})
) AS both_sides ORDER BY {key}, side
"""
)


@dataclass(frozen=True)
class Difference:
    """A row that only one side has: ``live``, or ``log`` for what the log says it should be."""

    table: str
    side: str
    row: dict[str, Any]


@dataclass(frozen=True)
class Comparison:
    position: int
    rows: int
    """Rows of the live read model."""
    differing: int
    """Rows that are not the same on both sides, or only on one."""
    differences: tuple[Difference, ...]
    """The first of them, each as either side has it."""


async def compare(
    connection: Connection, live: ReadModelTables, log: ReadModelTables, position: int
) -> Comparison:
    """Both of one model and at one position."""
    rows, differing = 0, 0
    differences: list[Difference] = []
    for table in live.model.tables:
        sides = _Sides(connection, table, live.qualified(table), log.qualified(table))
        rows += await sides.rows()
        if found := await sides.differing():
            differing += found
            differences += await sides.first_differences()
    return Comparison(position, rows, differing, tuple(differences))


@dataclass(frozen=True)
class _Sides:
    """One table, in either building."""

    connection: Connection
    table: Table
    live: Composed
    log: Composed

    async def rows(self) -> int:
        return await self._number(SQL("SELECT count(*) FROM {}").format(self.live))

    async def differing(self) -> int:
        return await self._number(self._query(SQL(_COUNT)))

    async def first_differences(self) -> list[Difference]:
        cursor = await self.connection.execute(self._query(SQL(_SHOW)))
        return [Difference(self.table.name, *side) for side in await cursor.fetchall()]

    def _query(self, query: SQL) -> Composed:
        names = (Identifier(column.name) for column in self.table.primary_key.columns)
        key = SQL(", ").join(names)
        return query.format(live=self.live, log=self.log, key=key, limit=_SHOWN)

    async def _number(self, query: Composed) -> int:
        row = await (await self.connection.execute(query)).fetchone()
        return int(row[0]) if row else 0
