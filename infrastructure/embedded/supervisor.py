"""Keeps children running."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from infrastructure.embedded.errors import StartupFailed
from infrastructure.embedded.probe import Probe
from infrastructure.embedded.process import Child

_TICK = 0.05  # seconds between two looks
_FIRST_DELAY, _LONGEST_DELAY = 0.1, 5.0  # seconds before a restart, doubling
_HEALTHY_AFTER = 10.0  # seconds after which a child starts with the first delay again

OnEvent = Callable[[str, str], None]


@dataclass(frozen=True)
class Service:
    """`start` makes a child each time it is called; `healthy` may take seconds to answer."""

    name: str
    start: Callable[[], Child]
    healthy: Callable[[], bool] | None = None


class _Kept:
    """A service with its child of the moment."""

    def __init__(self, service: Service, child: Child | None) -> None:
        self.service = service
        self.delay = _FIRST_DELAY
        self.due = 0.0
        self.child: Child | None = None
        self.probe: Probe | None = None
        self.born = 0.0
        if child is not None:
            self.adopt(child)

    def adopt(self, child: Child) -> None:
        check = self.service.healthy
        self.child, self.born = child, time.monotonic()
        self.probe = Probe(check) if check else None

    def put_off(self) -> float:
        """When to try again: seconds from now."""
        now = time.monotonic()
        if self.child is not None and now - self.born >= _HEALTHY_AFTER:
            self.delay = _FIRST_DELAY
        delay, self.child, self.probe = self.delay, None, None
        self.due, self.delay = now + delay, min(2 * delay, _LONGEST_DELAY)
        return delay


class Supervisor:
    """Starts children, restarts those that end or fail their probe, stops them all.

    Everything happens in the thread that calls, which should be the main one (see `process`).
    A signal handler may call `stop_all` or set the event of `run_forever`: nothing here waits
    for a lock.
    """

    def __init__(self, on_event: OnEvent = lambda _name, _what: None) -> None:
        self._kept: list[_Kept] = []
        self._on_event = on_event
        self._stopping = False

    def add(self, service: Service, child: Child | None = None) -> None:
        """Keep a service running from now on: its child if it runs already, or a new one.

        Raises StartupFailed when the first start fails.
        """
        kept = _Kept(service, child)
        if child is None:
            self._start(kept)
        self._kept.append(kept)

    def child(self, name: str) -> Child | None:
        """The child of the moment; None between two."""
        return next((kept.child for kept in self._kept if kept.service.name == name), None)

    def run_forever(self, stop: threading.Event) -> None:
        """Until the event is set; the children run on, `stop_all` ends them.

        It sleeps instead of waiting for the event: a handler that sets the event while this thread
        is about to wait for it would deadlock.
        """
        while not (stop.is_set() or self._stopping):
            self.tick()
            time.sleep(_TICK)

    def tick(self) -> None:
        """Look at every child once."""
        for kept in self._kept:
            if self._stopping:
                return
            if kept.child is None:
                self._restart_if_due(kept)
            elif not kept.child.alive:
                self._put_off(kept, f"ended with code {kept.child.returncode}")
            elif kept.probe is not None and kept.probe.given_up():
                kept.child.kill()
                self._put_off(kept, "was not well and was killed")

    def stop_all(self, timeout: float = 9.0) -> None:
        """In reverse order of their start, within `timeout` seconds plus one per killed child.

        Each has an equal share of the time that is left; what doesn't obey is killed.
        """
        self._stopping = True
        deadline = time.monotonic() + timeout
        running = [kept for kept in reversed(self._kept) if kept.child is not None]
        for left, kept in zip(range(len(running), 0, -1), running, strict=True):
            self._stop(kept, max(0.1, deadline - time.monotonic()) / left)

    def _start(self, kept: _Kept) -> None:
        child = kept.service.start()
        kept.adopt(child)
        if self._stopping:  # a signal handler came in between
            child.kill()
        self._on_event(kept.service.name, f"started as process {child.pid}")

    def _restart_if_due(self, kept: _Kept) -> None:
        if time.monotonic() < kept.due:
            return
        try:
            self._start(kept)
        except (StartupFailed, OSError) as error:
            self._put_off(kept, str(error))

    def _put_off(self, kept: _Kept, what: str) -> None:
        self._on_event(kept.service.name, f"{what}, next start in {kept.put_off():.1f} s")

    def _stop(self, kept: _Kept, timeout: float) -> None:
        if kept.child is not None:
            kept.child.stop(timeout=timeout)
            self._on_event(kept.service.name, f"stopped (code {kept.child.returncode})")
