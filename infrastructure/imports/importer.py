"""The importer: takes staged files one after the other, and brings each to its end.

Whatever it dies of, the next one begins anew with the file; what is in the log already is found
there and not done again.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import psycopg
import structlog

from application.scheduling.import_cells import COLUMNS, SheetRow
from application.scheduling.imports import ImportShifts
from domain.shared.errors import Failure, Unavailable
from infrastructure import metrics
from infrastructure.bootstrap import Desk, desk
from infrastructure.failpoints import failpoint
from infrastructure.identity.current_roles import CurrentRoles
from infrastructure.identity.log_changes import LogChanges
from infrastructure.imports.drafting import Drafting
from infrastructure.imports.outcome import of_refusal
from infrastructure.imports.queue import LEASE, Claimed, Ending, Queue
from infrastructure.imports.staged import ImportState
from infrastructure.logging import told
from infrastructure.settings import Settings
from infrastructure.spreadsheets.package import RefusedError
from infrastructure.spreadsheets.reading import rows_of

SIDE_BY_SIDE = 2
"""Imports at once, each of another tenant: one that takes its time does not keep all waiting."""
ATTEMPTS = 3
"""How often an import is begun that ends with an error of ours."""
LOOK_EVERY = 0.2
"""Seconds between two looks for work. Nobody listens for it: Postgres wakes whoever listens to
anything at every commit that announces something, and each command's does.
"""
TELL_EVERY = 1000
"""Rows after which whoever watches is told."""
_CACHED = 2000
"""Aggregates; nobody asks an importer for a shift that it drafted."""
_CONNECTIONS = 4
"""For each of what it writes and what it reads."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Parts(Desk):
    """What an import is brought to its end with."""

    roles: CurrentRoles


class Importer:
    """`lease` in seconds: how long an import stands still whose importer has died."""

    def __init__(self, settings: Settings, lease: float = LEASE) -> None:
        modest = {"cached_aggregates": _CACHED, "database_pool": _CONNECTIONS}
        self._settings = settings.model_copy(update=modest)
        self._lease = lease

    async def run(self) -> None:
        """Import until cancelled; several may run. Raises a group of psycopg.Error when the
        database is lost.
        """
        async with (
            desk(self._settings) as at,
            LogChanges(self._settings.required("database_url")) as changes,
            asyncio.TaskGroup() as slots,
        ):
            parts = Parts(**vars(at), roles=CurrentRoles(changes, at.pool))
            log.info("importer.active")
            for _ in range(SIDE_BY_SIDE):
                slots.create_task(self._serve(parts))

    async def _serve(self, parts: Parts) -> None:
        queue = Queue(parts.pool, self._lease)
        while True:
            if (claimed := await queue.claim()) is None:
                await asyncio.sleep(LOOK_EVERY)
            else:
                await self._bring_to_its_end(claimed, queue, parts)

    async def _bring_to_its_end(self, claimed: Claimed, queue: Queue, parts: Parts) -> None:
        async with _held(claimed, queue):
            try:
                ending = await _outcome(claimed, queue, parts)
            except Unavailable:
                await queue.put_back(claimed, counts=False)
                return
            except Exception as error:  # noqa: BLE001 - one file must not stop the others
                log.warning("import.failed", import_id=str(claimed.id), error=told(error))
                if claimed.attempts < ATTEMPTS:
                    await queue.put_back(claimed, counts=True)
                    return
                ending = Ending(ImportState.FAILED, failure=_OURS)
            await failpoint("import_stored")
            await queue.end(claimed, ending)
        metrics.IMPORTS.labels(ending.state).inc()
        log.info("import.ended", import_id=str(claimed.id), state=ending.state, rows=ending.rows)


_OURS = Unavailable("The import failed here; it has been logged under its id.")


@asynccontextmanager
async def _held(claimed: Claimed, queue: Queue) -> AsyncIterator[None]:
    """Nobody else takes it on meanwhile."""

    async def keep() -> None:
        # Lost with the database; then what runs beside it has lost that too.
        with contextlib.suppress(psycopg.Error):
            while True:
                await asyncio.sleep(queue.lease / 3)
                await queue.keep(claimed)

    keeping = asyncio.create_task(keep())
    try:
        yield
    finally:
        keeping.cancel()
        # Not awaited itself: whose end it is, ours or its own, would not be told apart.
        await asyncio.wait([keeping])


async def _outcome(claimed: Claimed, queue: Queue, parts: Parts) -> Ending:
    """Raises Unavailable when it has to be tried later."""
    if claimed.attempts > ATTEMPTS:
        return Ending(ImportState.FAILED, failure=_OURS)
    rows: list[SheetRow] = []
    try:
        actor = await parts.roles.of(claimed.account_id, claimed.tenant_id)
        actor.must(ImportShifts.needs)
        async with contextlib.aclosing(rows_of(claimed.file, COLUMNS)) as found:
            async for row in found:
                rows.append(row)
                if len(rows) % TELL_EVERY == 0:
                    await queue.tell(claimed, ImportState.PARSING, len(rows))
        return await Drafting(claimed, queue, parts, actor, rows).done()
    except RefusedError as refused:
        failure: Failure = of_refusal(claimed.id, refused)
        return Ending(ImportState.REFUSED, len(rows), failure=failure)
    except Unavailable:
        raise
    except Failure as failure:
        return Ending(ImportState.REFUSED, len(rows), failure=failure)
