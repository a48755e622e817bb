"""Every route belongs to a contract, is in its document's table, and is guarded.

The table of who may do what is kept in access.md. After a change that is meant:

    OPSTREAM_UPDATE_SNAPSHOTS=1 uv run pytest tests/architecture/test_routes.py
"""

import os
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from application.commands import Command
from application.scheduling.units import OpenUnit
from domain.identity.roles import ROLES
from domain.shared.permissions import Permission
from infrastructure.settings import Settings
from interfaces.http.app import CONTRACTS, build_app
from interfaces.http.authentication import PUBLIC, Needs, needs
from interfaces.http.call import Call
from interfaces.http.dialect import ContractRoute
from interfaces.http.documents import openapi_of
from interfaces.http.operations import runs_a_command
from interfaces.http.route_index import RouteIndex
from interfaces.http.scheduler.dialect import scheduler_router

ACCESS = Path(__file__).parent / "access.md"

Table = set[tuple[str, str]]

SCHEDULER_DOCUMENT: Table = {
    ("POST", "/auth/login"),
    ("GET", "/me"),
    ("GET", "/units"),
    ("GET", "/people"),
    ("POST", "/people"),
    ("GET", "/shifts"),
    ("POST", "/shifts"),
    ("PATCH", "/shifts/{id}"),
    ("POST", "/shifts/{id}/publish"),
    ("POST", "/shifts/{id}/assign"),
    ("POST", "/assignments/{id}/status"),
    ("GET", "/availability/me"),
    ("PUT", "/availability/me"),
    ("POST", "/import/shifts"),
    ("GET", "/audit-logs"),
}
"""Source: the Scheduler document, "API Surface (MVP)", all of its 15 rows."""

ADDITIONS: Table = {
    ("GET", "/jobs"),
    ("GET", "/calendar/me"),
    ("POST", "/calendar/me"),
    ("DELETE", "/calendar/me"),
    ("GET", "/calendar/{id}"),
    ("GET", "/people/{id}/availability"),
    ("PUT", "/people/{id}/availability"),
    ("GET", "/shifts/{id}/candidates"),
    ("GET", "/notifications"),
    ("POST", "/notifications/{id}/read"),
    ("GET", "/notification-preferences/me"),
    ("PUT", "/notification-preferences/me"),
    ("GET", "/dead-letters"),
    ("POST", "/dead-letters/{id}/resend"),
    ("POST", "/dead-letters/resend"),
    ("GET", "/policy"),
    ("PATCH", "/policy"),
    ("GET", "/shifts/{id}"),
    ("DELETE", "/shifts/{id}"),
    ("POST", "/shifts/{id}/cancel"),
    ("POST", "/shifts/{id}/complete"),
    ("GET", "/shifts/open"),
    ("POST", "/shifts/{id}/claim"),
    ("GET", "/swaps"),
    ("POST", "/swaps"),
    ("GET", "/swaps/{id}"),
    ("POST", "/swaps/{id}/accept"),
    ("POST", "/swaps/{id}/approve"),
    ("POST", "/swaps/{id}/reject"),
    ("POST", "/swaps/{id}/withdraw"),
    ("POST", "/assignments/{id}/override"),
    ("POST", "/shifts/copy-week"),
    ("POST", "/shifts/publish"),
    ("GET", "/shift-patterns"),
    ("POST", "/shift-patterns"),
    ("GET", "/shift-patterns/{id}"),
    ("PATCH", "/shift-patterns/{id}"),
    ("DELETE", "/shift-patterns/{id}"),
    ("GET", "/shift-patterns/{id}/occurrences"),
    ("POST", "/shift-patterns/{id}/drafts"),
    ("POST", "/units"),
    ("GET", "/units/{id}"),
    ("PATCH", "/units/{id}"),
    ("DELETE", "/units/{id}"),
    ("POST", "/units/{id}/reopen"),
    ("GET", "/people/{id}"),
    ("PATCH", "/people/{id}"),
    ("DELETE", "/people/{id}"),
    ("POST", "/people/{id}/reactivate"),
    ("GET", "/roles"),
    ("POST", "/roles"),
    ("GET", "/roles/{id}"),
    ("PATCH", "/roles/{id}"),
    ("DELETE", "/roles/{id}"),
    ("POST", "/roles/{id}/reopen"),
    ("GET", "/members/roles"),
    ("GET", "/import"),
    ("GET", "/import/{id}"),
    ("GET", "/import/{id}/shifts"),
    ("GET", "/import/shifts/template"),
    ("GET", "/reports/hours"),
    ("GET", "/reports/fill"),
    ("GET", "/reports/answers"),
    ("GET", "/members"),
    ("POST", "/members"),
    ("PATCH", "/members/{id}"),
    ("DELETE", "/members/{id}"),
    ("GET", "/members/{id}/identities"),
    ("POST", "/members/{id}/identities"),
    ("DELETE", "/members/{id}/identities/{id}"),
}
"""Beside the document's table: its "Admin Module" asks for all of CRUD for units, people and roles,
with soft delete, and what was deleted softly may have been so by mistake. Its word role has two
meanings: what one works as (`/roles`), and what an account may do. The latter are named sets of
permissions that the code knows (`/members/roles`); who has which is told of members, and so is
whose tokens of an external issuer act as them."""

