"""Named places at which a test can make a process die or dawdle; off unless set by environment.

``OPSTREAM_FAILPOINTS="after_commit=kill@3,mid_flush=sleep:10"`` kills the process by SIGKILL the
third time it passes ``after_commit``, and makes it sleep 10 s each time it passes ``mid_flush``.
"""

import asyncio
import os
import signal
from collections import Counter

_passed: Counter[str] = Counter()


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
    elif action.startswith("sleep:"):
        await asyncio.sleep(float(action.removeprefix("sleep:")))
