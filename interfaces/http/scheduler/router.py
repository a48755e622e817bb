"""All routes of the Scheduler contract."""

from fastapi import APIRouter

from interfaces.http.scheduler import (
    assignments,
    audit,
    availability,
    calendar,
    claims,
    dead_letters,
    identities,
    identity,
    imports,
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
    swaps,
    units,
    weeks,
)
from interfaces.http.scheduler.dialect import scheduler_router

PARTS = (
    identity,
    members,
    identities,
    units,
    roles,
    people,
    policy,
    # Before shifts: "open" is no id of one.
    claims,
    shifts,
    weeks,
    patterns,
    assignments,
    swaps,
    availability,
    calendar,
    notifications,
    preferences,
    dead_letters,
    imports,
    reports,
    jobs,
    audit,
)


def scheduler() -> APIRouter:
    whole = scheduler_router()
    for part in PARTS:
        whole.routes.extend(part.router.routes)
    return whole
