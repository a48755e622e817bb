"""What is nobody's contract speaks RFC 9457."""

from fastapi import APIRouter

from domain.shared.errors import Kind
from interfaces.http.dialect import PROBLEM_JSON, Dialect, ProblemOut, contract_router, problem_json

PLATFORM_DIALECT = Dialect(
    name="platform",
    prefix="/.well-known",
    statuses={
        Kind.INVALID: 422,
        Kind.UNAUTHENTICATED: 401,
        Kind.FORBIDDEN: 403,
        Kind.NOT_FOUND: 404,
        Kind.RULE_BROKEN: 409,
        Kind.CONFLICT: 409,
        Kind.STALE: 412,
        Kind.KEY_REUSED: 422,
        Kind.TOO_MANY_REQUESTS: 429,
        Kind.UNAVAILABLE: 503,
    },
    body=problem_json,
    error=ProblemOut,
    media_type=PROBLEM_JSON,
)


def platform_router() -> APIRouter:
    return contract_router(PLATFORM_DIALECT)
