"""Finds a request's route by the shape of its path, instead of asking one route after the other."""

from collections import defaultdict
from collections.abc import Iterable

from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

Shape = tuple[int, str]
"""How many steps a path has, and the first of them."""


class RouteIndex(BaseRoute):
    """Stands before the routes that it knows, and answers for the one that fits.

    With five contracts a request would otherwise try hundreds of regular expressions. What is not
    found here (no such path, or not by that method) falls through to the routes themselves.
    """

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self._by_shape: defaultdict[Shape, list[APIRoute]] = defaultdict(list)
        for route in routes:
            if isinstance(route, APIRoute) and not route.path.startswith("/{"):
                self._by_shape[_shape(route.path)].append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http" or scope.get("root_path"):
            return Match.NONE, {}
        for route in self._by_shape.get(_shape(scope["path"]), ()):
            match, child_scope = route.matches(scope)
            if match is Match.FULL:
                return match, child_scope
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        route: APIRoute = scope["route"]
        await route.handle(scope, receive, send)


def _shape(path: str) -> Shape:
    steps = path.split("/", 2)
    return path.count("/"), steps[1] if len(steps) > 1 else ""
