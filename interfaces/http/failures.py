"""Every failure becomes an answer here, in the dialect of the contract that was asked."""

import traceback
from collections.abc import Mapping, Sequence

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route

from domain.shared.errors import Failure, Invalid, Kind, TooManyRequests, Unavailable
from infrastructure.identity.attempts import TooManyAttempts
from infrastructure.logging import told
from interfaces.http.dialect import (
    HTTP_KINDS,
    PROBLEM_JSON,
    ContractRoute,
    Dialect,
    Problem,
    problem_json,
)
from interfaces.http.wrong_fields import fields_of

_UNREADABLE = 400
"""What FastAPI says of a body that is JSON, or a form, to nobody."""
_FORM = "multipart/form-data"
_NOT_BY_THIS_METHOD = 405
_NOT_VALID = "The request is not valid."

log = structlog.get_logger()


def render_failures(app: FastAPI, dialects: Sequence[Dialect]) -> None:
    """Install the handlers. What matches no route speaks the dialect of the longest prefix."""
    render = _Renderer(dialects)
    app.add_exception_handler(Failure, render.failure)
    app.add_exception_handler(RequestValidationError, render.invalid)
    app.add_exception_handler(HTTPException, render.http)
    app.add_exception_handler(Exception, render.unexpected)


class _Renderer:
    def __init__(self, dialects: Sequence[Dialect]) -> None:
        self._by_length = sorted(dialects, key=lambda dialect: len(dialect.prefix), reverse=True)

    async def failure(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, Failure)  # noqa: S101 - what it was registered for
        dialect = self._dialect_of(request)
        status = dialect.statuses[error.kind]
        return _answer(request, dialect, error.kind, status, error, _headers_of(request, error))

    async def invalid(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - what it was registered for
        if isinstance(error.body, bytes):
            refused = HTTPException(415, "The body must be application/json.")
            return await self.http(request, refused)
        return await self.failure(request, Invalid(_NOT_VALID, fields_of(error)))

    async def http(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - what it was registered for
        status = error.status_code
        if status == _UNREADABLE:
            form = request.headers.get("content-type", "").startswith("multipart/")
            unreadable = Invalid(
                _NOT_VALID, {"body": f"can't be read as {_FORM if form else 'JSON'}"}
            )
            return await self.failure(request, unreadable)
        plain = Failure(str(error.detail))
        headers = dict(error.headers or {})
        if status == _NOT_BY_THIS_METHOD:
            # The framework names only what the first of the path's routes knows.
            headers["Allow"] = ", ".join(sorted(_methods_of(request)))
        kind = HTTP_KINDS.get(status, Kind.INVALID)
        return _answer(request, self._dialect_of(request), kind, status, plain, headers)

    async def unexpected(self, request: Request, error: Exception) -> Response:
        # Where, but not what: an error's own words may quote what somebody sent.
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("request.failed", request_id=_request_id(request), error=told(error), where=where)
        plain = Failure("Something went wrong here; it has been logged under the request id.")
        # This answer is made outside of all that would give it its id.
        headers = {"X-Request-Id": _request_id(request)}
        return _answer(request, self._dialect_of(request), HTTP_KINDS[500], 500, plain, headers)

    def _dialect_of(self, request: Request) -> Dialect:
        route = request.scope.get("route")
        if isinstance(route, ContractRoute):
            return route.dialect
        path = request.scope["path"]
        fitting = (dialect for dialect in self._by_length if path.startswith(dialect.prefix))
        # Not every target is a path: ``OPTIONS *`` asks for the server as such.
        return next(fitting, self._by_length[-1])


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


def _headers_of(request: Request, error: Failure) -> dict[str, str]:
    headers: dict[str, str] = dict(request.scope["state"].get("answer_headers", {}))
    if isinstance(error, TooManyAttempts):
        headers |= error.allowance.headers()
    if error.kind is Kind.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooManyRequests | Unavailable):
        headers["Retry-After"] = str(error.retry_after)
    return headers


def _methods_of(request: Request) -> set[str]:
    """All that the path can be asked by, whichever routes it has; those that name it word for word
    count alone: ``/shifts/open`` is no shift.
    """
    routes = [each for each in request.app.routes if isinstance(each, Route)]
    fitting = [each for each in routes if each.matches(request.scope)[0] is not Match.NONE]
    literal = [each for each in fitting if each.path == request.scope["path"]]
    return set[str]().union(*(each.methods or set() for each in literal or fitting))


def _request_id(request: Request) -> str:
    return str(request.scope.get("state", {}).get("request_id", ""))
