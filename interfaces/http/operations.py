"""What an operation may be asked and may answer beside what its endpoint says.

All of it follows from what the route is made of: whether it is public, has a body, runs a command.
Endpoints repeat none of it.
"""

from collections.abc import Iterator
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from domain.shared.errors import Kind
from interfaces.http.authentication import PUBLIC
from interfaces.http.call import READS
from interfaces.http.conditional import ETAG, IF_MATCH
from interfaces.http.dialect import HTTP_KINDS, PROBLEM_JSON, Dialect, Problem

_TEXT = {"type": "string"}
_NUMBER = {"type": "integer"}

PARAMETERS: dict[str, dict[str, Any]] = {
    "X-Tenant-Id": {
        "description": "Act in this tenant instead of the token's.",
        "schema": {"type": "string", "format": "uuid"},
    },
    "Idempotency-Key": {
        "description": "A name for this request: sent again, it gets the same answer again.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    },
    "Prefer": {
        "description": "`respond-async` does not wait until reads show what was done.",
        "schema": _TEXT,
        "example": "respond-async",
    },
}
HEADERS: dict[str, dict[str, Any]] = {
    ETAG: {"description": "The version of what is shown.", "schema": _TEXT},
    "X-Request-Id": {"description": "The request's name in our logs.", "schema": _TEXT},
    "Opstream-Position": {"description": "Where in the log this is stored.", "schema": _NUMBER},
    READS: {"description": "`behind`: reads do not show it yet.", "schema": _TEXT},
    "Preference-Applied": {"description": "The preference that was followed.", "schema": _TEXT},
    "Strict-Transport-Security": {
        "description": "Where HTTPS is demanded: ask by it alone.",
        "schema": _TEXT,
    },
    "WWW-Authenticate": {"description": "`Bearer`.", "schema": _TEXT},
    "Retry-After": {"description": "Seconds to wait.", "schema": _NUMBER},
    "RateLimit-Limit": {"description": "Attempts allowed.", "schema": _NUMBER},
    "RateLimit-Remaining": {"description": "Attempts left.", "schema": _NUMBER},
    "RateLimit-Reset": {"description": "Seconds until there are more.", "schema": _NUMBER},
}
FAILURES: dict[str, tuple[str, dict[str, Any]]] = {
    Kind.INVALID: ("The request is not valid.", {"fields": {"end": "must be after start"}}),
    Kind.UNAUTHENTICATED: ("A bearer token is needed.", {}),
    Kind.FORBIDDEN: ("You may not do this.", {"needs": "shifts:write:all"}),
    Kind.NOT_FOUND: ("There is no shift 1.", {"what": "shift", "id": "1"}),
    Kind.RULE_BROKEN: (
        "The shift has ended.",
        {"broken": [{"rule": "ShiftIsOver", "message": "The shift has ended."}]},
    ),
    Kind.CONFLICT: ("Others keep changing the same thing; try again.", {}),
    Kind.STALE: ("The availability has been changed since.", {"version": 2}),
    Kind.KEY_REUSED: ("This Idempotency-Key was used for another request.", {"key": "a"}),
    Kind.TOO_MANY_REQUESTS: ("Too many attempts; wait before the next.", {"retry_after": 42}),
    Kind.UNAVAILABLE: ("The event log did not answer in time.", {"retry_after": 1}),
    "body_too_large": ("The body is larger than 1048576 bytes.", {}),
    "unsupported_media_type": ("The body must be application/json.", {}),
}
"""Of each kind, as an example: its message and details."""

_RATE = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
_WITH: dict[str, tuple[str, ...]] = {
    Kind.UNAUTHENTICATED: ("WWW-Authenticate",),
    Kind.TOO_MANY_REQUESTS: ("Retry-After",),
    Kind.UNAVAILABLE: ("Retry-After",),
}
_HTTP_STATUSES = {kind: status for status, kind in HTTP_KINDS.items()}


class Operation:
    def __init__(self, method: str, path: str, route: APIRoute, dialect: Dialect) -> None:
        self._dialect = dialect
        self._route = route
        self._is_public = (method, path) in PUBLIC
        self._is_limited = self._is_public and method == "POST"
        # What is somebody's own hangs on the person for whom the account acts, if there is one.
        guards = getattr(route, "guards", ())
        self._is_for_own = any(guard.permission.scope == "own" for guard in guards)
        self._is_command = runs_a_command(route)
        self._is_conditional = IF_MATCH in _headers_of(route.dependant)
        self._has_body = self._route.body_field is not None

    def describe(self, operation: dict[str, Any], components: dict[str, Any]) -> None:
        """Complete what FastAPI wrote of it, and the components it then refers to."""
        self._describe_asking(operation)
        responses = operation["responses"]
        for response in responses.values():
            response.setdefault("headers", {}).update(_headers(*self._headers()))
        responses.pop("422", None)
        for status, kinds in sorted(self._failures().items()):
            headers = _RATE if self._is_limited else ()
            name = "Or".join(kind.title().replace("_", "") for kind in kinds)
            name = f"Limited{name}" if self._is_limited else name
            response = failure_response(self._dialect, status, kinds, headers)
            components["responses"].setdefault(name, response)
            responses[str(status)] = {"$ref": f"#/components/responses/{name}"}

    def _describe_asking(self, operation: dict[str, Any]) -> None:
        parameters = operation.pop("parameters", [])
        parameters += [{"$ref": f"#/components/parameters/{name}"} for name in self._parameters()]
        if parameters:
            operation["parameters"] = parameters
        if self._is_public:
            operation["security"] = []
        for guard in getattr(self._route, "guards", ()):
            operation["description"] += f"\n\nNeeds `{guard.permission}`."

    def _parameters(self) -> Iterator[str]:
        if not self._is_public:
            yield "X-Tenant-Id"
        if self._is_command:
            yield from ("Idempotency-Key", "Prefer")

    def _headers(self) -> Iterator[str]:
        yield from ("X-Request-Id", "Strict-Transport-Security")
        if self._is_command:
            yield from ("Opstream-Position", READS, "Preference-Applied")
        if self._is_limited:
            yield from _RATE

    def _failures(self) -> dict[int, list[str]]:
        statuses: dict[int, list[str]] = {}
        for kind in self._kinds():
            status = _HTTP_STATUSES.get(kind) or self._dialect.statuses[Kind(kind)]
            statuses.setdefault(status, []).append(kind)
        return statuses

    def _kinds(self) -> Iterator[str]:
        yield Kind.INVALID
        if self._has_body:
            yield "unsupported_media_type"
        yield "body_too_large"
        if not self._is_public:
            yield from (Kind.UNAUTHENTICATED, Kind.FORBIDDEN, Kind.UNAVAILABLE)
        if self._is_command or self._route.dependant.path_params or self._is_for_own:
            yield Kind.NOT_FOUND
        if self._is_command:
            yield from (Kind.RULE_BROKEN, Kind.CONFLICT, Kind.KEY_REUSED)
        if self._is_conditional:
            yield Kind.STALE
        if self._is_public and self._route.dependant.path_params:
            yield from (Kind.FORBIDDEN, Kind.UNAVAILABLE)
        if self._is_limited:
            yield from (Kind.UNAUTHENTICATED, Kind.FORBIDDEN)
            yield from (Kind.TOO_MANY_REQUESTS, Kind.UNAVAILABLE)


def _headers_of(dependant: Dependant) -> set[str]:
    own = {header.alias for header in dependant.header_params}
    return own.union(*map(_headers_of, dependant.dependencies))


def parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, **PARAMETERS[name]}


def failure_response(
    dialect: Dialect, status: int, kinds: list[str], headers: tuple[str, ...] = ()
) -> dict[str, Any]:
    examples = {kind: {"value": _example(dialect, status, kind)} for kind in kinds}
    error = {"$ref": f"#/components/schemas/{dialect.error.__name__}"}
    problem = {"$ref": "#/components/schemas/ProblemOut"}
    return {
        "description": " Or: ".join(FAILURES[kind][0] for kind in kinds),
        "headers": _headers("X-Request-Id", *headers, *(n for kind in kinds for n in _with(kind))),
        "content": {
            PROBLEM_JSON: {"schema": problem},
            dialect.media_type: {"schema": error, "examples": examples},
        },
    }


def _example(dialect: Dialect, status: int, kind: str) -> dict[str, Any]:
    message, details = FAILURES[kind]
    return dialect.body(Problem(kind, status, message, details, "1"))


def _with(kind: str) -> tuple[str, ...]:
    return _WITH.get(kind, ())


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def runs_a_command(route: APIRoute) -> bool:
    return any(guard.is_for_command for guard in getattr(route, "guards", ()))
