"""From the rows of a file to its shifts: held against what there is, and drafted all at once."""

import asyncio
from collections.abc import Sequence

from application.access import Actor
from application.attempt import Request
from application.scheduling.import_cells import SheetRow, UnreadableError, as_addresses, read
from application.scheduling.import_rows import (
    Directory,
    FileCheck,
    KnownPerson,
    KnownRole,
    KnownUnit,
)
from application.scheduling.imports import ImportShifts, PlannedShift
from domain.scheduling.person import Person
from domain.scheduling.shift_import import Source
from domain.shared.errors import Conflict, Invalid, NotFound, RuleBroken, Unavailable
from domain.shared.ids import PersonId, RoleId, UnitId
from infrastructure.bootstrap import Desk
from infrastructure.event_store.reader import newest_position
from infrastructure.imports.outcome import of_problems, shift_of
from infrastructure.imports.queue import Claimed, Ending, Queue
from infrastructure.imports.staged import ImportState
from infrastructure.postgres.reached import everything_reached
from projections.scheduling.import_queries import every_role, every_unit, people_by_email

ROUNDS = 3
"""How often rows are held against what there is, when that changes meanwhile."""
CATCH_UP = 10.0
"""Seconds that read models have to show what was in the log when the rows had been read."""
SLICE = 200
"""Rows after which others get their turn."""
TELL_EVERY = 1000
"""Rows after which whoever watches is told."""


class Drafting:
    def __init__(
        self,
        claimed: Claimed,
        queue: Queue,
        parts: Desk,
        actor: Actor,
        rows: Sequence[SheetRow],
    ) -> None:
        self._claimed = claimed
        self._queue = queue
        self._parts = parts
        self._actor = actor
        self._rows = rows

    async def done(self) -> Ending:
        """Raises Unavailable, and what refuses the shifts again and again."""
        for left in reversed(range(ROUNDS)):
            check = await self._checked()
            if check.problems.total:
                return self._refused(check)
            try:
                return await self._drafted(check.planned)
            except (Conflict, Invalid, NotFound, RuleBroken):
                # Something has changed since the rows were held against it.
                if not left:
                    raise
        raise AssertionError

    def _refused(self, check: FileCheck) -> Ending:
        failure = of_problems(self._claimed.id, check.problems)
        return Ending(ImportState.REFUSED, len(self._rows), failure=failure)

    async def _drafted(self, planned: Sequence[PlannedShift]) -> Ending:
        is_dry = self._claimed.dry_run
        position = 0 if is_dry else await self._store(planned)
        shifts = [shift_of(self._claimed.id, each, drafted=not is_dry) for each in planned]
        created = 0 if is_dry else len(planned)
        return Ending(ImportState.DONE, len(self._rows), shifts, created, position)

    async def _store(self, planned: Sequence[PlannedShift]) -> int:
        """The position up to which reads must have come to show them."""
        total = len(self._rows)
        await self._queue.tell(self._claimed, ImportState.STORING, total, total)
        await self._warm(planned)
        source = Source(self._claimed.file_name, self._claimed.sha256, total)
        command = ImportShifts(self._claimed.id, source, tuple(planned))
        request = Request(self._actor, self._claimed.request_id, self._claimed.correlation_id)
        done = await self._parts.dispatcher.run(command, request, lambda made: made.shifts)
        # What was stored by another that died before it could tell is not stored again.
        return done.position or await self._newest()

    async def _warm(self, planned: Sequence[PlannedShift]) -> None:
        """A command has its time; that of loading thousands of people is not part of it."""
        people = list(dict.fromkeys(who for each in planned for who in each.people))
        for first in range(0, len(people), 8):
            some = people[first : first + 8]
            await asyncio.gather(
                *(self._parts.log.read(Person, who, self._claimed.tenant_id) for who in some)
            )

    async def _checked(self) -> FileCheck:
        check = FileCheck(await self._directory())
        for number, row in enumerate(self._rows):
            check.add(row)
            if number % SLICE == 0:
                await asyncio.sleep(0)
            if number % TELL_EVERY == 0:
                await self._queue.tell(self._claimed, ImportState.CHECKING, number, len(self._rows))
        check.finish()
        return check

    async def _directory(self) -> Directory:
        await self._catch_up()
        tenant_id, emails = self._claimed.tenant_id, _emails_in(self._rows)
        async with self._parts.reads.connect() as connection:
            units = await every_unit(connection, tenant_id)
            roles = await every_role(connection, tenant_id)
            people = await people_by_email(connection, tenant_id, emails)
        return Directory(
            tenant_id,
            [KnownUnit(UnitId(row.unit_id), row.name, row.zone, row.active) for row in units],
            [KnownRole(RoleId(row.role_id), row.name, row.active) for row in roles],
            [
                KnownPerson(PersonId(row.person_id), row.email, frozenset(row.roles), row.active)
                for row in people
            ],
        )

    async def _catch_up(self) -> None:
        """Raises Unavailable when the read models stay behind."""
        if not await everything_reached(self._parts.reads, await self._newest(), CATCH_UP):
            raise Unavailable("The read models are behind.")

    async def _newest(self) -> int:
        async with self._parts.pool.connection() as connection:
            return await newest_position(connection)


def _emails_in(rows: Sequence[SheetRow]) -> set[str]:
    found: set[str] = set()
    for row in rows:
        try:
            found.update(read(row, "people", as_addresses))
        except UnreadableError:
            continue
    return found
