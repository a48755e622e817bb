"""What a clock starts, and what became of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Self

from infrastructure.bootstrap import now
from infrastructure.jobs.runs import Run, newest
from infrastructure.jobs.timetable import TIMETABLE, Rhythm
from infrastructure.postgres.outages import outlast
from interfaces.http.authentication import needs
from interfaces.http.call import Call
from interfaces.http.scheduler.common import Out, PageOut, Paging
from interfaces.http.scheduler.dialect import scheduler_router
from projections.paging import Page

router = scheduler_router()


class RunOut(Out):
    """The newest slot that has begun. `slots` counts those that it stands for, missed ones too."""

    slot: datetime
    slots: int
    state: Literal["running", "done", "failed", "overtaken"]
    attempts: int
    started_at: datetime
    ended_at: datetime | None
    error: str | None


class JobOut(Out):
    name: str
    when: str
    next_slot: datetime
    last: RunOut | None

    @classmethod
    def of(cls, name: str, rhythm: Rhythm, run: Run | None, moment: datetime) -> Self:
        last = None if run is None else RunOut.model_validate(run, from_attributes=True)
        return cls(name=name, when=str(rhythm), next_slot=rhythm.next(moment), last=last)


@router.get("/jobs", tags=["jobs"], dependencies=[needs("jobs:read")])
async def get_jobs(call: Call, paging: Paging) -> PageOut[JobOut]:
    """What opstream does by itself, for all tenants alike, and when it last did."""
    runs = {run.job: run for run in await _newest(call)}
    moment = now()
    jobs = [JobOut.of(name, rhythm, runs.get(name), moment) for name, rhythm in TIMETABLE.items()]
    here = jobs[paging.offset : paging.offset + paging.size]
    return PageOut[JobOut].of(Page(here, len(jobs), paging), here)


async def _newest(call: Call) -> Sequence[Run]:
    """Raises Unavailable."""

    async def read() -> Sequence[Run]:
        async with call.core.pool.connection() as connection:
            return await newest(connection)

    return await outlast(read, "What became of jobs")
