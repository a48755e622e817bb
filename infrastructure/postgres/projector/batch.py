"""One batch of events through one read model, inside the caller's transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any
from uuid import UUID

import orjson
import psycopg
import structlog
from sqlalchemy import Table

from infrastructure import metrics
from infrastructure.event_store.reader import LogEntry
from infrastructure.postgres.projector.decoding import Decoded
from infrastructure.postgres.projector.tables import ReadModelTables
from projections.fold import Fact, HandlerFailedError, fold, keys_to_load
from projections.rows import Key, NotLoadedError, Rows

Connection = psycopg.AsyncConnection[Any]

_PARK = """
INSERT INTO parked_events (read_model, position, originator_id, topic, error)
VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""

REFUSED = (
    psycopg.DataError,
    psycopg.IntegrityError,
    psycopg.errors.ProgramLimitExceeded,
    orjson.JSONEncodeError,
    UnicodeEncodeError,
)
"""What is wrong with a value and not with the connection or the tables; asking again won't help."""

log = structlog.get_logger()


@dataclass
class Parked:
    """The aggregates whose events one read model sets aside, each from its first error on.

    An event that can't be handled must not be skipped alone: what comes after it in its aggregate
    would be applied to a state that never was.
    """

    read_model: str
    errors: dict[UUID, str] = field(default_factory=dict)
    since: dict[UUID, int] = field(default_factory=dict)

    @classmethod
    async def stored(cls, connection: Connection, read_model: str) -> "Parked":
        cursor = await connection.execute(
            "SELECT DISTINCT ON (originator_id) originator_id, error, position FROM parked_events "
            "WHERE read_model = %s ORDER BY originator_id, position",
            (read_model,),
        )
        rows = await cursor.fetchall()
        since = {originator_id: position for originator_id, _, position in rows}
        return cls(read_model, {row[0]: row[1] for row in rows}, since)

    def park(self, originator_id: UUID, position: int, error: BaseException) -> None:
        self.errors[originator_id] = repr(error)
        self.since[originator_id] = position
        log.error(
            "projection.parked",
            read_model=self.read_model,
            position=position,
            originator_id=str(originator_id),
            error=type(error).__name__,
        )

    def park_once(self, originator_id: UUID, position: int, error: BaseException) -> None:
        """An aggregate that is set aside already stays so from where it was."""
        if originator_id not in self.errors:
            self.park(originator_id, position, error)

    def park_unreadable(self, decoded: Decoded) -> None:
        """Events that can't be read set their aggregate aside in every read model."""
        for entry, error in decoded.unreadable:
            self.park_once(entry.originator_id, entry.position, error)

    def any_of(self, entries: Iterable[LogEntry]) -> bool:
        """Whether any of these events is set aside."""
        return bool(self.since) and any(map(self._holds, entries))

    async def record(self, connection: Connection, entries: Iterable[LogEntry]) -> None:
        """Store which of these events were set aside."""
        rows = [
            (self.read_model, e.position, e.originator_id, e.topic, self.errors[e.originator_id])
            for e in entries
            if self._holds(e)
        ]
        if rows:
            metrics.PARKED_EVENTS.inc(len(rows))
            await connection.cursor().executemany(_PARK, rows)

    def _holds(self, entry: LogEntry) -> bool:
        return entry.position >= self.since.get(entry.originator_id, inf)


async def apply(
    connection: Connection, tables: ReadModelTables, decoded: Decoded, parked: Parked
) -> None:
    """Load the rows, fold, and write; again with more rows or without a poisoned aggregate.

    What is set aside is stored with it. Raises one of `REFUSED` when Postgres has no place for a
    value.
    """
    rows = await folded(connection, tables, decoded, parked)
    await tables.write(connection, rows)
    await parked.record(connection, decoded.entries)


async def folded(
    connection: Connection, tables: ReadModelTables, decoded: Decoded, parked: Parked
) -> Rows:
    """What a batch changes, not yet written; what can't be folded is then set aside, in memory."""
    parked.park_unreadable(decoded)
    return await _folded(connection, tables, decoded.facts, parked)


async def apply_around_refusals(
    connection: Connection, tables: ReadModelTables, decoded: Decoded, parked: Parked
) -> None:
    """As `apply`, but whose value is refused is set aside; for a batch that was refused as a whole.

    Needs a connection that is not in a pipeline, because it goes back to savepoints.
    """
    parked.park_unreadable(decoded)
    await _fold_around_refusals(connection, tables, decoded.facts, parked)
    await parked.record(connection, decoded.entries)


async def _fold_around_refusals(
    connection: Connection, tables: ReadModelTables, facts: Sequence[Fact], parked: Parked
) -> None:
    """In halves, in order, until what is refused stands alone."""
    try:
        async with connection.transaction():
            await tables.write(connection, await _folded(connection, tables, facts, parked))
    except REFUSED as error:
        if len(facts) == 1:
            parked.park_once(facts[0].event.originator_id, facts[0].position, error)
            return
        middle = len(facts) // 2
        for half in (facts[:middle], facts[middle:]):
            await _fold_around_refusals(connection, tables, half, parked)


async def _folded(
    connection: Connection, tables: ReadModelTables, facts: Sequence[Fact], parked: Parked
) -> Rows:
    model = tables.model
    if not any(type(fact.event) in model.handlers for fact in facts):
        return Rows(())
    keys = keys_to_load(model, facts)
    born = {fact.event.originator_id for fact in facts if fact.event.originator_version == 1}
    while True:
        rows = Rows(model.tables)
        await _supply(connection, tables, keys, born, rows)
        try:
            fold(model, facts, rows, parked.since)
        except NotLoadedError as missing:
            keys[missing.table].add(missing.key)
        except HandlerFailedError as failed:
            cause = failed.__cause__ or failed
            parked.park(failed.fact.event.originator_id, failed.fact.position, cause)
        else:
            return rows


async def _supply(
    connection: Connection,
    tables: ReadModelTables,
    keys: dict[Table, set[Key]],
    born: set[UUID],
    rows: Rows,
) -> None:
    """Rows of an aggregate that is born in this batch can't be there yet, so nobody looks."""
    stored: dict[Table, set[Key]] = {}
    for table, wanted in keys.items():
        unborn = {key for key in wanted if (key[0] if isinstance(key, tuple) else key) in born}
        rows[table].supply(unborn, ())
        stored[table] = wanted - unborn
    await tables.load(connection, stored, rows)
