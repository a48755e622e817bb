"""Threads for what can't be interrupted, never more than so many."""

import asyncio
import contextlib
from collections.abc import Callable
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


class AllBusyError(Exception):
    """Every thread waits for an answer still, also those that nobody waits for any more."""


class Threads:
    """Of one provider, so that one that hangs can't take another's. They are daemons: a process
    that ends does not wait for them, as it would for those of an executor.
    """

    def __init__(self, name: str, most: int) -> None:
        self._name = name
        self._most = most
        self._busy = 0

    async def run(self, work: Callable[[], T]) -> T:
        """Raises AllBusyError at once when no thread is free, or what the work raises.

        Cancelled, it leaves the thread to end by itself.
        """
        if self._busy >= self._most:
            raise AllBusyError(f"{self._most} earlier attempts still wait for an answer")
        loop = asyncio.get_running_loop()
        result: asyncio.Future[T] = loop.create_future()

        def ended(value: T | None, error: BaseException | None) -> None:
            self._busy -= 1
            if result.done():
                return
            if error is not None:
                result.set_exception(error)
            else:
                result.set_result(value)  # type: ignore[arg-type]

        def run() -> None:
            value, failure = None, None
            try:
                value = work()
            except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
                failure = error
            with contextlib.suppress(RuntimeError):  # the loop is closed: the process ends
                loop.call_soon_threadsafe(ended, value, failure)

        self._busy += 1
        Thread(target=run, name=self._name, daemon=True).start()
        return await result
