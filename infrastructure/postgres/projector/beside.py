"""A read model built a second time beside the live one, to replace it or to compare with it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg.sql import SQL, Identifier

from infrastructure.event_store.mapper import EventMapper
from infrastructure.event_store.reader import newest_position, read_all
from infrastructure.postgres.projector.batch import Parked, apply
from infrastructure.postgres.projector.decoding import Decoder
from infrastructure.postgres.projector.tables import ReadModelTables
from infrastructure.postgres.urls import bounded_conninfo
from projections.read_model import ReadModel

Connection = psycopg.AsyncConnection[Any]
OnProgress = Callable[[int, int], None]
"""Told how many of how many events are folded."""

_POSITION = "SELECT position FROM checkpoints WHERE name = %s"
_FORGET_PARKED = "DELETE FROM parked_events WHERE read_model = %s"
_SHOWN = 20
"""Differing rows that are told in full, per table."""


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
    differences: tuple[Difference, ...]


class Beside:
    """Folds the log from zero into a schema of its own, and catches up with the live read model."""

    def __init__(
        self, connection: Connection, mapper: EventMapper, model: ReadModel, suffix: str
    ) -> None:
        self.model = model
        self._connection = connection
        self._mapper = mapper
        self._decoder = Decoder(mapper, [model])
        self.live = ReadModelTables(model)
        self.tables = ReadModelTables(model, f"{model.schema}_{suffix}")
        self.parked = Parked(f"{model.checkpoint} {suffix}")
        self.position = 0

    @classmethod
    @asynccontextmanager
    async def built(
        cls,
        database_url: str,
        mapper: EventMapper,
        model: ReadModel,
        suffix: str,
        on_progress: OnProgress,
    ) -> AsyncIterator["Beside"]:
        """The second building, up to the newest event; its schema is gone afterwards."""
        conninfo = bounded_conninfo(
            database_url, statement_timeout_ms=0, application=f"opstream {suffix}"
        )
        async with await psycopg.AsyncConnection.connect(
            conninfo, autocommit=True, prepare_threshold=0
        ) as connection:
            beside = cls(connection, mapper, model, suffix)
            await connection.execute("SET synchronous_commit = off")
            await beside.tables.drop(connection)
            await beside.tables.create(connection)
            try:
                await beside.catch_up(await newest_position(connection), on_progress)
                yield beside
            finally:
                await beside.tables.drop(connection)
                await connection.execute(_FORGET_PARKED, (beside.parked.read_model,))

    async def catch_up(self, until: int, on_progress: OnProgress = lambda _done, _of: None) -> None:
        """Fold everything up to a position, a batch per transaction."""
        connection = self._connection
        async for entries in read_all(connection, self.position, until):
            async with connection.transaction():
                decoded = self._decoder.decode(entries)
                await apply(connection, self.tables, decoded, self.parked)
            self.position = entries[-1].position
            on_progress(self.position, until)

    @asynccontextmanager
    async def at_one_moment(self) -> AsyncIterator[None]:
        """Both sides at the position of one snapshot; the projector moves on meanwhile."""
        connection = self._connection
        async with connection.transaction():
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            await self.catch_up(await self._live_position(_POSITION))
            yield

    @asynccontextmanager
    async def holding_live_still(self) -> AsyncIterator[None]:
        """Both sides at the same position, and the projector waiting."""
        async with self._connection.transaction():
            await self.catch_up(await self._live_position(_POSITION + " FOR UPDATE"))
            yield

    async def _live_position(self, query: LiteralString) -> int:
        cursor = await self._connection.execute(query, (self.model.checkpoint,))
        row = await cursor.fetchone()
        if row is None:
            raise LookupError(f"{self.model.name} has never been projected")
        return int(row[0])

    async def compare(self) -> Comparison:
        """Every row that differs; only within `at_one_moment` does that mean anything."""
        differences: list[Difference] = []
        rows = 0
        for table in self.model.tables:
            live, log = self.live.qualified(table), self.tables.qualified(table)
            for side, has, lacks in (("live", live, log), ("log", log, live)):
                query = SQL(
                    "SELECT to_jsonb(only_here) FROM "
                    "(SELECT * FROM {} EXCEPT SELECT * FROM {} LIMIT {}) AS only_here"
                ).format(has, lacks, _SHOWN)
                cursor = await self._connection.execute(query)
                differences += [Difference(table.name, side, r[0]) for r in await cursor.fetchall()]
            counted = await self._connection.execute(SQL("SELECT count(*) FROM {}").format(live))
            count = await counted.fetchone()
            rows += int(count[0]) if count else 0
        return Comparison(self.position, rows, tuple(differences))

    async def replace_live(self) -> None:
        """Put this building in the live one's place; within `holding_live_still`."""
        connection = self._connection
        await self.live.drop(connection)
        rename = SQL("ALTER SCHEMA {} RENAME TO {}")
        await connection.execute(
            rename.format(Identifier(self.tables.schema), Identifier(self.model.schema))
        )
        await connection.execute(_FORGET_PARKED, (self.model.checkpoint,))
        await connection.execute(
            "UPDATE parked_events SET read_model = %s WHERE read_model = %s",
            (self.model.checkpoint, self.parked.read_model),
        )


async def rebuild(
    database_url: str, mapper: EventMapper, model: ReadModel, on_progress: OnProgress
) -> Comparison:
    """Build a read model anew beside the live one, compare, and switch in one transaction.

    The comparison tells what was wrong with the old one. Raises psycopg.errors.LockNotAvailable
    when readers keep the live tables busy for 2 s.
    """
    async with Beside.built(database_url, mapper, model, "next", on_progress) as beside:
        async with beside.at_one_moment():
            comparison = await beside.compare()
        async with beside.holding_live_still():
            await beside.replace_live()
        return comparison


async def verify(
    database_url: str, mapper: EventMapper, model: ReadModel, on_progress: OnProgress
) -> Comparison:
    """Fold the log from zero in a scratch schema and compare; the live read model stays."""
    async with (
        Beside.built(database_url, mapper, model, "verify", on_progress) as beside,
        beside.at_one_moment(),
    ):
        return await beside.compare()
