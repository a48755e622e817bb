"""One OpenAPI document per contract."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from pydantic import BaseModel

from domain.shared.errors import Kind
from interfaces.http.dialect import Dialect, ProblemOut
from interfaces.http.operations import HEADERS, PARAMETERS, Operation, parameter

Contracts = Mapping[str, tuple[Dialect, Callable[[], APIRouter]]]

_SECURITY = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
_NOTHING_ELSE = (
    "What is not described is refused with {status}: other fields and query parameters, a "
    "parameter given twice, and a body where there is none, unless it is `{{}}`."
)
_REPLACED = ("HTTPValidationError", "ValidationError")
"""FastAPI's own words for what is not valid, which no contract says."""


def openapi_of(name: str, contracts: Contracts) -> dict[str, Any]:
    """The document of one contract. Raises KeyError when there is none of that name."""
    dialect, routes = contracts[name]
    contexts = _contexts(routes())
    document = get_openapi(
        title=f"opstream: {name}",
        version="1",
        description=f"The {name} contract of opstream.\n\n{_nothing_else(dialect)}",
        routes=contexts,
    )
    components = document.setdefault("components", {})
    components |= _shared(dialect, components.get("schemas", {}))
    document["security"] = [{"bearer": []}]
    for context in contexts:
        route = context.original_route
        assert isinstance(route, APIRoute)  # noqa: S101 - the others were left out
        path = str(context.path)
        for method in route.methods or ():
            described = document["paths"][path][method.lower()]
            Operation(method, path, route, dialect).describe(described, components)
    _drop_what_nobody_mentions(document)
    return document


def _nothing_else(dialect: Dialect) -> str:
    return _NOTHING_ELSE.format(status=dialect.statuses[Kind.INVALID])


def _contexts(router: APIRouter) -> list[RouteContext]:
    app = FastAPI()
    app.include_router(router)
    every = iter_route_contexts(app.routes)
    return [context for context in every if isinstance(context.original_route, APIRoute)]


def _shared(dialect: Dialect, schemas: dict[str, Any]) -> dict[str, Any]:
    kept = {name: schema for name, schema in schemas.items() if name not in _REPLACED}
    errors = {model.__name__: _schema(model) for model in (dialect.error, ProblemOut)}
    return {
        "schemas": kept | errors,
        "responses": {},
        "parameters": {name: parameter(name) for name in PARAMETERS},
        "headers": dict(HEADERS),
        "securitySchemes": _SECURITY,
    }


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(ref_template="#/components/schemas/{model}")


def _drop_what_nobody_mentions(document: dict[str, Any]) -> None:
    for section in ("headers", "parameters"):
        text = str(document)
        components = document["components"]
        components[section] = {
            name: what
            for name, what in components[section].items()
            if f"#/components/{section}/{name}'" in text
        }
