"""The dispatcher: permission, decision, one append, and again from fresh state on a conflict."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any, Generic, NoReturn, TypeVar, cast
from uuid import UUID

from application.access import Actor
from application.attempt import Attempt, Request, View, answer_of, kind_of, shaped
from application.commands import Command, Deferred
from application.ports import (
    Answer,
    Clock,
    EventLog,
    IdempotencyKey,
    KeyTaken,
    Observer,
    Outcome,
    Result,
    Stamp,
    VersionConflict,
)
from application.unit_of_work import Work
from domain.shared.errors import Conflict, Failure, KeyReused, StillRunning, Unavailable
from domain.shared.ids import CommandId
from domain.shared.moment import happening_at

R = TypeVar("R", bound=Result)
V = TypeVar("V")

ATTEMPTS = 10
"""How often a command is decided anew when what it read has changed meanwhile."""

PATIENCE = 5.0
"""Seconds after which a command is answered with Unavailable, whatever it waits for."""

_NO_ANSWER = "The event log did not answer in time."
_KEEPS_CHANGING = "Others keep changing the same thing; try again."
_STILL_RUNNING = "A request with this Idempotency-Key is still running."


@dataclass(frozen=True)
class Done(Generic[V]):
    """A command's answer and the log position up to which reads must have come to show it."""

    result: V
    position: int


