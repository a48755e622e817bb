"""The projector: tails the log and keeps its read models up with it.

Rows and checkpoint change in one transaction, on the very connection that holds the projector's
lock: who loses the connection loses the lock and can't write any more.
"""

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

import psycopg
import structlog

from infrastructure import metrics
from infrastructure.event_store.mapper import EventMapper
from infrastructure.event_store.reader import Connection
from infrastructure.failpoints import failpoint, opened
from infrastructure.logging import told
from infrastructure.postgres.listening import Listener
from infrastructure.postgres.locks import hold
from infrastructure.postgres.projector.batch import REFUSED, Parked, apply_around_refusals, folded
from infrastructure.postgres.projector.decoding import Decoded, Decoder, ReadAhead
from infrastructure.postgres.projector.flush import (
    ANNOUNCED,
    Advance,
    announcement,
    flush,
)
from infrastructure.postgres.projector.tables import Change, ReadModelTables
from infrastructure.postgres.urls import bounded_conninfo
from projections.read_model import ReadModel

BATCH = 5000
"""Events in one transaction at the most."""

_ANNOUNCE = "SELECT pg_notify(%s, %s)"
_FIRST_CHECKPOINT = "INSERT INTO checkpoints (name, position) VALUES (%s, 0) ON CONFLICT DO NOTHING"
# Read models can be folded again from the log, so losing the last moment of them in a crash of the
# server loses nothing; rows and checkpoint still come or go together.
_LAZY = "SET synchronous_commit = off"

log = structlog.get_logger()


@dataclass(frozen=True)
class Manner:
    """How a projector works: under which name it leads, and whether answers wait for it. If not, it
    looks for news every `linger` seconds instead of being woken for each: many together cost less.
    """

    name: str = "projector"
    linger: float = 0.0

    @property
    def announces(self) -> bool:
        """Whether somebody waits to hear how far it is."""
        return not self.linger

    @property
    def active(self) -> str:
        """The line of the log that says who leads from now on."""
        return f"{self.name}.active"


PROMPT = Manner()
BACKGROUND = Manner("background", linger=0.25)


