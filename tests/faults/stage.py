"""What a fault has to work with: the bed, the clients, chance, and ways to wait."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import psutil

from tests.faults.bed import Bed, until
from tests.faults.clients import CLIENTS
from tests.faults.load import Load

_LOCKED = """
SELECT count(*) > 0 FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND a.application_name = 'opstream writer'
AND clock_timestamp() - a.xact_start > %s * interval '1 second'
"""


@dataclass
class Stage:
    """`rng` comes from the seed. The bed's proxies are healed after a fault; everything else the
    fault undoes itself.
    """

    bed: Bed
    load: Load
    rng: random.Random
    poison: set[int] = field(default_factory=set)
    """Positions that the scenario put into the log itself, and that nobody can read."""

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def some_are_answered(self, count: int = 3 * CLIENTS, patience: float = 30.0) -> None:
        """Clients go on until so many more commands are done."""
        known = self.load.acknowledged

        async def answered() -> bool:
            return self.load.acknowledged >= known + count

        await until(answered, f"{count} answers", patience)

    async def ended(self, *names: str) -> None:
        """Until each of these processes has ended since the call."""
        before = {name: self.bed.ended(name) for name in names}

        async def all_did() -> bool:
            return all(self.bed.ended(name) > before[name] for name in names)

        await until(all_did, f"{' and '.join(names)} to end")

    async def started(self, name: str) -> None:
        async def did() -> bool:
            return self.bed.keeper.child(name) is not None

        await until(did, f"{name} to start")

    async def says(self, name: str, what: str, past: int) -> None:
        """Until the process has written so past a length of its log."""

        async def said() -> bool:
            return what in self.bed.log(name)[past:]

        await until(said, f"{name} to say {what}")

    async def until_projected(self) -> None:
        """Until the read models show what the log has now."""
        ((head,),) = await self.bed.query("SELECT max(notification_id) FROM stored_events")
        reached = "SELECT min(position) >= %s FROM checkpoints WHERE name LIKE 'read model %%'"

        async def shown() -> bool:
            return await self.bed.query(reached, head) == [(True,)]

        await until(shown, "the read models")

    async def until_log_locked(self, seconds: float) -> None:
        """Until somebody has sat on the log's lock for so long."""

        async def locked() -> bool:
            return await self.bed.query(_LOCKED, seconds) == [(True,)]

        await until(locked, "somebody to sit on the lock")

    async def until_stopped(self, pid: int) -> None:
        async def stopped() -> bool:
            return psutil.Process(pid).status() == psutil.STATUS_STOPPED

        await until(stopped, f"process {pid} to stop")

    @asynccontextmanager
    async def continued(self, pid: int) -> AsyncIterator[None]:
        """SIGCONT in the end, whatever stopped it."""
        try:
            yield
        finally:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    @asynccontextmanager
    async def stopped(self, name: str) -> AsyncIterator[None]:
        """SIGSTOP, of its children too, for as long as the block runs."""
        process = psutil.Process(self.bed.child(name).pid)
        family = [process, *process.children(recursive=True)]
        _signal(family, signal.SIGSTOP)
        try:
            yield
        finally:
            _signal(family, signal.SIGCONT)

    @asynccontextmanager
    async def held_down(self, name: str) -> AsyncIterator[None]:
        """Killed, and not started again before the block ends."""
        service = self.bed.keeper.service(name)
        if (child := self.bed.keeper.hold_down(name)) is not None:
            child.kill()
        try:
            yield
        finally:
            self.bed.keeper.add(service)

    @asynccontextmanager
    async def unwatched(self, name: str) -> AsyncIterator[None]:
        """Nobody looks whether it is well."""
        service, child = self.bed.keeper.service(name), self.bed.child(name)
        self.bed.keeper.hold_down(name)
        try:
            yield
        finally:
            self.bed.keeper.add(service, child)


def _signal(family: list[psutil.Process], signum: signal.Signals) -> None:
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signum)
