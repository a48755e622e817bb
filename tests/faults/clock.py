"""A clock that jumps: in one process, all that ask for the time are told another one."""

import shutil
import subprocess
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
    static const long by[] = {0, 3600, 0, -3600};
    struct timespec up;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &up);
    return by[(up.tv_sec / EVERY) % 4];
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


def jumping(folder: Path) -> dict[str, str]:
    """The environment of a process whose clock jumps. Raises SkippedError without a C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise SkippedError("no C compiler to build the jumping clock with")
    source, library = folder / "clock.c", folder / "clock.so"
    if not library.exists():
        source.write_text(_SOURCE)
        options = ["-shared", "-fPIC", f"-DEVERY={EVERY}", "-o", str(library), str(source)]
        subprocess.run([compiler, *options], check=True)
    return {"LD_PRELOAD": str(library)}
