"""What answers must look like."""

from typing import Any

import httpx


def refused(response: httpx.Response, status: int, error: str) -> dict[str, Any]:
    """It is an error in the Scheduler contract's words; answers with its details."""
    body = response.json()
    assert (response.status_code, body["error"]) == (status, error), response.text
    assert set(body) == {"error", "message", "details"}
    assert body["message"]
    assert response.headers["content-type"] == "application/json"
    details: dict[str, Any] = body["details"]
    return details


def invalid(response: httpx.Response, *fields: str) -> None:
    """It names exactly these fields."""
    details = refused(response, 422, "ValidationError")
    assert sorted(details["fields"]) == sorted(fields), response.text


def broken(response: httpx.Response, *rules: str) -> list[dict[str, Any]]:
    """Exactly these rules were broken; answers with what is told of each."""
    details = refused(response, 422, "RuleViolation")
    told: list[dict[str, Any]] = details["broken"]
    assert [one["rule"] for one in told] == list(rules)
    return told


def page(*items: Any, number: int = 1, size: int = 50, total: int | None = None) -> dict[str, Any]:
    return {
        "items": list(items),
        "page": number,
        "page_size": size,
        "total": len(items) if total is None else total,
    }
