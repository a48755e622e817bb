"""Health, metrics and the public keys."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel

from infrastructure.bootstrap import Core
from interfaces.http.platform.dialect import platform_router


class CheckOut(BaseModel, from_attributes=True):
    """`events` and `seconds` tell how far behind something is, or how long the check took."""

    ok: bool
    critical: bool
    events: int | None = None
    seconds: float | None = None
    error: str | None = None


class ReadyOut(BaseModel):
    ready: bool
    checks: dict[str, CheckOut]


class AliveOut(BaseModel):
    alive: bool = True


def platform() -> APIRouter:
    router = platform_router()
    router.get("/healthz", tags=["health"])(healthz)
    router.get("/readyz", tags=["health"], responses={503: {"model": ReadyOut}})(readyz)
    router.get("/metrics", tags=["health"], response_class=PlainTextResponse)(metrics)
    router.get("/.well-known/jwks.json", tags=["keys"])(jwks)
    return router


async def healthz() -> AliveOut:
    """The process is alive."""
    return AliveOut()


async def readyz(request: Request, response: Response) -> ReadyOut:
    """Each part that the system stands on, by name; 503 when a critical one is not well."""
    core: Core = request.app.state.core
    report = await core.readiness.report()
    response.status_code = 200 if report.ready else 503
    return ReadyOut.model_validate(report, from_attributes=True)


async def metrics(request: Request) -> Response:
    """Prometheus metrics of this process."""
    core: Core = request.app.state.core
    return Response(await core.backlog.exposition(), media_type=CONTENT_TYPE_LATEST)


async def jwks(request: Request) -> dict[str, Any]:
    """The public keys of our access tokens (RFC 7517)."""
    core: Core = request.app.state.core
    return core.tokens.jwks()
