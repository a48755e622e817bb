"""What the log says of somebody now, asked once and remembered; forgotten when that changes.

A few times a second each process looks for changes in what has been appended meanwhile: that costs
no request a round trip, and does not depend on the projector. No clocks are compared.
"""

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Sequence
from time import monotonic
from types import TracebackType
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar
from uuid import UUID

import orjson
import psycopg
import structlog
from psycopg_pool import AsyncConnectionPool

from domain.shared.ids import TenantId
from infrastructure.logging import told
from infrastructure.postgres.outages import outlast
from infrastructure.postgres.urls import bounded_conninfo

EACH = 0.25
"""Seconds between two looks for changes."""
FRESH = 2.0
"""Seconds since the last look after which nothing that is remembered is believed."""
_REMEMBERED = 10_000

_NEWEST = "SELECT coalesce(max(notification_id), 0) FROM stored_events"
_CHANGED = """
SELECT originator_id FROM stored_events
WHERE notification_id > %s AND notification_id <= %s AND topic = ANY(%s)
"""
_LAST = """
SELECT state FROM stored_events WHERE originator_id = %s AND tenant_id = %s
ORDER BY originator_version DESC LIMIT 1
"""

log = structlog.get_logger()

Pool = AsyncConnectionPool[psycopg.AsyncConnection[Any]]
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Follower(Protocol):
    topics: Sequence[str]

    def forget(self, streams: Iterable[UUID] | None) -> None:
        """Each of these streams has a new event; None: any may have one."""


class LogChanges:
    """Looks on one connection for all who follow it."""

    def __init__(self, database_url: str) -> None:
        self._conninfo = bounded_conninfo(database_url, application="opstream changes")
        self._followers: list[Follower] = []
        self._position: int | None = None
        self._looked_at = 0.0
        self._task: asyncio.Task[None] | None = None

    def tell(self, follower: Follower) -> None:
        self._followers.append(follower)

    @property
    def are_known(self) -> bool:
        """Whether the last look is recent enough."""
        return monotonic() - self._looked_at < FRESH

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep_looking(), name="changes of the log")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _keep_looking(self) -> None:
        while True:
            try:
                await self._look_again_and_again()
            except Exception as error:  # noqa: BLE001 - whatever it was, it is tried again
                log.warning("changes.lost", error=told(error))
            await asyncio.sleep(EACH)

    async def _look_again_and_again(self) -> None:
        async with await psycopg.AsyncConnection.connect(
            self._conninfo, autocommit=True, prepare_threshold=0
        ) as connection:
            while True:
                await self.look(connection)
                await asyncio.sleep(EACH)

    async def look(self, connection: psycopg.AsyncConnection[Any]) -> None:
        began = monotonic()
        row = await (await connection.execute(_NEWEST)).fetchone()
        newest = int(row[0]) if row else 0
        if self._position is None:
            # What was read before this first look may have changed before it.
            self._forget(None)
        elif newest > self._position:
            topics = [topic for follower in self._followers for topic in follower.topics]
            cursor = await connection.execute(_CHANGED, (self._position, newest, topics))
            self._forget([originator_id for (originator_id,) in await cursor.fetchall()])
        self._position, self._looked_at = newest, began

    def _forget(self, streams: Sequence[UUID] | None) -> None:
        if streams is None or streams:
            for follower in self._followers:
                follower.forget(streams)


class Remembered(ABC, Generic[K, V]):
    """What the last event of a stream says, by what the stream is about; only so many of them."""

    topics: Sequence[str] = ()
    """Of all events of these streams: each tells all there is to know, or by silence that there is
    nothing.
    """
    what: ClassVar[str]
    """As told to who can't be answered."""

    def __init__(self, changes: LogChanges, pool: Pool) -> None:
        self._changes = changes
        self._pool = pool
        self._known: OrderedDict[K, V] = OrderedDict()
        self._keys: dict[UUID, K] = {}
        self._forgotten = 0
        changes.tell(self)

    async def recall(self, key: K) -> V | None:
        """Raises Unavailable when the log can't be read."""
        if (known := self._known.get(key)) is not None and self._changes.are_known:
            return known
        while True:
            forgotten = self._forgotten
            found = await outlast(lambda: self._read(key), self.what)
            if forgotten == self._forgotten:
                return None if found is None else self._remember(key, found)

    def forget(self, streams: Iterable[UUID] | None) -> None:
        self._forgotten += 1
        for stream in list(self._keys) if streams is None else streams:
            if (key := self._keys.pop(stream, None)) is not None:
                del self._known[key]

    @abstractmethod
    def stream_of(self, key: K) -> tuple[UUID, TenantId]:
        """Its id, and whose it is."""

    @abstractmethod
    def told_by(self, key: K, state: dict[str, Any]) -> V | None:
        """What the last event of the stream says."""

    async def _read(self, key: K) -> V | None:
        async with self._pool.connection() as connection:
            row = await (await connection.execute(_LAST, self.stream_of(key))).fetchone()
        return None if row is None else self.told_by(key, orjson.loads(row[0]))

    def _remember(self, key: K, found: V) -> V:
        self._known[key] = found
        self._keys[self.stream_of(key)[0]] = key
        if len(self._known) > _REMEMBERED:
            oldest, _ = self._known.popitem(last=False)
            del self._keys[self.stream_of(oldest)[0]]
        return found
