"""A dialect: how one published contract says what all contracts mean."""

from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response, params
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from domain.shared.errors import Kind
from interfaces.http.authentication import Needs, authenticate, demand_https
from interfaces.http.call import Call
from interfaces.http.plain import Plain
from interfaces.http.undeclared import Undeclared


@dataclass(frozen=True)
class Problem:
    """A failure on its way out, before any contract has given it words."""

    kind: str
    """A `Kind`, or one of `HTTP_KINDS`."""
    status: int
    message: str
    details: Mapping[str, Any]
    request_id: str


HTTP_KINDS = {
    404: "no_route",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
    500: "internal",
}
"""What HTTP itself refuses, before any contract is asked."""


@dataclass(frozen=True)
class Dialect:
    name: str
    prefix: str
    """Paths below it that match no route are answered in this dialect."""
    statuses: Mapping[Kind, int]
    body: Callable[[Problem], dict[str, Any]]
    error: type[BaseModel]
    """The shape of `body`, for the contract's document."""
    media_type: str = "application/json"


class ContractRoute(APIRoute):
    """A route that knows its contract's dialect and who may pass; see `contract_router`.

    Before anything of a request is read it is found out who asks and whether that is allowed: by
    plain calls, since FastAPI's dependencies would cost time and come after the body. What the
    route does not take is refused before anything is done.
    """

    dialect: Dialect
    not_here: Collection[str] = ()
    """Paths of its shape that others spell out: ``/members/roles`` is nobody's ``{account_id}``,
    whatever the method.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        dependencies: Sequence[params.Depends] | None = None,
        **options: Any,
    ) -> None:
        given = dependencies or ()
        self.guards = [d.dependency for d in given if isinstance(d.dependency, Needs)]
        others = [d for d in given if not isinstance(d.dependency, Needs)]
        super().__init__(path, endpoint, dependencies=others, **options)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return (Match.NONE, {}) if scope["path"] in self.not_here else super().matches(scope)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle, plain = super().get_route_handler(), Plain.of(self)
        undeclared = Undeclared(self)

        async def admitted(request: Request) -> Response:
            call = Call(request)
            demand_https(call)
            await authenticate(call)
            for guard in self.guards:
                guard.admit(call)
            await undeclared.refuse(call)
            answer = await plain.answer(call) if plain is not None else None
            if answer is None:
                answer = await handle(call)
            answer.headers.update(call.answer_headers)
            return answer

        return admitted


def contract_router(dialect: Dialect) -> APIRouter:
    """A router whose routes speak the dialect and are closed unless public by name; an endpoint's
    name is its operation's id.
    """
    route = type(f"{dialect.name.capitalize()}Route", (ContractRoute,), {"dialect": dialect})
    return APIRouter(route_class=route, generate_unique_id_function=lambda route: route.name)


def keep_apart(routes: Iterable[BaseRoute]) -> None:
    """Tell every route with parameters which paths are spelled out by others."""
    ours = [route for route in routes if isinstance(route, ContractRoute)]
    spelled_out = {route.path for route in ours if not route.param_convertors}
    for route in ours:
        if route.param_convertors:
            route.not_here = frozenset(filter(route.path_regex.match, spelled_out))


PROBLEM_JSON = "application/problem+json"


class ProblemOut(BaseModel):
    """A failure as RFC 9457 tells it."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    details: dict[str, Any] | None = None


def problem_json(problem: Problem) -> dict[str, Any]:
    """RFC 9457, for whoever asks for it by ``Accept``, in any contract."""
    return {
        "type": f"urn:opstream:problem:{problem.kind}",
        "title": problem.kind.replace("_", " ").capitalize(),
        "status": problem.status,
        "detail": problem.message,
        "request_id": problem.request_id,
        **({"details": problem.details} if problem.details else {}),
    }
