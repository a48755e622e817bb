"""A worker's own small HTTP server: /healthz, /readyz and /metrics."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Generator
from dataclasses import asdict

import structlog
import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infrastructure.backlog import Backlog
from infrastructure.readiness import Readiness

RETRY = 5.0
"""Seconds between two attempts at a port that is taken."""

log = structlog.get_logger()


def health_app(readiness: Readiness, backlog: Backlog) -> Starlette:
    async def ready(_request: Request) -> JSONResponse:
        report = await readiness.report()
        return JSONResponse(asdict(report), status_code=200 if report.ready else 503)

    async def metrics(_request: Request) -> Response:
        return Response(await backlog.exposition(), media_type=CONTENT_TYPE_LATEST)

    routes = [Route("/healthz", _alive), Route("/readyz", ready), Route("/metrics", metrics)]
    return Starlette(routes=routes)


async def _alive(_request: Request) -> JSONResponse:
    return JSONResponse({"alive": True})


class HealthServer:
    def __init__(self, readiness: Readiness, backlog: Backlog, host: str, port: int) -> None:
        self._app = health_app(readiness, backlog)
        self._address = (host, port)

    async def run(self) -> None:
        """Serve until cancelled. A port that is taken is told once and waited for: a second worker
        on the machine works without. Raises OSError when the address can't be had at all.
        """
        with await self._listening() as listening:
            config = uvicorn.Config(
                self._app, log_config=None, access_log=False, lifespan="off", ws="none"
            )
            server = _Server(config)
            try:
                await server.serve(sockets=[listening])
            finally:
                # Cancelled, it leaves them to whoever closes the number, perhaps somebody else's.
                for one in getattr(server, "servers", ()):
                    one.close()

    async def _listening(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET
        is_told = False
        while True:
            try:
                return socket.create_server(self._address, family=family)
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
            if not is_told:
                log.warning("health.port_taken", port=self._address[1])
            is_told = True
            await asyncio.sleep(RETRY)


class _Server(uvicorn.Server):
    """Leaves the signals to the worker."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield
