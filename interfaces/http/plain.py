"""The short way through a plain endpoint: JSON in, a command, JSON out.

FastAPI's way is made for every kind of parameter, and costs a command a quarter of the API's time.
An endpoint that has only path parameters, a body and its Call needs none of that. Whatever is not
as usual (a query, another content type, a body or a path that does not fit) goes FastAPI's way
after all, so that there is one place where a request is found wrong.
"""

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction, signature
from typing import Any, Self

from fastapi import Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter

from interfaces.http.call import Call

JSON = "application/json"


class Plain:
    def __init__(self, route: APIRoute, call: str) -> None:
        self._endpoint: Callable[..., Awaitable[BaseModel]] = route.endpoint
        self._status = route.status_code or 200
        self._call = call
        self._steps: dict[str, TypeAdapter[Any]] = {}
        self._body: tuple[str, TypeAdapter[Any]] | None = None
        said = signature(route.endpoint)
        self._answer: TypeAdapter[Any] = TypeAdapter(said.return_annotation)
        for name, parameter in said.parameters.items():
            if name in route.param_convertors:
                self._steps[name] = TypeAdapter(parameter.annotation)
            elif name != call and name not in _left_out(route):
                self._body = name, TypeAdapter(parameter.annotation)

    @classmethod
    def of(cls, route: APIRoute) -> Self | None:
        """The short way, if the route's endpoint is plain."""
        said = signature(route.endpoint)
        kinds = {
            name: parameter.annotation
            for name, parameter in said.parameters.items()
            if name not in {*route.param_convertors, *_left_out(route)}
        }
        calls = [name for name, kind in kinds.items() if kind is Call]
        bodies = [name for name, kind in kinds.items() if _is_model(kind)]
        usual = len(calls) == 1 and len(bodies) <= 1 and len(kinds) == len(calls) + len(bodies)
        coroutine = iscoroutinefunction(route.endpoint) and _is_model(said.return_annotation)
        return cls(route, calls[0]) if usual and coroutine and not route.dependencies else None

    async def answer(self, call: Call) -> Response | None:
        """The endpoint's answer; None when the request is not as usual, and nothing was done."""
        values = await self._values(call)
        if values is None:
            return None
        answer = await self._endpoint(**values)
        return Response(self._answer.dump_json(answer, by_alias=True), self._status, None, JSON)

    async def _values(self, call: Call) -> dict[str, Any] | None:
        if call.scope["query_string"]:
            return None
        values: dict[str, Any] = {self._call: call}
        try:
            for name, adapter in self._steps.items():
                values[name] = adapter.validate_python(call.path_params[name])
            if self._body is not None:
                if call.header(b"content-type") != JSON:
                    return None
                name, adapter = self._body
                values[name] = adapter.validate_json(await call.body())
        except ValueError:
            return None
        return values


def _left_out(route: APIRoute) -> set[str]:
    """Parameters of the query that most requests leave out."""
    return {
        field.name for field in route.dependant.query_params if not field.field_info.is_required()
    }


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
