"""All routes of the Scheduler contract."""

from fastapi import APIRouter

from interfaces.http.scheduler import (
    assignments,
    audit,
    availability,
    calendar,
    dead_letters,
    identity,
    jobs,
    members,
    notifications,
    patterns,
    people,
    policy,
    preferences,
    reports,
    roles,
    shifts,
    units,
    weeks,
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
    weeks,
    patterns,
    assignments,
    availability,
    calendar,
    notifications,
    preferences,
    dead_letters,
    reports,
    jobs,
    audit,
)


def scheduler() -> APIRouter:
    whole = scheduler_router()
    for part in PARTS:
        whole.routes.extend(part.router.routes)
    return whole
