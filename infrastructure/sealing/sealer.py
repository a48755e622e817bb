"""Makes the signed checkpoints, behind everybody's back: no command waits for it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

import psycopg
import structlog

from infrastructure.postgres.locks import hold
from infrastructure.postgres.urls import bounded_conninfo
from infrastructure.sealing import store
from infrastructure.sealing.checkpoint import NOTHING, Checkpoint, NotACheckpointError, previous_of
from infrastructure.sealing.digests import MISSING, SEVERAL, folded
from infrastructure.sealing.file import CheckpointFile
from infrastructure.sealing.keys import CheckpointKey
from infrastructure.sealing.ledgers import LOG, STEP, TRAIL, Ledger

LOOK = 1.0
"""Seconds between two looks at how far the log is."""

log = structlog.get_logger()

Connection = psycopg.AsyncConnection[Any]


class TamperedError(Exception):
    """What was sealed is not there any more. Nothing is sealed on top; `opstream verify` tells."""


@dataclass(frozen=True)
class Pace:
    events: int
    seconds: float


class Sealer:
    def __init__(
        self,
        database_url: str,
        key: CheckpointKey,
        file: CheckpointFile,
        pace: Pace,
        now: Callable[[], datetime],
    ) -> None:
        self._conninfo = bounded_conninfo(database_url, application="opstream sealer")
        self._key = key
        self._file = file
        self._pace = pace
        self._now = now
        self._last = NOTHING
        self._due = 0.0

    async def run(self) -> None:
        """Until cancelled. Raises psycopg.Error when the connection, and so the lock, is lost,
        OSError when the file can't be written, and TamperedError.
        """
        async with await psycopg.AsyncConnection.connect(
            self._conninfo, autocommit=True
        ) as connection:
            await hold(connection, "sealer", poll=2.0)
            await self.resume(connection)
            log.info("sealer.active", number=self._last.number, position=self._last.position)
            while True:
                if not await self.step(connection):
                    await asyncio.sleep(LOOK)

    async def resume(self, connection: Connection) -> None:
        """Go on after the newest checkpoint, and bring the file as far as the table is: another
        process, on another machine, may have led.
        """
        async with store.writing(connection):
            await asyncio.to_thread(self._file.mend)
            told = await asyncio.to_thread(self._file.lines)
            missing = []
            for number, line in await store.lines(connection):
                if number > len(told):
                    missing.append(line)
                elif number < 1 or told[number - 1] != line:
                    raise self._tampered("sealer.file_differs", number)
            self._last = self._read(await store.newest_line(connection))
            if len(told) > self._last.number:
                raise self._tampered("sealer.table_shorter_than_file", self._last.number + 1)
            if missing:
                await asyncio.to_thread(self._file.append, missing)

    async def step(self, connection: Connection) -> bool:
        """Make one checkpoint if it is due; whether one was made."""
        newest, audited = await LOG.newest(connection), await TRAIL.newest(connection)
        last, most = self._last, self._pace.events
        if newest < last.position:
            raise self._tampered("sealer.log_truncated", newest + 1)
        if audited < last.trail_position:
            raise self._tampered("sealer.trail_truncated", audited + 1)
        position = min(newest, last.position + most)
        audited = min(audited, newest, last.trail_position + most)
        is_news = (position, audited) != (last.position, last.trail_position)
        is_due = position - last.position >= most or monotonic() >= self._due
        if not is_news or not is_due:
            return False
        await self._seal(connection, position, audited)
        self._due = monotonic() + self._pace.seconds
        return True

    async def _seal(self, connection: Connection, position: int, audited: int) -> None:
        last = self._last
        events = await _read_on(connection, LOG, last.position, position)
        for index, digest in enumerate(events):
            if digest in {MISSING, SEVERAL}:
                raise self._tampered("sealer.log_has_a_hole", last.position + index + 1)
        rows = await _read_on(connection, TRAIL, last.trail_position, audited)
        made = Checkpoint(
            number=last.number + 1,
            position=position,
            log_hash=folded(last.log_hash, events),
            trail_position=audited,
            trail_hash=folded(last.trail_hash, rows),
            made_at=self._now().isoformat(timespec="microseconds"),
            key_id=self._key.id,
            previous=previous_of(last),
        ).signed(self._key.private)
        async with store.writing(connection):
            await store.insert(connection, made, events, rows)
            self._last = made
            await asyncio.to_thread(self._file.append, [made.line])

    def _read(self, newest_line: str | None) -> Checkpoint:
        try:
            return Checkpoint.read(newest_line) if newest_line is not None else NOTHING
        except NotACheckpointError as error:
            raise self._tampered("sealer.table_unreadable", 0) from error

    def _tampered(self, what: str, place: int) -> TamperedError:
        log.error(what, place=place)
        return TamperedError(what)


async def _read_on(connection: Connection, of: Ledger, after: int, until: int) -> list[bytes]:
    digests = []
    while after < until:
        step = min(until, after + STEP)
        digests += await of.digests(connection, after, step)
        after = step
        await asyncio.sleep(0)
    return digests