class Dispatcher:
    """Runs commands. Nobody else commits."""

    def __init__(
        self, log: EventLog, clock: Clock, new_id: Callable[[], UUID], observer: Observer
    ) -> None:
        self._log = log
        self._clock = clock
        self._new_id = new_id
        self._observer = observer
        self._running: set[tuple[UUID, UUID, str]] = set()

    async def run(
        self, command: Command[R] | Deferred[R], request: Request, view: Callable[[R], V]
    ) -> Done[V]:
        """Carry out a command and answer with a view of its result.

        The view is taken while the command still owns its aggregates: a moment later another
        command may have changed them.

        Raises Forbidden, whatever the handler refuses with, Conflict after `ATTEMPTS` conflicts,
        and Unavailable after `PATIENCE` seconds.
        """
        started = perf_counter()
        attempt = Attempt(command, request, cast("View", view), self._stamp(command, request))
        try:
            async with asyncio.timeout(PATIENCE):
                done = await self._run_once_per_key(attempt)
        except TimeoutError:
            self._tell(attempt, "unavailable", started)
            raise Unavailable(_NO_ANSWER) from None
        except Failure as failure:
            self._tell(attempt, failure.kind, started)
            raise
        except Exception:
            self._tell(attempt, "error", started)
            raise
        self._tell(attempt, attempt.outcome, started)
        return cast("Done[V]", done)

    async def look(self, question: Callable[[Work], Awaitable[V]], actor: Actor) -> V:
        """Ask the log what a decision would find now, and decide nothing.

        Raises whatever the question raises, Conflict when what it looks at changes all the time,
        and Unavailable after `PATIENCE` seconds.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                for _ in range(ATTEMPTS):
                    found = await self._look_once(question, actor)
                    if found is not None:
                        return found()
        except TimeoutError:
            raise Unavailable(_NO_ANSWER) from None
        raise Conflict(_KEEPS_CHANGING)

    async def _look_once(
        self, question: Callable[[Work], Awaitable[V]], actor: Actor
    ) -> Callable[[], V] | None:
        """How the question is answered; None when that was about what is not the newest."""
        work = Work(self._log, actor, self._new_id)
        try:
            with happening_at(self._clock()):
                found = await question(work)
        except Failure as failure:
            return partial(_fail, failure) if await work.was_newest() else None
        except BaseException:
            work.discard()
            raise
        return (lambda: found) if await work.was_newest() else None

    async def _run_once_per_key(self, attempt: Attempt) -> Done[Any]:
        attempt.request.actor.must(kind_of(attempt.command).needs)
        key = attempt.request.key
        if key is None:
            return await self._run_until_stored(attempt)
        actor = attempt.request.actor
        claim = (actor.tenant_id, actor.account_id, key.key)
        if claim in self._running:
            raise StillRunning(_STILL_RUNNING)
        self._running.add(claim)
        try:
            return await self._run_with_key(attempt, key)
        finally:
            self._running.discard(claim)

    async def _run_with_key(self, attempt: Attempt, key: IdempotencyKey) -> Done[Any]:
        if (first := await self._answered(attempt, key)) is not None:
            return await self._told_again(attempt, first)
        try:
            return await self._run_until_stored(attempt)
        except KeyTaken:
            # Another process was at it when this one began.
            await self._answered(attempt, key)
            raise StillRunning(_STILL_RUNNING) from None

    async def _answered(self, attempt: Attempt, key: IdempotencyKey) -> Answer | None:
        """What the first request with this key was answered. Raises KeyReused."""
        actor = attempt.request.actor
        stored = await self._log.answered(key.key, actor.account_id, actor.tenant_id)
        if stored is None:
            return None
        fingerprint, answer = stored
        if fingerprint != key.fingerprint:
            raise KeyReused("This Idempotency-Key was used for another request.", key=key.key)
        return answer

    async def _told_again(self, attempt: Attempt, answer: Answer) -> Done[Any]:
        """The same answer, from the states as they were; or the same failure, raised."""
        attempt.outcome = "repeated"
        if answer.failure is not None:
            raise answer.failure
        tenant_id = attempt.request.actor.tenant_id
        states = [await self._log.at(version, tenant_id) for version in answer.versions]
        return Done(attempt.view(shaped(states, many=answer.many)), answer.position)

    async def _remember(self, attempt: Attempt, answer: Answer) -> None:
        """The answer of a command that stored nothing; what stores something keeps it with that."""
        if attempt.request.key is not None:
            await self._log.remember(attempt.request.key, attempt.request.actor, answer)

    async def _run_until_stored(self, attempt: Attempt) -> Done[Any]:
        for number in range(ATTEMPTS):
            attempt.number = number + 1
            done = await self._decide_and_store(attempt)
            if done is not None:
                return done
            # Whoever lost this round steps aside for a moment, or the same two collide again.
            await asyncio.sleep(random.uniform(0, 0.002 * 2**number))  # noqa: S311
        raise Conflict(_KEEPS_CHANGING)

    async def _decide_and_store(self, attempt: Attempt) -> Done[Any] | None:
        """One attempt; None when it has to be made again from fresh state."""
        work = Work(self._log, attempt.request.actor, self._new_id)
        try:
            result = await attempt.decide(work)
            if not work.events():
                return await self._unchanged(attempt, work, result)
            if work.saw_unstored_changes():
                raise VersionConflict  # noqa: TRY301 - as if the log had said so
            append = attempt.append_of(work, result)
            position = await self._log.append(append)
        except VersionConflict:
            work.discard()
            return None
        except Unavailable:
            work.discard()
            raise
        except Failure as failure:
            if not await work.was_newest():
                return None
            await self._remember(attempt, Answer(failure=failure))
            raise
        except BaseException:
            work.discard()
            raise
        attempt.outcome = "done"
        attempt.stored = len(append.events)
        try:
            return Done(attempt.view(result), position)
        finally:
            work.keep()

    async def _unchanged(self, attempt: Attempt, work: Work, result: Result) -> Done[Any] | None:
        done = Done(attempt.view(result), 0)
        attempt.outcome = "unchanged"
        if not await work.was_newest():
            return None
        await self._remember(attempt, answer_of(result))
        return done

    def _stamp(self, command: Command[Any] | Deferred[Any], request: Request) -> Stamp:
        return Stamp(
            command_id=CommandId(self._new_id()),
            command=kind_of(command).__name__,
            actor=request.actor,
            moment=self._clock(),
            request_id=request.request_id,
            correlation_id=request.correlation_id or request.request_id,
            causation_id=request.causation_id,
        )

    def _tell(self, attempt: Attempt, outcome: str, started: float) -> None:
        seconds = perf_counter() - started
        self._observer(Outcome(attempt.stamp, outcome, attempt.number, seconds, attempt.stored))


def _fail(failure: Failure) -> NoReturn:
    raise failure
