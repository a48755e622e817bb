"""Around every request: its id, its log line, its time, and how much of it is read."""

import re
from collections.abc import Mapping
from time import perf_counter
from typing import Any
from uuid import uuid4

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from application.access import Actor
from infrastructure import metrics

_HARMLESS = re.compile(r"[A-Za-z0-9._-]{1,100}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Told apart in metrics, which must not grow with what strangers make up."""

log = structlog.get_logger()


def harmless_id(text: str | None) -> str | None:
    """A client's id for something, if it is one that can go into headers, logs and rows."""
    return text if text is not None and _HARMLESS.fullmatch(text) else None


class RequestContext:
    """Gives each request an id (the client's X-Request-Id when it is a harmless one), answers with
    it, counts the request and writes one line. Paths are logged as routes, without their values.

    A body of more than `max_body_bytes`, or of what `larger` allows a method and path, is not read
    to its end; whoever reads it gets a 413 to raise, so that the contract words it. (FastAPI's own
    limit answers past all contracts.)
    """

    def __init__(
        self, app: ASGIApp, max_body_bytes: int, larger: Mapping[tuple[str, str], int] | None = None
    ) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes
        self._larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = harmless_id(_header(scope, b"x-request-id")) or str(uuid4())
        scope.setdefault("state", {})["request_id"] = request_id
        started = perf_counter()
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-request-id", request_id.encode()))
            await send(message)

        try:
            await self._app(scope, self._limited(scope, receive), answer)
        finally:
            _tell(scope, status, perf_counter() - started)

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        most = self._larger.get((scope["method"], scope["path"]), self._max_body_bytes)
        left = most

        async def limited() -> Message:
            nonlocal left
            if left == most and _announced(scope) > left:
                raise _too_large(most)
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise _too_large(most)
            return message

        return limited


def _too_large(most: int) -> HTTPException:
    return HTTPException(413, f"The body is larger than {most} bytes.")


def _header(scope: Scope, wanted: bytes) -> str | None:
    for name, value in scope["headers"]:
        if name == wanted:
            return str(value.decode("latin-1"))
    return None


def _announced(scope: Scope) -> int:
    """The body's length in bytes, as far as the request says it."""
    length = _header(scope, b"content-length") or ""
    return int(length) if length.isdecimal() and len(length) < 20 else 0  # noqa: PLR2004 - digits


def _tell(scope: Scope, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path_format", "none")
    method = scope["method"] if scope["method"] in _METHODS else "other"
    metrics.request_seconds(method, route, status).observe(seconds)
    state: dict[str, Any] = scope["state"]
    actor: Actor | None = state.get("actor")
    log.info(
        "request",
        method=method,
        route=route,
        status=status,
        ms=round(seconds * 1000, 2),
        request_id=state["request_id"],
        actor=actor and str(actor.account_id),
        tenant=actor and str(actor.tenant_id),
    )
