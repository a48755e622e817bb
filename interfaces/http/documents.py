"""One OpenAPI document per contract, and pages to try it out."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute, iter_route_contexts

from interfaces.http.dialect import Dialect

Contracts = Mapping[str, tuple[Dialect, Callable[[], APIRouter]]]

SECURITY = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}


def openapi_of(name: str, contracts: Contracts) -> dict[str, Any]:
    """The document of one contract. Raises KeyError when there is none of that name."""
    _, routes = contracts[name]
    app = FastAPI()
    app.include_router(routes())
    contexts = [
        c for c in iter_route_contexts(app.routes) if isinstance(c.original_route, APIRoute)
    ]
    document = get_openapi(
        title=f"opstream: {name}",
        version="1",
        description=f"The {name} contract of opstream.",
        routes=contexts,
    )
    document.setdefault("components", {})["securitySchemes"] = SECURITY
    document["security"] = [{"bearer": []}]
    return document


def serve_documents(app: FastAPI, contracts: Contracts) -> None:
    """``/docs/{contract}`` and ``/openapi/{contract}.json``, open to everybody."""
    documents: dict[str, dict[str, Any]] = {}

    async def document(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in contracts:
            return Response(status_code=404)
        if name not in documents:
            documents[name] = openapi_of(name, contracts)
        return JSONResponse(documents[name])

    async def page(request: Request) -> Response:
        name = request.path_params.get("name", next(iter(contracts)))
        return get_swagger_ui_html(openapi_url=f"/openapi/{name}.json", title=f"opstream: {name}")

    app.add_route("/openapi/{name}.json", document, include_in_schema=False)
    app.add_route("/docs/{name}", page, include_in_schema=False)
    app.add_route("/docs", page, include_in_schema=False)
