"""given, when, then: the words in which every test of a decision is told.

    given(published(), person(ANA), agenda(ANA))
    when(lambda shift, ana, agenda: shift.assign_all([Candidate(ana, [agenda])]))
    then(happened(Shift.PersonAssigned, person_id=ANA), ...)

A command goes through the real dispatcher, over a log in memory that holds what is given:

    given(published(), person(ANA))
    await when_asked(AssignPeople(SHIFT, (ANA,)), by=COORDINATOR)
    then_refused(Overlap, other=OTHER)

And a read model folds everything that was given and has happened since:

    then_rows(people.model, people=[{...}])

Whatever is told, replaying the events must give the very state that decided: `when` checks it.
"""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from application.access import Actor
from application.attempt import Request
from application.commands import Command
from application.dispatch import Dispatcher, Done
from application.ports import IdempotencyKey, Outcome
from domain.identity.account import Account, EmailAddress
from domain.identity.external import ExternalIdentity
from domain.identity.tenant import Tenant
from domain.shared.aggregate import Aggregate, Event
from domain.shared.errors import Failure, RuleBroken
from domain.shared.ids import PLATFORM, TenantId
from domain.shared.moment import happening_at
from domain.shared.refusals import Refusal
from projections.fold import Fact, fold
from projections.read_model import ReadModel
from projections.rows import Rows
from tests.support.memory import MemoryLog
from tests.support.scheduling import COORDINATOR, NOW, TENANT

_ENVELOPE = {"originator_id", "originator_version", "originator_topic", "timestamp"}
_OF_THE_PLATFORM = (Account, EmailAddress, ExternalIdentity, Tenant)


class Story:
    """One test's log, what acts on it, and what came of it."""

    def __init__(self) -> None:
        self.log = MemoryLog()
        self.outcomes: list[Outcome] = []
        self.ids = counted_ids()
        self.dispatcher = self.another_process(self.log)
        self.things: list[Aggregate] = []
        self.told = 0
        """How much of the log had happened before the last `when`."""
        self.failure: Failure | None = None

    def another_process(self, log: MemoryLog) -> Dispatcher:
        return Dispatcher(log, lambda: NOW, lambda: next(self.ids), self.outcomes.append)

    def store(self, aggregate: Aggregate, tenant_id: TenantId) -> None:
        self.log.store(_tenant_of(aggregate, tenant_id), _new_events_of(aggregate))

    def news(self) -> list[Event]:
        return [entry.event for entry in self.log.truth.entries[self.told :]]

    def turn_the_page(self) -> None:
        self.told = len(self.log.truth.entries)
        self.failure = None


_story: list[Story] = []


@pytest.fixture(autouse=True)
def story() -> Iterator[Story]:
    """Each test tells its own; a conftest imports this."""
    _story.append(Story())
    yield _story[-1]
    _story.pop()


def given(*things: Aggregate, tenant: TenantId = TENANT) -> None:
    """These are there, as their own events made them."""
    story = _story[-1]
    for thing in things:
        story.store(thing, tenant)
    story.things.extend(things)
    story.turn_the_page()


def when(act: Callable[..., object]) -> None:
    """Somebody does this with what is given, now."""
    story = _story[-1]
    story.turn_the_page()
    try:
        with happening_at(NOW):
            act(*story.things)
    except Failure as failure:
        story.failure = failure
    for thing in story.things:
        story.store(thing, TENANT)
        assert thing == story.log.replayed(thing.id), "replay does not give the same state"


async def when_asked(
    command: Command[Any],
    by: Actor = COORDINATOR,
    key: IdempotencyKey | None = None,
    view: Callable[[Any], Any] = lambda result: result,
) -> Done[Any] | None:
    """Somebody asks for this, now. None when it fails: say how in `then_failed`."""
    story = _story[-1]
    story.turn_the_page()
    done: Done[Any] | None = None
    try:
        done = await story.dispatcher.run(command, Request(by, "request-1", key=key), view)
    except Failure as failure:
        story.failure = failure
    assert not story.log.taken, "somebody still owns an aggregate"
    for aggregate_id, (_, thing) in story.log.cached.items():
        assert thing == story.log.replayed(aggregate_id), "the cache does not hold what happened"
    return done


def happened(kind: type[Event], /, **fields: object) -> tuple[str, dict[str, object]]:
    """An event with all its fields; `originator_id` only where it matters."""
    return kind.__qualname__, fields


def then(*expected: tuple[str, dict[str, object]]) -> None:
    """Exactly this happened, in this order."""
    story = _story[-1]
    if story.failure is not None:
        raise AssertionError("it was refused") from story.failure
    news = story.news()
    wanted = [set(fields) for _, fields in expected] + [set()] * len(news)
    assert [_told(event, also) for event, also in zip(news, wanted, strict=False)] == list(expected)


def told_of(kind: type[Aggregate]) -> list[str]:
    """What happened to things of this kind, by name; it was not refused."""
    story = _story[-1]
    assert story.failure is None, f"it was refused: {story.failure!r}"
    names = [type(event).__qualname__ for event in story.news()]
    return [name for name in names if name.startswith(f"{kind.__name__}.")]


def then_nothing() -> None:
    """It was not refused, and nothing happened."""
    then()


def then_refused(*rules: type[Refusal], **data: object) -> None:
    """Exactly these rules were broken, the first with this data, and nothing happened."""
    failure = then_failed(RuleBroken)
    assert [type(refusal) for refusal in failure.refusals] == list(rules)
    told = failure.refusals[0].as_data()
    assert {name: told[name] for name in data} == data


def then_failed(kind: type[Failure], /, **data: object) -> Any:
    """It failed in this way, with this data, and nothing happened."""
    story = _story[-1]
    assert type(story.failure) is kind, f"it did not: {story.failure!r}"
    assert {name: story.failure.data[name] for name in data} == data
    assert story.news() == []
    return story.failure


def then_rows(model: ReadModel, /, **tables: list[dict[str, Any]]) -> None:
    """The read model's tables named here hold exactly these rows, in the order of their birth."""
    rows = projected(model)
    held = {table.name: of_table.all() for table, of_table in rows}
    assert {name: held[name] for name in tables} == tables


def projected(model: ReadModel) -> Rows:
    """Everything that was given and has happened, folded."""
    rows = Rows(model.tables, complete=True)
    entries = _story[-1].log.truth.entries
    fold(model, [Fact(entry.position, entry.tenant_id, entry.event) for entry in entries], rows)
    return rows


def counted_ids() -> Iterator[UUID]:
    return (UUID(int=(0xF << 96) + number) for number in count(1))


def _tenant_of(aggregate: Aggregate, tenant_id: TenantId) -> TenantId:
    return PLATFORM if isinstance(aggregate, _OF_THE_PLATFORM) else tenant_id


def _new_events_of(aggregate: Aggregate) -> list[Event]:
    events = [event for event in aggregate.pending_events if isinstance(event, Event)]
    aggregate.pending_events.clear()
    return events


def _told(event: Event, also: set[str]) -> tuple[str, dict[str, object]]:
    hidden = _ENVELOPE - also
    fields = {name: value for name, value in vars(event).items() if name not in hidden}
    return type(event).__qualname__, fields
