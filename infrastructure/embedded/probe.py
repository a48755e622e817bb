"""Asks a running child again and again whether it is well."""

import threading
import time
from collections.abc import Callable

_EVERY = 1.0  # seconds between two questions
_LIMIT = 3  # failures in a row
_LONGEST = 5.0  # seconds an answer may take
_GRACE = 15.0  # seconds after the start in which a child may not be well yet


class Probe:
    """For one run of one child. Questions are asked in a thread: no answer must hold up others."""

    def __init__(self, check: Callable[[], bool], *, every: float = _EVERY) -> None:
        self._check = check
        self._every = every
        self._born = self._asked = time.monotonic()
        self._answer: list[bool] | None = None  # None: no question is open; []: no answer yet
        self._failures = 0
        self._succeeded = False

    def given_up(self) -> bool:
        """Ask if it is time to; whether the child failed too often since it was well."""
        now = time.monotonic()
        if self._answer is not None:
            self._collect(self._answer, now)
        elif now - self._asked >= self._every:
            self._ask(now)
        excused = not self._succeeded and now - self._born < _GRACE
        return self._failures >= _LIMIT and not excused

    def _ask(self, now: float) -> None:
        answer: list[bool] = []
        self._asked, self._answer = now, answer
        threading.Thread(target=lambda: answer.append(self._safely()), daemon=True).start()

    def _safely(self) -> bool:
        try:
            return self._check()
        except Exception:  # noqa: BLE001  a probe that breaks is an answer too
            return False

    def _collect(self, answer: list[bool], now: float) -> None:
        if not answer and now - self._asked < _LONGEST:
            return
        well = bool(answer) and answer[0]
        self._failures = 0 if well else self._failures + 1
        self._succeeded |= well
        self._answer = None
