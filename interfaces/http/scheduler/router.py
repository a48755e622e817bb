"""All routes of the Scheduler contract."""

from fastapi import APIRouter

from interfaces.http.scheduler import assignments, audit, identity, members, people, shifts, units
from interfaces.http.scheduler.dialect import scheduler_router


def scheduler() -> APIRouter:
    whole = scheduler_router()
    for part in (identity, members, units, people, shifts, assignments, audit):
        whole.routes.extend(part.router.routes)
    return whole
