"""How the EventFlow contract speaks. Source: its document, "Error Handling"."""

from typing import Any

from fastapi import APIRouter

from domain.shared.errors import Kind
from interfaces.http.dialect import Dialect, Problem, contract_router
from interfaces.http.eventflow.common import ErrorOut


def _body(problem: Problem) -> dict[str, Any]:
    return {"ok": False, "error": _detailed(problem), "details": dict(problem.details)}


def _detailed(problem: Problem) -> str:
    """The document's error is a text alone, so it says which fields are wrong."""
    fields = problem.details.get("fields")
    if not isinstance(fields, dict) or not fields:
        return problem.message
    told = "; ".join(f"{field}: {wrong}" for field, wrong in fields.items())
    return f"{problem.message} {told}"


EVENTFLOW = Dialect(
    name="eventflow",
    prefix="/api",
    statuses={
        Kind.INVALID: 400,
        Kind.UNAUTHENTICATED: 401,
        Kind.FORBIDDEN: 403,
        Kind.NOT_FOUND: 404,
        Kind.RULE_BROKEN: 400,
        Kind.CONFLICT: 409,
        Kind.STALE: 412,
        Kind.KEY_REUSED: 400,
        Kind.TOO_MANY_REQUESTS: 429,
        Kind.UNAVAILABLE: 503,
    },
    body=_body,
    error=ErrorOut,
)


def eventflow_router() -> APIRouter:
    return contract_router(EVENTFLOW)
