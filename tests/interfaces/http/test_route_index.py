"""The index finds what asking every route in turn would find."""

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Match

from infrastructure.settings import Settings
from interfaces.http.app import build_app
from interfaces.http.route_index import RouteIndex

ROUTES = [route for route in build_app(Settings()).router.routes if isinstance(route, APIRoute)]


def found(method, path, root_path=""):
    scope = {"type": "http", "method": method, "path": path, "root_path": root_path, "headers": []}
    match, child_scope = RouteIndex(ROUTES).matches(scope)
    return child_scope["route"] if match is Match.FULL else None


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.name}")
def test_every_route_is_found_by_its_path(route):
    path = route.path.replace("{", "").replace("}", "")
    for method in route.methods:
        assert found(method, path) is route


def test_there_were_routes_to_find():
    assert len(ROUTES) >= 17


@pytest.mark.parametrize("path", ["", "/", "*", "/shifts/", "/shifts/1/publish/2", "//shifts"])
def test_another_path_is_left_to_the_routes(path):
    assert found("POST", path) is None


def test_another_method_is_left_to_the_routes_which_know_what_is_allowed():
    assert found("DELETE", "/shifts") is None


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_path_that_is_spelled_out_is_no_other_routes_parameter(method):
    assert found("GET", "/members/roles").name == "get_access_roles"
    assert found(method, "/members/roles") is None
    assert found(method, "/members/rules") is not None