PLATFORM: Table = {
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/.well-known/jwks.json"),
}

EVENTFLOW_DOCUMENT: Table = {
    ("GET", "/api/tasks"),
    ("GET", "/api/tasks/{id}"),
    ("POST", "/api/tasks/{id}/pick"),
    ("POST", "/api/tasks/{id}/transition"),
    ("POST", "/api/tasks/{id}/assign"),
    ("GET", "/api/events"),
    ("GET", "/api/events/{id}/members"),
    ("GET", "/api/users"),
    ("GET", "/api/user-types"),
    ("GET", "/api/task-types"),
    ("GET", "/api/eligibility-mappings"),
    ("GET", "/api/workflow-templates"),
    ("POST", "/api/workflow-templates"),
    ("GET", "/api/workflow-instances"),
    ("POST", "/api/workflows/instantiate"),
}
"""Source: the EventFlow document, "API Endpoints", all of its 15 lines."""

EVENTFLOW_ADDITIONS: Table = {
    ("GET", "/api/me"),
    ("POST", "/api/tasks"),
    ("GET", "/api/tasks/counts"),
    ("POST", "/api/tasks/{id}/delete"),
    ("POST", "/api/tasks/{id}/correct"),
    ("GET", "/api/tasks/{id}/transitions"),
    ("GET", "/api/tasks/{id}/explain"),
    ("POST", "/api/events"),
    ("GET", "/api/events/{id}"),
    ("PATCH", "/api/events/{id}"),
    ("POST", "/api/events/{id}/members"),
    ("DELETE", "/api/events/{id}/members/{id}"),
    ("PUT", "/api/users/{id}/user-type"),
    ("POST", "/api/user-types"),
    ("PATCH", "/api/user-types/{id}"),
    ("POST", "/api/task-types"),
    ("PATCH", "/api/task-types/{id}"),
    ("POST", "/api/task-types/{id}/retire"),
    ("POST", "/api/task-types/{id}/reopen"),
    ("POST", "/api/eligibility-mappings"),
    ("DELETE", "/api/eligibility-mappings/{id}/{id}"),
    ("GET", "/api/workflow-templates/{id}"),
    ("POST", "/api/workflow-templates/{id}/retire"),
    ("POST", "/api/workflow-templates/{id}/reopen"),
    ("GET", "/api/workflow-instances/{id}"),
    ("GET", "/api/workflow-instances/{id}/graph"),
    ("POST", "/api/workflow-instances/{id}/nodes"),
    ("POST", "/api/workflow-instances/{id}/nodes/{id}/skip"),
    ("POST", "/api/workflow-instances/{id}/nodes/{id}/replace"),
    ("POST", "/api/workflow-instances/{id}/migrate"),
    ("POST", "/api/workflow-instances/{id}/migrate/dry-run"),
}
"""Beside the document's lines: what its reference data, events and invariants need to be changed
and seen, and what goes beyond it."""

