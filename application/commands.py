"""What a command is, and the registry of commands and their handlers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar, dataclass_transform

from application.ports import Result
from application.unit_of_work import Work
from domain.shared.permissions import Permission

R_co = TypeVar("R_co", bound=Result, covariant=True)
R = TypeVar("R", bound=Result)
C = TypeVar("C", bound="Command[Any]")

Handler = Callable[[C, Work], Awaitable[R]]


class Command(Generic[R_co]):
    """A wish that may be refused; `R_co` is what it answers with when it is not."""

    needs: ClassVar[Permission]


@dataclass(frozen=True)
class Deferred(Generic[R_co]):
    """A command of this kind that something has to be looked up for.

    `make` runs where the request's idempotency key holds already: its failures are remembered like
    a handler's, and it is not run for a request that was answered before.
    """

    kind: type[Command[R_co]]
    make: Callable[[], Awaitable[Command[R_co]]]


@dataclass_transform(frozen_default=True)
def command(*, needs: str) -> Callable[[type[C]], type[C]]:
    """Make a class a command that needs the permission ``resource:action[:scope]``.

    With the scope ``own``, the handler must make sure that it is the actor's own.
    """

    def decorate(cls: type[C]) -> type[C]:
        made = dataclass(frozen=True)(cls)
        made.needs = Permission.parse(needs)
        return made

    return decorate


HANDLERS: dict[type[Command[Any]], Handler[Any, Any]] = {}


def handles(
    kind: type[Command[R]],
) -> Callable[[Callable[[C, Work], Awaitable[R]]], Callable[[C, Work], Awaitable[R]]]:
    """Register the one function that carries out a command."""

    def register(handler: Callable[[C, Work], Awaitable[R]]) -> Callable[[C, Work], Awaitable[R]]:
        if kind in HANDLERS:
            raise TypeError(f"{kind.__name__} has a handler already")
        HANDLERS[kind] = handler
        return handler

    return register
