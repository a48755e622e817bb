"""The HTTP application: one app for all contracts."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import APIRouter, FastAPI

from infrastructure import garbage
from infrastructure.bootstrap import Core, core
from infrastructure.settings import Settings
from interfaces.http.dialect import Dialect, keep_apart
from interfaces.http.eventflow.dialect import EVENTFLOW
from interfaces.http.eventflow.router import eventflow
from interfaces.http.failures import render_failures
from interfaces.http.middleware import RequestContext
from interfaces.http.pages import serve_documents
from interfaces.http.platform.dialect import PLATFORM_DIALECT
from interfaces.http.platform.router import platform
from interfaces.http.route_index import RouteIndex
from interfaces.http.scheduler.dialect import SCHEDULER
from interfaces.http.scheduler.imports import IMPORTING
from interfaces.http.scheduler.router import scheduler

CONTRACTS: dict[str, tuple[Dialect, Callable[[], APIRouter]]] = {
    "scheduler": (SCHEDULER, scheduler),
    "eventflow": (EVENTFLOW, eventflow),
    "platform": (PLATFORM_DIALECT, platform),
}
"""Every published contract: its dialect and its routes."""


def build_app(
    settings: Settings,
    connect: Callable[[Settings], AbstractAsyncContextManager[Core]] = core,
) -> FastAPI:
    """The app; its lifespan connects what endpoints find as ``app.state.core``."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with connect(settings) as app.state.core:
            garbage.calm()
            yield

    app = FastAPI(
        title="opstream",
        lifespan=lifespan,
        openapi_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.add_middleware(
        RequestContext,
        max_body_bytes=settings.max_body_bytes,
        larger={IMPORTING: max(settings.max_import_bytes, settings.max_body_bytes)},
    )
    # Not include_router: that matches lazily, level by level, which costs a sixth of a command.
    for _, routes in CONTRACTS.values():
        app.router.routes.extend(routes().routes)
    keep_apart(app.router.routes)
    app.router.routes.insert(0, RouteIndex(app.router.routes))
    serve_documents(app, CONTRACTS)
    render_failures(app, [dialect for dialect, _ in CONTRACTS.values()])
    return app