TABLES = {
    "scheduler": SCHEDULER_DOCUMENT | ADDITIONS,
    "eventflow": EVENTFLOW_DOCUMENT | EVENTFLOW_ADDITIONS,
    "platform": PLATFORM,
}

OPERATIONS = sum(len(table) for table in TABLES.values())
"""Of all contracts, so that a test which sees fewer is noticed."""

PAGES = {"/docs", "/docs/{name}", "/docs/assets", "/openapi/{name}.json"}
"""What answers anybody without being an operation of a contract."""


@pytest.fixture
def app():
    return build_app(Settings())


def walk(app: FastAPI) -> Iterator[tuple[str, str, Any]]:
    """Every operation. Routers are included lazily, so that `app.routes` alone shows none."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute):
            for method in sorted(route.methods or ()):
                yield method, str(context.path), route


def found(app: FastAPI) -> Table:
    return {(method, path) for method, path, _ in walk(app)}


def told() -> Table:
    """What the documents tell of."""
    return {
        (method.upper(), path)
        for name in CONTRACTS
        for path, methods in openapi_of(name, CONTRACTS)["paths"].items()
        for method in methods
    }


def without_dialect(app: FastAPI) -> Table:
    return {(m, p) for m, p, route in walk(app) if not isinstance(route, ContractRoute)}


def unguarded(app: FastAPI) -> Table:
    """Neither public by name nor behind exactly one permission."""
    return {
        (method, path)
        for method, path, route in walk(app)
        if len(getattr(route, "guards", [])) != ((method, path) not in PUBLIC)
    }


def unauthenticated(app: FastAPI) -> Table:
    """Something is looked at before it is known who asks."""
    return {
        (method, path)
        for method, path, route in walk(app)
        if getattr(type(route), "get_route_handler", None) is not ContractRoute.get_route_handler
    }


def misguarded(app: FastAPI) -> Table:
    """The permission at the door is not the one that the command behind it needs."""
    return {
        (method, path)
        for method, path, route in walk(app)
        for command in commands_of(route)
        if [guard.permission for guard in getattr(route, "guards", [])] != [command.needs]
    }


def commands_of(route: APIRoute) -> set[type[Command[Any]]]:
    """The commands that an endpoint, or a function of its module that it calls, names."""
    return _named_by(route.endpoint, set())  # type: ignore[arg-type]


def _named_by(function: FunctionType, seen: set[FunctionType]) -> set[type[Command[Any]]]:
    seen.add(function)
    named = [function.__globals__.get(name) for name in _names_in(function.__code__)]
    here = {
        one
        for one in named
        if isinstance(one, type) and issubclass(one, Command) and one is not Command
    }
    inner = {
        one
        for one in named
        if isinstance(one, FunctionType) and one.__module__ == function.__module__
    }
    return here.union(*(_named_by(one, seen) for one in inner - seen))


def _names_in(code: CodeType) -> set[str]:
    """Also those in functions that are made in it."""
    inner = [const for const in code.co_consts if isinstance(const, CodeType)]
    return set(code.co_names).union(*map(_names_in, inner))


def nameless(table: Table) -> Table:
    """The document calls every path parameter {id}."""
    return {
        (method, "/".join("{id}" if step.startswith("{") else step for step in path.split("/")))
        for method, path in table
    }


def test_the_walk_and_the_documents_see_the_same_routes(app):
    assert found(app) == told()
    assert len(found(app)) == OPERATIONS


def test_every_route_belongs_to_a_dialect(app):
    assert without_dialect(app) == set()


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_contract_has_the_routes_of_its_document(app, name):
    dialect, _ = CONTRACTS[name]
    routes = {(m, p) for m, p, r in walk(app) if getattr(r, "dialect", None) is dialect}
    assert nameless(routes) == TABLES[name]
    assert len(SCHEDULER_DOCUMENT) == 15


def test_there_is_nothing_else_but_the_pages(app):
    contexts = [c for c in iter_route_contexts(app.routes) if not _is_index(c.original_route)]
    others = {c.path for c in contexts if not isinstance(c.original_route, APIRoute)}
    assert others == PAGES
    assert len(contexts) == OPERATIONS + len(PAGES)


def test_every_route_is_public_by_name_or_behind_one_permission(app):
    assert unguarded(app) == set()


def test_nothing_is_looked_at_before_it_is_known_who_asks(app):
    assert unauthenticated(app) == set()


def test_public_names_only_what_there_is(app):
    assert found(app) >= PUBLIC
    assert len(PUBLIC) == 6


def test_the_permission_at_the_door_is_the_one_the_command_needs(app):
    assert misguarded(app) == set()
    running = [route for *_, route in walk(app) if runs_a_command(route)]
    assert len(running) >= 20
    for *_, route in walk(app):
        assert bool(commands_of(route)) == (route in running), route.path


def test_who_may_do_what_is_what_was_agreed(app):
    now = access(app)
    assert now.count("\n| ") == 1 + OPERATIONS, "the heading, and a row for every route"
    if os.environ.get("OPSTREAM_UPDATE_SNAPSHOTS"):
        ACCESS.write_text(now)
    assert now == ACCESS.read_text(), "if this is meant, see the top of this file"


def access(app: FastAPI) -> str:
    lines = [
        "# Who may do what",
        "",
        "Written by test_routes.py, from routes and roles. `own`: what is the account's own.",
        "",
        f"| operation | needs | {' | '.join(ROLES)} |",
        f"|---|---|{'---|' * len(ROLES)}",
    ]
    for method, path, route in walk(app):
        guards = getattr(route, "guards", [])
        what = [_allowed(role, guards[0].permission) for role in ROLES] if guards else [""]
        words = f"`{guards[0].permission}`" if guards else "public"
        cells = what if guards else ["yes"] * len(ROLES)
        lines.append(f"| {method} {path} | {words} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _allowed(role: str, permission: Permission) -> str:
    widest = Permission(permission.resource, permission.action, "all")
    if widest in ROLES[role]:
        return "yes"
    return "own" if permission.satisfied_by(ROLES[role]) else "-"


class TestOfTheTest:
    """What is planted is found."""

    def test_any_guard_that_is_removed(self, app, monkeypatch):
        guarded = [(m, p, route) for m, p, route in walk(app) if (m, p) not in PUBLIC]
        assert len(guarded) >= 30
        for method, path, route in guarded:
            with monkeypatch.context() as planted:
                planted.setattr(route, "guards", [])
                assert unguarded(app) == {(method, path)}
                assert access(app) != ACCESS.read_text()
        assert access(app) == ACCESS.read_text()

    def test_any_guard_that_is_weakened(self, app, monkeypatch):
        guarded = [route for m, p, route in walk(app) if route.guards and p != "/me"]
        assert len(guarded) >= 29
        for route in guarded:
            with monkeypatch.context() as planted:
                planted.setattr(route, "guards", [Needs("profile:read:own")])
                assert access(app) != ACCESS.read_text()

    def test_a_route_without_a_guard(self, app):
        router = scheduler_router()
        router.get("/planted")(_nothing)
        app.include_router(router)
        assert unguarded(app) == {("GET", "/planted")}
        assert found(app) - told() == {("GET", "/planted")}

    def test_a_route_without_a_dialect(self, app):
        app.get("/planted")(_nothing)
        assert without_dialect(app) == unguarded(app) == {("GET", "/planted")}
        assert unauthenticated(app) == {("GET", "/planted")}

    def test_a_public_route_with_a_guard(self, app):
        router = scheduler_router()
        router.post("/auth/login", dependencies=[needs("units:read")])(_nothing)
        app.include_router(router)
        assert unguarded(app) == {("POST", "/auth/login")}

    def test_a_command_behind_the_wrong_permission(self, app):
        router = scheduler_router()
        router.post("/planted", dependencies=[needs("units:read")])(_open_unit)
        app.include_router(router)
        assert misguarded(app) == {("POST", "/planted")}


def _is_index(route):
    return isinstance(route, RouteIndex)


async def _nothing() -> None:
    pass


async def _open_unit(call: Call) -> None:
    await _really(call)


async def _really(call: Call) -> None:
    await call.run(OpenUnit("Ward", "UTC"), lambda _: None)
