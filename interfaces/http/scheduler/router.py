"""All routes of the Scheduler contract."""

from fastapi import APIRouter

from interfaces.http.scheduler import (
    assignments,
    audit,
    availability,
    calendar,
    identity,
    jobs,
    members,
    people,
    policy,
    reports,
    roles,
    shifts,
    units,
)
from interfaces.http.scheduler.dialect import scheduler_router

PARTS = (
    identity,
    members,
    units,
    roles,
    people,
    policy,
    shifts,
    assignments,
    availability,
    calendar,
    reports,
    jobs,
    audit,
)


def scheduler() -> APIRouter:
    whole = scheduler_router()
    for part in PARTS:
        whole.routes.extend(part.router.routes)
    return whole
