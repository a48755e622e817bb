"""All routes of the Scheduler contract."""

from fastapi import APIRouter

from interfaces.http.scheduler import (
    assignments,
    audit,
    availability,
    dead_letters,
    identity,
    members,
    notifications,
    people,
    policy,
    preferences,
    shifts,
    units,
)
from interfaces.http.scheduler.dialect import scheduler_router

PARTS = (
    identity,
    members,
    units,
    people,
    policy,
    shifts,
    assignments,
    availability,
    notifications,
    preferences,
    dead_letters,
    audit,
)


def scheduler() -> APIRouter:
    whole = scheduler_router()
    for part in PARTS:
        whole.routes.extend(part.router.routes)
    return whole
