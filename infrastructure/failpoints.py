"""Named places at which a test can make a process die or dawdle; off unless set by environment.

``OPSTREAM_FAILPOINTS="after_commit=kill@3,mid_flush=sleep:10"`` kills the process by SIGKILL the
third time it passes ``after_commit``, and makes it sleep 10 s each time it passes ``mid_flush``.
``stop`` stops it by SIGSTOP, until somebody continues it; ``raise`` raises PlannedError.
"""

import asyncio
import contextlib
import os
import signal
from collections import Counter
from typing import Any

import psycopg

_passed: Counter[str] = Counter()


class PlannedError(Exception):
    """What a failpoint raises that is told to."""


def _plan() -> dict[str, str]:
    text = os.environ.get("OPSTREAM_FAILPOINTS", "")
    return dict(part.split("=", 1) for part in text.split(",") if "=" in part)


PLAN = _plan()


async def failpoint(name: str) -> None:
    if not PLAN or name not in PLAN:
        return
    _passed[name] += 1
    action, _, when = PLAN[name].partition("@")
    if when and _passed[name] != int(when):
        return
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif action == "raise":
        raise PlannedError(name)
    elif action.startswith("sleep:"):
        await asyncio.sleep(float(action.removeprefix("sleep:")))


def opened(
    connection: psycopg.AsyncConnection[Any], *names: str, anyway: bool = False
) -> contextlib.AbstractAsyncContextManager[Any]:
    """A transaction that lies open at these failpoints, if one is planned, or `anyway`; else each
    statement is one by itself.
    """
    needed = anyway or PLAN.keys() & set(names)
    return connection.transaction() if needed else contextlib.nullcontext()
