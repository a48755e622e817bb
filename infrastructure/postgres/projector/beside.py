"""A read model built a second time beside the live one, to replace it or to compare with it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, LiteralString

import psycopg
from psycopg.sql import SQL, Identifier

from domain.shared.errors import Conflict
from infrastructure.event_store.mapper import EventMapper
from infrastructure.event_store.reader import LogEntry, newest_position, read_all
from infrastructure.postgres.locks import try_hold
from infrastructure.postgres.projector.batch import REFUSED, Parked, apply, apply_around_refusals
from infrastructure.postgres.projector.comparing import Comparison, compare
from infrastructure.postgres.projector.decoding import Decoder
from infrastructure.postgres.projector.tables import ReadModelTables
from infrastructure.postgres.urls import bounded_conninfo
from projections.read_model import ReadModel

Connection = psycopg.AsyncConnection[Any]
OnProgress = Callable[[int, int], None]
"""Told how many of how many events are folded."""

_POSITION = "SELECT position FROM checkpoints WHERE name = %s"
_FORGET_PARKED = "DELETE FROM parked_events WHERE read_model = %s"
_MOVE_ON = "UPDATE checkpoints SET position = greatest(position, %s) WHERE name = %s"
_TRIES = 5
"""Attempts to switch, each of which waits for readers and the projector for at most 2 s."""


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
        """The second building, as far as the live one is; its schema is gone afterwards.

        Raises Conflict when somebody else builds the same.
        """
        conninfo = bounded_conninfo(
            database_url, statement_timeout_ms=0, application=f"opstream {suffix}"
        )
        async with await psycopg.AsyncConnection.connect(
            conninfo, autocommit=True, prepare_threshold=0
        ) as connection:
            beside = cls(connection, mapper, model, suffix)
            await connection.execute("SET synchronous_commit = off")
            if not await try_hold(connection, beside.parked.read_model):
                raise Conflict(f"Another `opstream` does that to {model.name} just now.")
            await connection.execute(_FORGET_PARKED, (beside.parked.read_model,))
            await beside.tables.drop(connection)
            await beside.tables.create(connection)
            try:
                await beside.catch_up(await beside._live_position(_POSITION), on_progress)
                yield beside
            finally:
                await beside.tables.drop(connection)
                await connection.execute(_FORGET_PARKED, (beside.parked.read_model,))

    async def catch_up(self, until: int, on_progress: OnProgress = lambda _done, _of: None) -> None:
        """Fold everything up to a position, a batch per transaction."""
        async for entries in read_all(self._connection, self.position, until):
            await self._take(entries)
            self.position = entries[-1].position
            on_progress(self.position, until)

    async def catch_up_with_the_log(self) -> None:
        await self.catch_up(await newest_position(self._connection))

    async def _take(self, entries: Sequence[LogEntry]) -> None:
        """Sets aside what the projector would."""
        connection, decoded = self._connection, self._decoder.decode(entries)
        try:
            async with connection.transaction():
                await apply(connection, self.tables, decoded, self.parked)
        except REFUSED:
            await self.learn_parked()
            async with connection.transaction():
                await apply_around_refusals(connection, self.tables, decoded, self.parked)

    async def learn_parked(self) -> None:
        """What is stored, after a transaction that came to nothing."""
        self.parked = await Parked.stored(self._connection, self.parked.read_model)

    @asynccontextmanager
    async def at_one_moment(self) -> AsyncIterator[None]:
        """Both sides at the position of one snapshot; the projector moves on meanwhile."""
        connection = self._connection
        async with connection.transaction():
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            # Before the snapshot is taken, so that no rebuild puts other tables in their place.
            await self._lock_live("ACCESS SHARE")
            await self.catch_up(await self._live_position(_POSITION))
            yield

    @asynccontextmanager
    async def holding_live_still(self) -> AsyncIterator[None]:
        """The projector waiting, and this side at least as far; readers go on. Leaves everything as
        it was when something is raised inside.

        Tables are locked before checkpoints, as a step of the projector does.
        """
        before = self.position
        try:
            async with self._connection.transaction():
                await self._lock_live("SHARE ROW EXCLUSIVE")
                await self.catch_up(await self._live_position(_POSITION + " FOR UPDATE"))
                yield
        except BaseException:
            self.position = before
            raise

    async def _lock_live(self, mode: LiteralString) -> None:
        tables = SQL(", ").join(self.live.qualified(table) for table in self.model.tables)
        await self._connection.execute(SQL(f"LOCK TABLE {{}} IN {mode} MODE").format(tables))

    async def _live_position(self, query: LiteralString) -> int:
        cursor = await self._connection.execute(query, (self.model.checkpoint,))
        row = await cursor.fetchone()
        if row is None:
            raise LookupError(f"{self.model.name} has never been projected")
        return int(row[0])

    async def compare(self) -> Comparison:
        """Every row that differs; only within `at_one_moment` does that mean anything."""
        return await compare(self._connection, self.live, self.tables, self.position)

    async def replace_live(self) -> None:
        """Put this building in the live one's place; within `holding_live_still`.

        The checkpoint moves with it: a projector that was behind must not fold anything twice.
        """
        connection = self._connection
        await self.live.drop(connection)
        rename = SQL("ALTER SCHEMA {} RENAME TO {}")
        await connection.execute(
            rename.format(Identifier(self.tables.schema), Identifier(self.model.schema))
        )
        await connection.execute(_MOVE_ON, (self.position, self.model.checkpoint))
        await connection.execute(_FORGET_PARKED, (self.model.checkpoint,))
        await connection.execute(
            "UPDATE parked_events SET read_model = %s WHERE read_model = %s",
            (self.model.checkpoint, self.parked.read_model),
        )


async def rebuild(
    database_url: str, mapper: EventMapper, model: ReadModel, on_progress: OnProgress
) -> Comparison:
    """Build a read model anew beside the live one, compare, and switch in one transaction.

    The comparison tells what was wrong with the old one. Raises Conflict when somebody else
    rebuilds it, or when readers keep the live tables busy.
    """
    async with Beside.built(database_url, mapper, model, "next", on_progress) as beside:
        async with beside.at_one_moment():
            comparison = await beside.compare()
        await beside.catch_up_with_the_log()
        await _switch(beside)
        return comparison


async def _switch(beside: Beside) -> None:
    for attempt in range(_TRIES):
        await asyncio.sleep(0.1 * attempt)
        try:
            async with beside.holding_live_still():
                await beside.replace_live()
        except psycopg.errors.LockNotAvailable:
            await beside.learn_parked()
        else:
            return
    raise Conflict(
        f"The tables of {beside.model.name} are too busy to be replaced; nothing was changed."
    )


async def verify(
    database_url: str, mapper: EventMapper, model: ReadModel, on_progress: OnProgress
) -> Comparison:
    """Fold the log from zero in a scratch schema and compare; the live read model stays."""
    async with (
        Beside.built(database_url, mapper, model, "verify", on_progress) as beside,
        beside.at_one_moment(),
    ):
        return await beside.compare()
