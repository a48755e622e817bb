"""One command on its way through the dispatcher: where it comes from, and how far it is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

from application.access import Actor
from application.commands import HANDLERS, Command, Deferred
from application.ports import Answer, Append, IdempotencyKey, Result, Stamp, Version
from application.unit_of_work import Work
from domain.shared.aggregate import Aggregate
from domain.shared.moment import happening_at


@dataclass(frozen=True)
class Request:
    """Where a command comes from."""

    actor: Actor
    request_id: str
    correlation_id: str | None = None
    causation_id: str | None = None
    key: IdempotencyKey | None = None


View = Callable[[Result], Any]


@dataclass
class Attempt:
    command: Command[Any] | Deferred[Any]
    request: Request
    view: View
    stamp: Stamp
    number: int = 0
    outcome: str = ""
    stored: int = 0

    async def decide(self, work: Work) -> Result:
        command = await self._made()
        with happening_at(self.stamp.moment):
            return cast("Result", await HANDLERS[type(command)](command, work))

    async def _made(self) -> Command[Any]:
        if isinstance(self.command, Deferred):
            self.command = await self.command.make()
        return self.command

    def append_of(self, work: Work, result: Result) -> Append:
        append = Append(self.stamp, work.events(), work.reads())
        if self.request.key is None:
            return append
        return replace(append, key=self.request.key, answer=answer_of(result))


def kind_of(command: Command[Any] | Deferred[Any]) -> type[Command[Any]]:
    return command.kind if isinstance(command, Deferred) else type(command)


def answer_of(result: Result) -> Answer:
    many = isinstance(result, tuple)
    states = result if isinstance(result, tuple) else () if result is None else (result,)
    return Answer(tuple(Version(type(state), state.id, state.version) for state in states), many)


def shaped(states: list[Aggregate], *, many: bool) -> Result:
    if many:
        return tuple(states)
    return states[0] if states else None
