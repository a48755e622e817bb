"""Pages to read a contract's document and try it out, without anything from other hosts."""

from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from interfaces.http.documents import Contracts, openapi_of

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>opstream: {name}</title>
<link rel="icon" href="/docs/assets/favicon-32x32.png">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<style>body {{ margin: 0 }} nav {{ font: 1rem sans-serif; padding: 1rem 2rem }}</style>
</head>
<body>
<nav>Contracts: {links}</nav>
<div id="swagger-ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script>
SwaggerUIBundle({{
  url: "/openapi/{name}.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  persistAuthorization: true,
  validatorUrl: null,
}})
</script>
</body>
</html>
"""


def serve_documents(app: FastAPI, contracts: Contracts) -> None:
    """``/docs/{contract}`` and ``/openapi/{contract}.json``, open to everybody."""
    documents: dict[str, dict[str, Any]] = {}

    def known(request: Request) -> str:
        name: str = request.path_params.get("name", next(iter(contracts)))
        if name not in contracts:
            raise HTTPException(404)
        return name

    async def document(request: Request) -> Response:
        name = known(request)
        if name not in documents:
            documents[name] = openapi_of(name, contracts)
        return JSONResponse(documents[name])

    async def page(request: Request) -> Response:
        return HTMLResponse(_PAGE.format(name=escape(known(request)), links=links))

    links = " · ".join(f'<a href="/docs/{name}">{name}</a>' for name in map(escape, contracts))
    if (folder := _assets()) is not None:
        app.mount("/docs/assets", StaticFiles(directory=folder))
    app.add_route("/openapi/{name}.json", document, include_in_schema=False)
    app.add_route("/docs/{name}", page, include_in_schema=False)
    app.add_route("/docs", page, include_in_schema=False)


def _assets() -> Path | None:
    """The folder in which the wheel `fastapi-swagger` carries Swagger UI; its code is not run.

    Without the wheel, only the pages stay empty.
    """
    spec = find_spec("fastapi_swagger")
    return None if spec is None or spec.origin is None else Path(spec.origin).parent / "resources"
