"""The application's event log on Postgres: cache in front, group commit behind."""

import asyncio
from collections.abc import Sequence
from typing import Any, TypeVar, cast
from uuid import UUID

import orjson
import psycopg
import structlog
from eventsourcing.persistence import StoredEvent
from eventsourcing.utils import get_topic
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from application.access import Actor
from application.ports import Answer, Append, IdempotencyKey, KeyTaken, Version
from application.unit_of_work import spoken
from domain.shared.aggregate import Aggregate
from domain.shared.errors import NotFound
from domain.shared.ids import AccountId, TenantId
from infrastructure.event_store.answers import as_json, from_json
from infrastructure.event_store.cache import AggregateCache
from infrastructure.event_store.group_commit import GroupCommit
from infrastructure.event_store.mapper import EventMapper
from infrastructure.event_store.snapshots import found_in, state_of
from infrastructure.logging import told
from infrastructure.postgres.outages import outlast

A = TypeVar("A", bound=Aggregate)

# The snapshot, if there is one that is old enough, and the events after it, in one round trip.
_LOAD = """
WITH snapshot AS (
    SELECT originator_version, topic, state FROM snapshots
    WHERE originator_id = %(id)s AND originator_version <= %(until)s AND %(use_snapshot)s
)
SELECT true AS is_snapshot, originator_version, topic, state,
    (
        SELECT tenant_id FROM stored_events WHERE originator_id = %(id)s AND originator_version = 1
    ) AS tenant_id
FROM snapshot
UNION ALL
SELECT false, originator_version, topic, state, tenant_id FROM stored_events
WHERE originator_id = %(id)s AND originator_version <= %(until)s
    AND originator_version > coalesce((SELECT originator_version FROM snapshot), 0)
ORDER BY 1 DESC, 2
"""
_IS_NEWEST = """
SELECT NOT EXISTS (
    SELECT FROM unnest(%s::uuid[], %s::bigint[]) AS seen(id, version)
    JOIN stored_events e ON e.originator_id = seen.id AND e.originator_version > seen.version
)
"""
_ANSWERED = """
SELECT fingerprint, answer, position FROM idempotency_keys
WHERE tenant_id = %s AND account_id = %s AND key = %s
"""
# What is sent again because the connection was lost finds itself, and that is no conflict.
_REMEMBER = """
INSERT INTO idempotency_keys
    (tenant_id, account_id, key, fingerprint, answer, position, recorded_at)
VALUES (%s, %s, %s, %s, %s, 0, clock_timestamp())
ON CONFLICT (tenant_id, account_id, key) DO UPDATE SET fingerprint = EXCLUDED.fingerprint
WHERE idempotency_keys.fingerprint = EXCLUDED.fingerprint
    AND idempotency_keys.answer = EXCLUDED.answer
RETURNING true
"""
# One of the same version is taken again only because the stored one could not be used.
_SAVE_SNAPSHOT = """
INSERT INTO snapshots VALUES (%s, %s, %s, %s)
ON CONFLICT (originator_id) DO UPDATE SET originator_version = EXCLUDED.originator_version,
    topic = EXCLUDED.topic, state = EXCLUDED.state
WHERE snapshots.originator_version <= EXCLUDED.originator_version
"""
_FOR_EVER = 2**62

log = structlog.get_logger()