class Projector:
    def __init__(
        self,
        database_url: str,
        mapper: EventMapper,
        models: Sequence[ReadModel],
        manner: Manner = PROMPT,
    ) -> None:
        self._manner = manner
        self._conninfo = bounded_conninfo(
            database_url, statement_timeout_ms=60_000, application=f"opstream {manner.name}"
        )
        self._tables = [ReadModelTables(model) for model in models]
        self._ahead = ReadAhead(Decoder(mapper, models), BATCH)
        self._listener = Listener(database_url, "stored_events") if manner.announces else None
        self._positions: dict[str, int] = {}
        self._parked: dict[str, Parked] = {}

    async def run(self) -> None:
        """Project until cancelled. Raises psycopg.Error when the connection is lost."""
        async with await self._connect() as writer, await self._connect() as reader:
            await hold(writer, self._manner.name)
            log.info(self._manner.active)
            await writer.execute(_LAZY)
            await self._prepare(writer)
            async with self._listener or nullcontext(), self._ahead:
                while True:
                    await self._step_or_learn(writer, reader)

    async def _connect(self) -> Connection:
        return await psycopg.AsyncConnection.connect(
            self._conninfo, autocommit=True, prepare_threshold=0
        )

    async def _prepare(self, connection: Connection) -> None:
        """Make the tables of read models that are new, and learn where everyone is."""
        for tables in self._tables:
            async with connection.transaction():
                await connection.execute(_FIRST_CHECKPOINT, (tables.model.checkpoint,))
                if not await tables.exist(connection):
                    await tables.create(connection)
        await self._learn_positions(connection)

    async def _learn_positions(self, connection: Connection) -> None:
        names = [tables.model.checkpoint for tables in self._tables]
        cursor = await connection.execute(
            "SELECT name, position FROM checkpoints WHERE name = ANY(%s)", (names,)
        )
        self._positions = dict(await cursor.fetchall())
        await self._learn_parked(connection)

    async def _learn_parked(self, connection: Connection) -> None:
        for tables in self._tables:
            model = tables.model
            self._parked[model.name] = await Parked.stored(connection, model.checkpoint)

    async def _step_or_learn(self, writer: Connection, reader: Connection) -> None:
        """A rebuild moves the checkpoint of a read model that was behind; that step wrote nothing.

        Nobody else projects meanwhile: the writer's connection still holds the lock.
        """
        try:
            await self._step(writer, reader)
        except psycopg.errors.SerializationFailure as moved:
            log.info("projector.moved", reason=str(moved).splitlines()[0])
            await self._learn_positions(writer)
            await self._announce(writer, [t.model.name for t in self._tables if t.model.cached])

    async def _step(self, writer: Connection, reader: Connection) -> None:
        """One batch for each group of read models that stand at the same position."""
        most = 0
        for position in sorted(set(self._positions.values()), reverse=True):
            decoded = await self._ahead.after(reader, position)
            if decoded.entries:
                await self._advance(writer, position, decoded)
                metrics.PROJECTED_EVENTS.inc(len(decoded.entries))
                most = max(most, len(decoded.entries))
        if self._listener is None and most < BATCH:
            await asyncio.sleep(self._manner.linger)
        elif self._listener is not None and not most:
            await self._idle(writer, self._listener)

    async def _idle(self, connection: Connection, listener: Listener) -> None:
        """Wait for news, at most a second; tell that the projector lives."""
        if not await listener.wait(1.0):
            await self._announce(connection)

    async def _announce(self, connection: Connection, news: Sequence[str] = ()) -> None:
        if self._manner.announces:
            said = announcement(self._front(), news)
            await connection.execute(_ANNOUNCE, (ANNOUNCED, said), prepare=True)

    async def _advance(self, connection: Connection, position: int, decoded: Decoded) -> None:
        group = [t for t in self._tables if self._positions[t.model.checkpoint] == position]
        advance = self._step_from(position, group, decoded.entries[-1].position)
        try:
            await self._write(connection, group, decoded, advance)
        except REFUSED as error:
            log.warning("projector.refused", position=position, error=told(error))
            await self._learn_parked(connection)
            await self._write_around_refusals(connection, group, decoded, advance)
        self._positions |= dict.fromkeys(advance.checkpoints, advance.reached)
        await failpoint("after_flush")

    def _step_from(self, position: int, group: Sequence[ReadModelTables], reached: int) -> Advance:
        names = [tables.model.checkpoint for tables in group]
        front = min((self._positions | dict.fromkeys(names, reached)).values())
        return Advance(names, position, reached, front if self._manner.announces else None)

    async def _write(
        self,
        connection: Connection,
        group: Sequence[ReadModelTables],
        decoded: Decoded,
        advance: Advance,
    ) -> None:
        changes: list[Change] = []
        news: list[str] = []
        set_aside: list[Parked] = []
        for tables in group:
            if not self._is_touched(tables, decoded):
                continue
            parked = await self._set_aside(connection, tables)
            found = list(tables.changes(await folded(connection, tables, decoded, parked)))
            changes += found
            if found and tables.model.cached:
                news.append(tables.model.name)
            if parked.any_of(decoded.entries):
                set_aside.append(parked)
        async with opened(connection, "mid_flush", anyway=bool(set_aside)):
            await flush(connection, replace(advance, news=news), changes)
            for parked in set_aside:
                await parked.record(connection, decoded.entries)
            await failpoint("mid_flush")

    async def _write_around_refusals(
        self,
        connection: Connection,
        group: Sequence[ReadModelTables],
        decoded: Decoded,
        advance: Advance,
    ) -> None:
        async with connection.transaction():
            for tables in group:
                parked = await self._set_aside(connection, tables)
                await apply_around_refusals(connection, tables, decoded, parked)
            news = [tables.model.name for tables in group if tables.model.cached]
            await flush(connection, replace(advance, news=news), ())

    def _is_touched(self, tables: ReadModelTables, decoded: Decoded) -> bool:
        """Most batches are of few kinds of events, and most read models have nothing to do."""
        return decoded.concerns(tables.model) or bool(self._parked[tables.model.name].errors)

    async def _set_aside(self, connection: Connection, tables: ReadModelTables) -> Parked:
        """What is parked; read again while anything is, since a rebuild may have mended it."""
        model = tables.model
        if self._parked[model.name].errors:
            self._parked[model.name] = await Parked.stored(connection, model.checkpoint)
        return self._parked[model.name]

    def _front(self) -> int:
        """What every read model shows; also while a new one is still being built."""
        return min(self._positions.values(), default=0)
