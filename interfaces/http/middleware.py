"""Around every request: its id, its log line, its time."""

import re
from time import perf_counter
from typing import Any
from uuid import uuid4

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from application.access import Actor
from infrastructure import metrics

_ACCEPTABLE_ID = re.compile(rb"[A-Za-z0-9._-]{1,100}")

log = structlog.get_logger()


class RequestContext:
    """Gives each request an id (the client's X-Request-Id when it is a harmless one), answers with
    it, counts the request and writes one line. Paths are logged as routes, without their values.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
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
            await self._app(scope, receive, answer)
        finally:
            _tell(scope, status, perf_counter() - started)


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _ACCEPTABLE_ID.fullmatch(value):
            return str(value.decode())
    return str(uuid4())


def _tell(scope: Scope, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path_format", "none")
    metrics.REQUEST_SECONDS.labels(scope["method"], route, status).observe(seconds)
    state: dict[str, Any] = scope["state"]
    actor: Actor | None = state.get("actor")
    log.info(
        "request",
        method=scope["method"],
        route=route,
        status=status,
        ms=round(seconds * 1000, 2),
        request_id=state["request_id"],
        actor=actor and str(actor.account_id),
        tenant=actor and str(actor.tenant_id),
    )
