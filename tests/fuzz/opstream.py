"""opstream as a target: the real app and projector on a real database, with things in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from domain.identity.roles import ROLES
from interfaces.http.app import CONTRACTS
from interfaces.http.documents import openapi_of
from tests.architecture.test_routes import ACCESS
from tests.fuzz.supplies import files, supplies
from tests.fuzz.target import NOBODY, Caller, Target
from tests.support.api import Api, running_api

EVERYBODY = (*(role for role in ROLES if role != "admin"), NOBODY, "admin")
"""In the order in which they ask: the admin finds the others among the members and removes some."""
_GENEROUS: dict[str, Any] = {"login_rate": "1000000/minute", "access_token_minutes": 24 * 60}


@asynccontextmanager
async def opstream(database_url: str, folder: Path) -> AsyncIterator[tuple[FastAPI, Target]]:
    async with running_api(database_url, folder, imports=True, **_GENEROUS) as api:
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
    headers = {"X-Tenant-Id": str(api.tenant_id)}
    return Caller(role, token, await supplies(api, role), headers, await files(api))


def may(role: str, label: str) -> bool:
    """As it was agreed; raises KeyError for an operation or a role that the table does not have."""
    needs, by_role = _agreed()[label]
    return needs == "public" or (role != NOBODY and by_role[role] != "-")


@cache
def _agreed() -> dict[str, tuple[str, dict[str, str]]]:
    """The table, and not the routes: a guard that is taken off must be noticed here as well."""
    rows = [line.strip("| ").split(" | ") for line in ACCESS.read_text().splitlines()]
    heading, *operations = [row for row in rows if len(row) == 2 + len(ROLES)]
    roles = heading[2:]
    return {
        label: (needs, dict(zip(roles, cells, strict=True))) for label, needs, *cells in operations
    }
