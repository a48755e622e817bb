"""Batches of the log, decoded as far as read models need them, the next one ahead of its turn."""

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import Self

from eventsourcing.persistence import MapperDeserialisationError
from eventsourcing.utils import get_topic

from domain.shared.aggregate import Event
from domain.shared.ids import TenantId
from infrastructure.event_store.mapper import EventMapper
from infrastructure.event_store.reader import Connection, LogEntry, read_after
from projections.fold import Fact
from projections.read_model import ReadModel


@dataclass(frozen=True)
class Decoded:
    """A batch: every entry, the facts that some read model handles, and what can't be read."""

    entries: Sequence[LogEntry]
    facts: Sequence[Fact]
    unreadable: Sequence[tuple[LogEntry, MapperDeserialisationError]]

    @cached_property
    def kinds(self) -> set[type[Event]]:
        return {type(fact.event) for fact in self.facts}

    def concerns(self, model: ReadModel) -> bool:
        """Whether the model handles any of it, or has to set something aside."""
        return bool(self.unreadable) or not self.kinds.isdisjoint(model.handlers)


class Decoder:
    """Decodes the events that some read model handles; of the others only that they are known."""

    def __init__(self, mapper: EventMapper, models: Iterable[ReadModel]) -> None:
        self._mapper = mapper
        self._wanted = {get_topic(kind) for model in models for kind in model.handlers}

    def decode(self, entries: Sequence[LogEntry]) -> Decoded:
        facts: list[Fact] = []
        unreadable: list[tuple[LogEntry, MapperDeserialisationError]] = []
        for entry in entries:
            try:
                if entry.topic in self._wanted or not self._mapper.knows(entry.topic):
                    event = entry.event(self._mapper)
                    facts.append(Fact(entry.position, TenantId(entry.tenant_id), event))
            except MapperDeserialisationError as error:
                unreadable.append((entry, error))
        return Decoded(entries, facts, unreadable)


class ReadAhead:
    """While one full batch is written, the next is read and decoded: what Postgres and Python do
    then overlaps.
    """

    def __init__(self, decoder: Decoder, batch: int) -> None:
        self._decoder = decoder
        self._batch = batch
        self._ahead: tuple[int, asyncio.Task[Decoded]] | None = None

    async def after(self, connection: Connection, position: int) -> Decoded:
        """What follows a position; `connection` must be used for nothing else."""
        decoded = await self._take(connection, position)
        if len(decoded.entries) == self._batch:
            reached = decoded.entries[-1].position
            self._ahead = (reached, asyncio.create_task(self._read(connection, reached)))
        return decoded

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._give_up()

    async def _give_up(self) -> None:
        if self._ahead is not None:
            self._ahead[1].cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self._ahead[1]
            self._ahead = None

    async def _take(self, connection: Connection, position: int) -> Decoded:
        if self._ahead is not None and self._ahead[0] == position:
            _, task = self._ahead
            self._ahead = None
            return await task
        await self._give_up()
        return await self._read(connection, position)

    async def _read(self, connection: Connection, position: int) -> Decoded:
        return self._decoder.decode(await read_after(connection, position, self._batch))
