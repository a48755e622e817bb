"""Health, metrics and the public keys."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from infrastructure.bootstrap import Core
from infrastructure.readiness import CRITICAL
from interfaces.http.platform.dialect import platform_router


class CheckOut(BaseModel):
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
    router.get("/metrics", tags=["health"], response_class=Response)(metrics)
    router.get("/.well-known/jwks.json", tags=["keys"])(jwks)
    return router


async def healthz() -> AliveOut:
    """The process is alive."""
    return AliveOut()


async def readyz(request: Request, response: Response) -> ReadyOut:
    """Each part that the system stands on, by name; 503 when a critical one is not well."""
    core: Core = request.app.state.core
    checks = {
        name: CheckOut(critical=name in CRITICAL, **asdict(finding))
        for name, finding in (await core.readiness.findings()).items()
    }
    ready = all(check.ok for check in checks.values() if check.critical)
    response.status_code = 200 if ready else 503
    return ReadyOut(ready=ready, checks=checks)


async def metrics() -> Response:
    """Prometheus metrics of this process."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def jwks(request: Request) -> dict[str, Any]:
    """The public keys of our access tokens (RFC 7517)."""
    core: Core = request.app.state.core
    return core.tokens.jwks()
