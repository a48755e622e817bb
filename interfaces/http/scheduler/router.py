"""All routes of the Scheduler contract."""

from fastapi import APIRouter

from interfaces.http.scheduler import (
    assignments,
    audit,
    availability,
    claims,
    dead_letters,
    identity,
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
    notifications,
    preferences,
    dead_letters,
    reports,
    audit,
)


def scheduler() -> APIRouter:
    whole = scheduler_router()
    for part in PARTS:
        whole.routes.extend(part.router.routes)
    return whole
