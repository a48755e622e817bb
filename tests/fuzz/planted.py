"""A small app as a target: a mistake in every operation but the first."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.security import HTTPBearer
from pydantic import BaseModel

from tests.fuzz.target import NOBODY, Caller, Target

TOKEN = "the token"
KNOWN = "a-known-thing"


class ThingOut(BaseModel):
    id: str


async def _token(request: Request) -> None:
    if request.headers.get("authorization") != f"Bearer {TOKEN}":
        raise HTTPException(401)


TOLD = Depends(HTTPBearer(auto_error=False))
"""Tells the document that a token is needed, and looks at none."""
router = APIRouter(dependencies=[TOLD])
guarded = APIRouter(dependencies=[TOLD, Depends(_token)])


@guarded.get("/fine/{id}")
async def fine(id: str, size: Annotated[int, Query(ge=0)] = 1) -> ThingOut:  # noqa: ARG001
    if id != KNOWN:
        raise HTTPException(404)
    return ThingOut(id=id)


@guarded.get("/server-error")
async def server_error(size: int = 1) -> ThingOut:
    return ThingOut(id=str(1 // size))


@guarded.get("/undescribed-status")
async def undescribed_status(size: int = 1) -> ThingOut:
    if size < 0:
        raise HTTPException(418)
    return ThingOut(id="1")


@guarded.get("/another-body", response_model=ThingOut)
async def another_body() -> Response:
    return Response('{"id": 1}', media_type="application/json")


@guarded.get("/another-content-type", response_model=ThingOut)
async def another_content_type() -> Response:
    return Response("1", media_type="text/plain")


_HEADER = {"headers": {"X-Told": {"required": True, "schema": {"type": "string"}}}}


@guarded.get("/missing-header", responses={200: _HEADER})
async def missing_header() -> ThingOut:
    return ThingOut(id="1")


@guarded.get("/forbidden-value")
async def forbidden_value(
    size: Annotated[int, Query(json_schema_extra={"maximum": 5})] = 1,  # noqa: ARG001
) -> ThingOut:
    return ThingOut(id="1")


@router.get("/ignored-authentication")
async def ignored_authentication() -> ThingOut:
    return ThingOut(id="1")


@router.get("/look-before-the-door")
async def look_before_the_door(request: Request, size: int) -> ThingOut:  # noqa: ARG001
    await _token(request)
    return ThingOut(id="1")


@guarded.get("/never-reached/{id}")
async def never_reached(id: str) -> ThingOut:  # noqa: ARG001
    raise HTTPException(404)


_NONSENSE = Query(json_schema_extra={"pattern": r"\p{Nonsense}+("})


@guarded.get("/unreadable-pattern")
async def unreadable_pattern(code: Annotated[str, _NONSENSE] = "1") -> ThingOut:  # noqa: ARG001
    return ThingOut(id="1")


@asynccontextmanager
async def planted() -> AsyncIterator[tuple[FastAPI, Target]]:
    """What `serving` serves: an admin may do everything and nobody nothing."""
    app = FastAPI(responses={401: {"model": dict[str, str]}, 404: {"model": dict[str, str]}})
    app.include_router(router)
    app.include_router(guarded)
    supply = {"GET /fine/{id}": {"path.id": [KNOWN]}}
    callers = [Caller("admin", TOKEN, supply, {}), Caller(NOBODY, None, supply, {})]
    yield (
        app,
        Target(
            documents={"planted": app.openapi()},
            callers={caller.role: caller for caller in callers},
            may=lambda role, _: role != NOBODY,
        ),
    )
