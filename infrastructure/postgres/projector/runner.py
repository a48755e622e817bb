"""The projector: tails the log and keeps every read model up with it.

Rows and checkpoint change in one transaction, on the very connection that holds the projector's
lock: who loses the connection loses the lock and can't write any more.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import psycopg
import structlog

from infrastructure import metrics
from infrastructure.event_store.mapper import EventMapper
from infrastructure.event_store.reader import Connection
from infrastructure.failpoints import failpoint
from infrastructure.logging import told
from infrastructure.postgres.listening import Listener
from infrastructure.postgres.locks import hold
from infrastructure.postgres.projector.batch import REFUSED, Parked, apply, apply_around_refusals
from infrastructure.postgres.projector.decoding import Decoded, Decoder, ReadAhead
from infrastructure.postgres.projector.tables import ReadModelTables
from infrastructure.postgres.urls import bounded_conninfo
from projections.read_model import ReadModel

BATCH = 5000
"""Events in one transaction at the most."""

ANNOUNCED = "opstream_projected"
"""The channel on which the projector tells how far all read models have come."""

Apply = Callable[[Connection, ReadModelTables, Decoded, Parked], Awaitable[None]]

_ADVANCE = "SELECT advance_checkpoints(%s, %s, %s)"
_ANNOUNCE = "SELECT pg_notify(%s, %s)"
_FIRST_CHECKPOINT = "INSERT INTO checkpoints (name, position) VALUES (%s, 0) ON CONFLICT DO NOTHING"
# Read models can be folded again from the log, so losing the last moment of them in a crash of the
# server loses nothing; rows and checkpoint still come or go together.
_LAZY = "SET synchronous_commit = off"

log = structlog.get_logger()


@dataclass(frozen=True)
class Manner:
    """How a projector works: under which name it leads, whether answers wait for it, and how long
    (in seconds) it lets events come together, which costs less than to take each as it comes.
    """

    name: str = "projector"
    announces: bool = True
    linger: float = 0.0


PROMPT = Manner()
AT_EASE = Manner("reports", announces=False, linger=0.25)


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
        self._listener = Listener(database_url, "stored_events")
        self._positions: dict[str, int] = {}
        self._parked: dict[str, Parked] = {}

    async def run(self) -> None:
        """Project until cancelled. Raises psycopg.Error when the connection is lost."""
        async with await self._connect() as writer, await self._connect() as reader:
            await hold(writer, self._manner.name)
            log.info("projector.active", name=self._manner.name)
            await writer.execute(_LAZY)
            await self._prepare(writer)
            async with self._listener, self._ahead:
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
            await self._announce(writer)

    async def _step(self, writer: Connection, reader: Connection) -> None:
        """One batch for each group of read models that stand at the same position."""
        moved = False
        for position in sorted(set(self._positions.values()), reverse=True):
            decoded = await self._ahead.after(reader, position)
            if decoded.entries:
                moved = True
                await self._advance(writer, position, decoded)
                metrics.PROJECTED_EVENTS.inc(len(decoded.entries))
        if not moved:
            await self._idle(writer)
        elif self._manner.linger:
            await asyncio.sleep(self._manner.linger)

    async def _idle(self, connection: Connection) -> None:
        """Wait for news, at most a second; tell that the projector lives."""
        if not await self._listener.wait(1.0):
            await self._announce(connection)

    async def _announce(self, connection: Connection) -> None:
        if self._manner.announces:
            await connection.execute(_ANNOUNCE, (ANNOUNCED, str(self._front())), prepare=True)

    async def _advance(self, connection: Connection, position: int, decoded: Decoded) -> None:
        group = [t for t in self._tables if self._positions[t.model.checkpoint] == position]
        try:
            # In a pipeline a batch's statements travel together: a round trip, not one each.
            async with connection.pipeline():
                await self._write(connection, group, decoded, apply)
        except REFUSED as error:
            log.warning("projector.refused", position=position, error=told(error))
            await self._learn_parked(connection)
            await self._write(connection, group, decoded, apply_around_refusals)
        for tables in group:
            self._positions[tables.model.checkpoint] = decoded.entries[-1].position

    async def _write(
        self,
        connection: Connection,
        group: Sequence[ReadModelTables],
        decoded: Decoded,
        applied: Apply,
    ) -> None:
        names = [tables.model.checkpoint for tables in group]
        behind, reached = self._positions[names[0]], decoded.entries[-1].position
        front = min((self._positions | dict.fromkeys(names, reached)).values())
        async with connection.transaction():
            await connection.execute(_ADVANCE, (names, behind, reached), prepare=True)
            for tables in group:
                parked = await self._set_aside(connection, tables)
                await applied(connection, tables, decoded, parked)
                await failpoint("mid_flush")
            if self._manner.announces:
                await connection.execute(_ANNOUNCE, (ANNOUNCED, str(front)), prepare=True)
            await failpoint("after_flush")

    async def _set_aside(self, connection: Connection, tables: ReadModelTables) -> Parked:
        """What is parked; read again while anything is, since a rebuild may have mended it."""
        model = tables.model
        if self._parked[model.name].errors:
            self._parked[model.name] = await Parked.stored(connection, model.checkpoint)
        return self._parked[model.name]

    def _front(self) -> int:
        """What every read model shows; also while a new one is still being built."""
        return min(self._positions.values(), default=0)
