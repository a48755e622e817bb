"""Appends, as the dispatcher would make them of what some aggregates have just done."""

from collections.abc import Sequence
from itertools import count
from uuid import uuid4

from application.access import Actor
from application.ports import Answer, Append, IdempotencyKey, Stamp, Version
from domain.scheduling.unit import Unit
from domain.shared.aggregate import Aggregate, Event
from domain.shared.ids import CommandId, TenantId
from domain.shared.moment import happening_at
from tests.support.scheduling import COORDINATOR, NOW, TENANT

_numbers = count(1)


def append_of(
    *things: Aggregate,
    tenant: TenantId = TENANT,
    reads: Sequence[Version] = (),
    key: IdempotencyKey | None = None,
    actor: Actor = COORDINATOR,
) -> Append:
    """What these have done since they were last asked."""
    events = [(tenant, event) for thing in things for event in news_of(thing)]
    answer = Answer(tuple(version_of(thing) for thing in things), many=len(things) != 1)
    return Append(stamp(actor), events, reads, key, answer if key else None)


def stamp(actor: Actor = COORDINATOR) -> Stamp:
    request = f"request-{next(_numbers)}"
    return Stamp(CommandId(uuid4()), "Test", actor, NOW, request, request)


def news_of(thing: Aggregate) -> list[Event]:
    events = [event for event in thing.pending_events if isinstance(event, Event)]
    thing.pending_events.clear()
    return events


def version_of(thing: Aggregate) -> Version:
    return Version(type(thing), thing.id, thing.version)


def unit(name: str = "Ward 1") -> Unit:
    """One that nobody else knows."""
    with happening_at(NOW):
        return Unit(id=uuid4(), name=name, zone="Europe/Berlin")
