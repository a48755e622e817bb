"""An operator's supervisor: what dies is started again, unless a scenario holds it down."""

import asyncio
from collections.abc import Callable

from infrastructure.embedded.process import Child
from infrastructure.embedded.supervisor import Service, Supervisor

_TICK = 0.05


class Keeper(Supervisor):
    """The product's own supervisor, driven by the loop of the main thread: children die with the
    thread that started them.
    """

    def __init__(self, on_event: Callable[[str, str], None]) -> None:
        super().__init__(on_event)
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        self._task = asyncio.create_task(self._keep(), name="keeper")

    async def end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        # Not in this thread: whoever stops may need the proxies, which live in its loop.
        await asyncio.to_thread(self.stop_all, 9.0)

    def hold_down(self, name: str) -> Child | None:
        """From now on nobody restarts it; returns the child that may still run. `add` undoes it."""
        kept = next(kept for kept in self._kept if kept.service.name == name)
        self._kept.remove(kept)
        return kept.child

    def service(self, name: str) -> Service:
        return next(kept.service for kept in self._kept if kept.service.name == name)

    def names(self) -> list[str]:
        return [kept.service.name for kept in self._kept]

    def pids(self) -> list[int]:
        return [kept.child.pid for kept in self._kept if kept.child is not None]

    async def _keep(self) -> None:
        while True:
            self.tick()
            await asyncio.sleep(_TICK)
