"""Clocks that are wrong: in one process, all that ask for the time are told another one."""

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.disks import SkippedError

EVERY = 2
"""Seconds from one jump to the next: right, an hour ahead, right, an hour behind."""

_SOURCE = """
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long skew(void) {
    SKEW
}
int clock_gettime(clockid_t clock, struct timespec *told) {
    int failed = syscall(SYS_clock_gettime, clock, told);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        told->tv_sec += skew();
    return failed;
}
int gettimeofday(struct timeval *told, void *zone) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    told->tv_sec = now.tv_sec;
    told->tv_usec = now.tv_nsec / 1000;
    return 0;
}
time_t time(time_t *told) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (told) *told = now.tv_sec;
    return now.tv_sec;
}
"""


_JUMPS = f"""
    static const long by[] = {{0, 3600, 0, -3600}};
    struct timespec up;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &up);
    return by[(up.tv_sec / {EVERY}) % 4];
"""


def jumping(folder: Path) -> dict[str, str]:
    """The environment of a process whose clock jumps. Raises SkippedError without a C compiler."""
    return _preloaded(folder, "jumping", _JUMPS)


def beginning_at(folder: Path, moment: datetime) -> dict[str, str]:
    """The environment of processes for which it is that moment now, and goes on from there.

    Raises SkippedError without a C compiler.
    """
    seconds = round((moment - datetime.now(UTC)).total_seconds())
    return _preloaded(folder, f"ahead-{seconds}", f"return {seconds}L;")


def _preloaded(folder: Path, name: str, skew: str) -> dict[str, str]:
    compiler = shutil.which("cc")
    if compiler is None:
        raise SkippedError("no C compiler to build a clock with")
    source, library = folder / f"{name}.c", folder / f"{name}.so"
    if not library.exists():
        source.write_text(_SOURCE.replace("SKEW", skew))
        subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source], check=True)
    return {"LD_PRELOAD": str(library)}
