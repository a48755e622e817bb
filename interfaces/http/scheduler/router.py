"""All routes of the Scheduler contract."""

from fastapi import APIRouter

from interfaces.http.scheduler import (
    assignments,
    audit,
    availability,
    dead_letters,
    identity,
    imports,
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
    notifications,
    preferences,
    dead_letters,
    imports,
    reports,
    audit,
)


def scheduler() -> APIRouter:
    whole = scheduler_router()
    for part in PARTS:
        whole.routes.extend(part.router.routes)
    return whole
