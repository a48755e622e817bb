"""A worker's own small HTTP server: /healthz, /readyz and /metrics."""

import contextlib
import socket
from collections.abc import Generator

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infrastructure.readiness import Readiness


def health_app(readiness: Readiness) -> Starlette:
    async def ready(_request: Request) -> JSONResponse:
        findings = await readiness.findings()
        is_ready = all(finding.ok for finding in findings.values())
        body = {
            "status": "ready" if is_ready else "not ready",
            "checks": {name: finding.as_data() for name, finding in findings.items()},
        }
        return JSONResponse(body, status_code=200 if is_ready else 503)

    routes = [Route("/healthz", _alive), Route("/readyz", ready), Route("/metrics", _metrics)]
    return Starlette(routes=routes)


async def _alive(_request: Request) -> JSONResponse:
    return JSONResponse({"status": "alive"})


async def _metrics(_request: Request) -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


class HealthServer:
    def __init__(self, readiness: Readiness, host: str, port: int) -> None:
        self._app = health_app(readiness)
        self._address = (host, port)

    async def run(self) -> None:
        """Serve until cancelled. Raises OSError when the port can't be had."""
        family = socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET
        with socket.create_server(self._address, family=family) as listening:
            config = uvicorn.Config(
                self._app, log_config=None, access_log=False, lifespan="off", ws="none"
            )
            await _Server(config).serve(sockets=[listening])


class _Server(uvicorn.Server):
    """Leaves the signals to the worker."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield
