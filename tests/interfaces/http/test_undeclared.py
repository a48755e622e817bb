"""What no document describes is refused by name, wherever it is sent, and nothing is done."""

from types import SimpleNamespace
from typing import Annotated
from uuid import uuid4

import pytest
from fastapi import Query
from fastapi.routing import APIRoute
from starlette.datastructures import QueryParams

from domain.identity.roles import ROLES
from infrastructure.settings import Settings
from interfaces.http.app import build_app
from interfaces.http.dialect import ContractRoute
from interfaces.http.undeclared import Undeclared
from tests.interfaces.http.answers import invalid, refused
from tests.support.api import a_draft, a_unit, position

ROUTES = [r for r in build_app(Settings()).router.routes if isinstance(r, APIRoute)]
UNKNOWN, TWICE = "is not known here", "is given more than once"


def fields(response):
    invalid(response, *response.json()["details"]["fields"])
    return response.json()["details"]["fields"]


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("statuss=draft", {"statuss": UNKNOWN}),
        ("status=draft&status=draft", {"status": TWICE}),
        ("page=zzz&page=1", {"page": TWICE}),
        ("page_size=1&Page=1&page=1", {"page_size": UNKNOWN, "Page": UNKNOWN}),
        ("a=1&a=2&page=1&page=2", {"a": UNKNOWN, "page": TWICE}),
        ("=1", {"query": UNKNOWN}),
        ("a", {"a": UNKNOWN}),
        ("%ED%A0%80=1&%00=1", {"\ufffd\ufffd\ufffd": UNKNOWN, "\x00": UNKNOWN}),
    ],
)
async def test_a_parameter_that_is_unknown_or_repeated_is_named(api, query, wrong):
    assert fields(await api.coordinator.get(f"/shifts?{query}")) == wrong


@pytest.mark.parametrize("query", ["", "&", "status=draft&page=1&pageSize=1"])
async def test_what_is_known_passes(api, query):
    assert (await api.coordinator.get(f"/shifts?{query}")).status_code == 200


async def test_a_thousand_unknown_parameters_are_not_all_told(api):
    query = "&".join(f"{'p' * 300}{number}=1" for number in range(100))
    response = await api.coordinator.get(f"/shifts?{query}")
    assert response.status_code == 422
    assert len(response.content) < 20_000


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
async def test_no_operation_takes_what_it_does_not_declare(api, route):
    assert isinstance(route, ContractRoute)
    method, path = next(iter(route.methods)), route.path_format
    for name in route.param_convertors:
        path = path.replace(f"{{{name}}}", str(uuid4()))
    before = await position(api)
    client = _who_may(api, route)
    asked = await client.request(method, f"{path}?unheard=1")
    assert asked.json()["details"] == {"fields": {"unheard": UNKNOWN}}
    if route.body_field is None:
        sent = await client.request(method, path, json={"unknown": 1})
        assert sent.json()["details"] == {"fields": {"body": UNKNOWN}}
    assert await position(api) == before


def _who_may(api, route):
    """Who works on shifts does some things that no admin does."""
    guards = [guard.permission for guard in route.guards]
    may = all(permission.satisfied_by(ROLES["admin"]) for permission in guards)
    return api.admin if may else api.volunteer


@pytest.mark.parametrize("body", [b'{"unknown": 1}', b"not json", b"null", b"[]", b"\x00", b"{}{}"])
@pytest.mark.parametrize("announced", [True, False], ids=["announced", "chunked"])
async def test_a_body_that_nobody_asked_for_is_refused(api, body, announced):
    async def chunks():
        yield body

    path = f"/shifts/{await a_draft(api)}/publish"
    before = await position(api)
    response = await api.coordinator.post(path, content=body if announced else chunks())
    assert fields(response) == {"body": UNKNOWN}
    assert await position(api) == before


@pytest.mark.parametrize("body", [b"", b"{}", b" {}\n"])
async def test_a_body_that_holds_nothing_is_none(api, body):
    path = f"/shifts/{await a_draft(api)}/publish"
    assert (await api.coordinator.post(path, content=body)).status_code == 200


async def test_who_may_not_ask_learns_nothing_of_parameters(api):
    refused(await api.nobody.get("/shifts?statuss=1"), 401, "AuthenticationError")
    refused(await api.volunteer.post("/units?a=1", json={}), 403, "PermissionError")


async def test_the_short_way_is_no_way_around(api):
    path = f"/units/{await a_unit(api)}?zone=UTC"
    assert fields(await api.admin.patch(path, json={"name": "Attic"})) == {"zone": UNKNOWN}


@pytest.mark.parametrize("several", [list[str], list[str] | None, set[int] | None])
async def test_a_parameter_of_several_values_may_be_repeated(several):
    async def get_things(tag: Annotated[several, Query()]): ...

    query = b"tag=1&tag=2"
    call = SimpleNamespace(
        scope={"query_string": query}, query_params=QueryParams(query), header=lambda _: None
    )
    await Undeclared(APIRoute("/things", get_things)).refuse(call)
