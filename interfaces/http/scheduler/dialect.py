"""How the Scheduler contract speaks. Source: its document, "API Surface"."""

from typing import Any

from fastapi import APIRouter

from domain.shared.errors import Kind
from interfaces.http.dialect import Dialect, Problem, contract_router
from interfaces.http.scheduler.common import ErrorOut

_NAMES = {
    Kind.INVALID: "ValidationError",
    Kind.UNAUTHENTICATED: "AuthenticationError",
    Kind.FORBIDDEN: "PermissionError",
    Kind.NOT_FOUND: "NotFoundError",
    Kind.RULE_BROKEN: "RuleViolation",
    Kind.CONFLICT: "ConflictError",
    Kind.STALE: "PreconditionFailed",
    Kind.KEY_REUSED: "IdempotencyKeyReused",
    Kind.TOO_MANY_REQUESTS: "RateLimitError",
    Kind.UNAVAILABLE: "ServiceUnavailable",
    "no_route": "NotFoundError",
    "method_not_allowed": "MethodNotAllowed",
    "body_too_large": "PayloadTooLarge",
    "unsupported_media_type": "UnsupportedMediaType",
    "internal": "InternalError",
}


def _body(problem: Problem) -> dict[str, Any]:
    return {
        "error": _NAMES[problem.kind],
        "message": problem.message,
        "details": dict(problem.details),
    }


SCHEDULER = Dialect(
    name="scheduler",
    prefix="/",
    statuses={
        Kind.INVALID: 422,
        Kind.UNAUTHENTICATED: 401,
        Kind.FORBIDDEN: 403,
        Kind.NOT_FOUND: 404,
        Kind.RULE_BROKEN: 422,
        Kind.CONFLICT: 409,
        Kind.STALE: 412,
        Kind.KEY_REUSED: 422,
        Kind.TOO_MANY_REQUESTS: 429,
        Kind.UNAVAILABLE: 503,
    },
    body=_body,
    error=ErrorOut,
)


def scheduler_router() -> APIRouter:
    return contract_router(SCHEDULER)
