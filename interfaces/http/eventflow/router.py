"""All routes of the EventFlow contract."""

from fastapi import APIRouter

from interfaces.http.eventflow import (
    instances,
    occasions,
    reference,
    running,
    tasks,
    templates,
    users,
)
from interfaces.http.eventflow.dialect import eventflow_router

PARTS = (tasks, occasions, users, reference, templates, instances, running)


def eventflow() -> APIRouter:
    whole = eventflow_router()
    for part in PARTS:
        whole.routes.extend(part.router.routes)
    return whole
