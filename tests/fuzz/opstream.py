"""opstream as a target: the real app and projector on a real database, with things in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from domain.identity.roles import ROLES
from domain.shared.permissions import Permission
from interfaces.http.app import CONTRACTS
from interfaces.http.dialect import ContractRoute
from interfaces.http.documents import openapi_of
from tests.fuzz.supplies import supplies
from tests.fuzz.target import NOBODY, Caller, Target
from tests.support.api import Api, running_api

EVERYBODY = (*ROLES, NOBODY)
_GENEROUS: dict[str, Any] = {"login_rate": "1000000/minute", "access_token_minutes": 24 * 60}


@asynccontextmanager
async def opstream(database_url: str, folder: Path) -> AsyncIterator[tuple[FastAPI, Target]]:
    async with running_api(database_url, folder, **_GENEROUS) as api:
        yield (
            api.app,
            Target(
                documents={name: openapi_of(name, CONTRACTS) for name in CONTRACTS},
                callers={role: await _caller(api, role) for role in EVERYBODY},
                may=may,
            ),
        )


async def _caller(api: Api, role: str) -> Caller:
    header = api.clients[role].headers.get("authorization")
    token = header and header.removeprefix("Bearer ")
    return Caller(role, token, await supplies(api, role), {"X-Tenant-Id": str(api.tenant_id)})


def may(role: str, label: str) -> bool:
    """As the guards of the routes declare it; raises KeyError when there is no such operation."""
    granted = ROLES.get(role, frozenset())
    return all(permission.satisfied_by(granted) for permission in _needed()[label])


@cache
def _needed() -> dict[str, list[Permission]]:
    routes = [route for _, routes in CONTRACTS.values() for route in routes().routes]
    return {
        f"{method} {route.path}": [guard.permission for guard in route.guards]
        for route in routes
        if isinstance(route, ContractRoute)
        for method in route.methods or ()
    }