class PostgresEventLog:
    """Implements `application.ports.EventLog`."""

    def __init__(
        self,
        pool: AsyncConnectionPool[psycopg.AsyncConnection[Any]],
        writer: GroupCommit,
        mapper: EventMapper,
        cache: AggregateCache,
    ) -> None:
        self._pool = pool
        self._writer = writer
        self._mapper = mapper
        self._cache = cache
        self._due: set[UUID] = set()
        """Aggregates whose version came to a multiple of `SNAPSHOT_EVERY`."""
        self._snapshotting: set[asyncio.Task[None]] = set()

    async def take(self, kind: type[A], aggregate_id: UUID, tenant_id: TenantId) -> A | None:
        known = await self._cache.take(aggregate_id)
        if known is not None:
            if known[0] == tenant_id and isinstance(known[1], kind):
                return known[1]
            self._cache.give_back(known[1], known[0])
            return None
        try:
            loaded = await self._load(kind, aggregate_id, tenant_id)
        except BaseException:
            self._cache.release(aggregate_id)
            raise
        if loaded is None:
            self._cache.release(aggregate_id)
        else:
            self._cache.own(loaded)
        return loaded

    async def read(self, kind: type[A], aggregate_id: UUID, tenant_id: TenantId) -> A | None:
        known = self._cache.peek(aggregate_id)
        if known is not None:
            right = known[0] == tenant_id and isinstance(known[1], kind)
            return cast("A", known[1]) if right else None
        loaded = await self._load(kind, aggregate_id, tenant_id)
        if loaded is not None:
            self._cache.give_back(loaded, tenant_id)
        return loaded

    async def at(self, what: Version, tenant_id: TenantId) -> Aggregate:
        tenants = (tenant_id, TenantId(UUID(int=0)))
        for tenant in tenants:
            found = await self._load(what.kind, what.id, tenant, until=what.version)
            if found is not None:
                return found
        raise NotFound(spoken(what.kind), what.id)

    def put(self, aggregates: Sequence[Aggregate], tenant_id: TenantId) -> None:
        for aggregate in aggregates:
            if aggregate.id in self._due:
                self._due.discard(aggregate.id)
                self._snapshot_soon(aggregate)
            self._cache.give_back(aggregate, tenant_id)

    def drop(self, aggregates: Sequence[Aggregate]) -> None:
        for aggregate in aggregates:
            self._cache.forget(aggregate)

    def evict(self, aggregates: Sequence[Aggregate]) -> None:
        for aggregate in aggregates:
            self._cache.evict(aggregate)

    async def is_newest(self, versions: Sequence[Version]) -> bool:
        if not versions:
            return True
        ids = [version.id for version in versions]
        row = await self._fetch_one(_IS_NEWEST, (ids, [version.version for version in versions]))
        return bool(row and row[0])

    async def append(self, append: Append) -> int:
        position = await self._writer.append(append)
        for _, event in append.events:
            if event.originator_version % Aggregate.SNAPSHOT_EVERY == 0:
                self._due.add(event.originator_id)
        return position

    async def answered(
        self, key: str, account_id: AccountId, tenant_id: TenantId
    ) -> tuple[bytes, Answer] | None:
        row = await self._fetch_one(_ANSWERED, (tenant_id, account_id, key))
        if row is None:
            return None
        fingerprint, answer, position = row
        return bytes.fromhex(fingerprint), from_json(answer, position)

    async def remember(self, key: IdempotencyKey, actor: Actor, answer: Answer) -> None:
        kept = orjson.dumps(as_json(answer), default=str).decode()
        whose = (actor.tenant_id, actor.account_id)
        parameters = (*whose, key.key, key.fingerprint.hex(), kept)
        if await self._fetch_one(_REMEMBER, parameters) is None:
            raise KeyTaken

    async def _load(
        self, kind: type[A], aggregate_id: UUID, tenant_id: TenantId, until: int = _FOR_EVER
    ) -> A | None:
        """The state at a version, from the newest snapshot before it; None in another tenant."""
        rows = await self._rows(aggregate_id, until, use_snapshot=True)
        if not rows or rows[0][4] != tenant_id:
            return None
        aggregate: Aggregate | None = None
        if rows[0][0]:
            _, version, topic, state, _ = rows.pop(0)
            aggregate = found_in(topic, aggregate_id, version, state)
            if aggregate is None:
                rows = await self._rows(aggregate_id, until, use_snapshot=False)
        replayed = 0
        for _, version, topic, state, _ in rows:
            event = self._mapper.to_domain_event(StoredEvent(aggregate_id, version, topic, state))
            aggregate = event.mutate(aggregate)
            replayed += 1
        if until == _FOR_EVER and aggregate is not None and replayed >= Aggregate.SNAPSHOT_EVERY:
            self._snapshot_soon(aggregate)
        return aggregate if isinstance(aggregate, kind) else None

    async def _rows(
        self, aggregate_id: UUID, until: int, *, use_snapshot: bool
    ) -> list[tuple[bool, int, str, bytes, UUID]]:
        parameters = {"id": aggregate_id, "until": until, "use_snapshot": use_snapshot}

        async def read() -> list[tuple[bool, int, str, bytes, UUID]]:
            async with self._pool.connection() as connection:
                cursor = connection.cursor(binary=True)
                await cursor.execute(_LOAD, parameters, prepare=True)
                return await cursor.fetchall()

        return await outlast(read, "The event log")

    async def _fetch_one(self, query: str, parameters: tuple[Any, ...]) -> tuple[Any, ...] | None:
        async def read() -> tuple[Any, ...] | None:
            async with self._pool.connection() as connection:
                cursor = await connection.execute(query, parameters, prepare=True)
                return await cursor.fetchone()

        return await outlast(read, "The event log")

    def _snapshot_soon(self, aggregate: Aggregate) -> None:
        """Take the state now and store it beside the running command, which need not wait."""
        row = (aggregate.id, aggregate.version, get_topic(type(aggregate)), state_of(aggregate))
        task = asyncio.create_task(self._save_snapshot(row))
        self._snapshotting.add(task)
        task.add_done_callback(self._snapshotting.discard)

    async def _save_snapshot(self, row: tuple[UUID, int, str, bytes]) -> None:
        try:
            async with self._pool.connection() as connection:
                await connection.execute(_SAVE_SNAPSHOT, row)
        except (psycopg.Error, PoolTimeout) as error:
            # A missing snapshot costs time, never truth.
            log.warning("snapshot.not_saved", aggregate_id=str(row[0]), error=told(error))
