"""Every failure becomes an answer here, in the dialect of the contract that was asked."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from domain.shared.errors import Failure, Invalid, Kind, TooManyRequests, Unavailable
from infrastructure.identity.attempts import TooManyAttempts
from interfaces.http.authentication import authenticate
from interfaces.http.dialect import (
    HTTP_KINDS,
    PROBLEM_JSON,
    ContractRoute,
    Dialect,
    Problem,
    problem_json,
)

log = structlog.get_logger()


def render_failures(app: FastAPI, dialects: Sequence[Dialect]) -> None:
    """Install the handlers. What matches no route speaks the dialect of the longest prefix."""
    by_length = sorted(dialects, key=lambda dialect: len(dialect.prefix), reverse=True)

    def dialect_of(request: Request) -> Dialect:
        route = request.scope.get("route")
        if isinstance(route, ContractRoute):
            return route.dialect
        path = request.url.path
        return next(dialect for dialect in by_length if path.startswith(dialect.prefix))

    async def failure(request: Request, error: Exception) -> Response:
        assert isinstance(error, Failure)  # noqa: S101 - what it was registered for
        dialect = dialect_of(request)
        status = dialect.statuses[error.kind]
        return _answer(request, dialect, error.kind, status, error, _headers_of(error))

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - what it was registered for
        try:
            # A body that is no JSON is found before anybody has asked who sends it.
            await authenticate(request)
        except Failure as refused:
            return await failure(request, refused)
        return await failure(request, Invalid("The request is not valid.", _fields(error)))

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - what it was registered for
        kind = HTTP_KINDS.get(error.status_code, Kind.INVALID)
        plain = Failure(str(error.detail))
        headers = error.headers or {}
        return _answer(request, dialect_of(request), kind, error.status_code, plain, headers)

    async def unexpected(request: Request, error: Exception) -> Response:
        log.error("request.failed", request_id=_request_id(request), exc_info=error)
        plain = Failure("Something went wrong here; it has been logged under the request id.")
        return _answer(request, dialect_of(request), HTTP_KINDS[500], 500, plain, {})

    app.add_exception_handler(Failure, failure)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, unexpected)


def _answer(
    request: Request,
    dialect: Dialect,
    kind: str,
    status: int,
    error: Failure,
    headers: Mapping[str, str],
) -> Response:
    problem = Problem(kind, status, error.message, error.data, _request_id(request))
    if PROBLEM_JSON in request.headers.get("accept", ""):
        body, media_type = problem_json(problem), PROBLEM_JSON
    else:
        body, media_type = dialect.body(problem), dialect.media_type
    return Response(orjson.dumps(body, default=str), status, dict(headers), media_type)


def _headers_of(error: Failure) -> dict[str, str]:
    headers: dict[str, str] = {}
    if error.kind is Kind.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooManyRequests | Unavailable):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, TooManyAttempts):
        headers |= error.allowance.headers()
    return headers


def _fields(error: RequestValidationError) -> dict[str, str]:
    """What is wrong with which field; the part of the request is named where it is not the body."""
    fields: dict[str, str] = {}
    for problem in error.errors():
        part, *path = problem["loc"]
        if problem["type"] == "json_invalid":
            fields["body"] = f"not JSON: {problem['ctx']['error']} at character {path[0]}"
        else:
            name = ".".join(str(step) for step in path)
            fields[name or part] = _words(problem)
    return fields


def _words(problem: Mapping[str, Any]) -> str:
    words = {"missing": "is required", "extra_forbidden": "is not known here"}
    return words.get(problem["type"], str(problem["msg"]).removeprefix("Value error, "))


def _request_id(request: Request) -> str:
    return str(request.scope.get("state", {}).get("request_id", ""))
