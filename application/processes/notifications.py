"""Who is told what when something happens on a shift, and of a day's digest. Pure.

Everybody is told only of what concerns him or her. To tell of another event, add a function here
and templates of the notice's kind.
"""

from collections.abc import Iterator

from application.processes.briefs import ShiftBrief
from application.processes.notices import (
    LONELY_TELLERS,
    TELLERS,
    Notice,
    ToCoordinator,
    ToCoordinators,
    ToPerson,
    ToRole,
    tells,
    tells_alone,
    told_of,
)
from domain.scheduling.digest import Digest
from domain.scheduling.shift import Shift
from domain.scheduling.swap import Swap
from domain.shared.aggregate import Event
from domain.shared.ids import AccountId, PersonId


@tells(Shift.Published)
def _published(event: Shift.Published, _actor: AccountId, shift: ShiftBrief) -> Iterator[Notice]:
    """Those who are planned on it are asked one by one, as they get their places."""
    if event.notify and shift.places_left:
        yield Notice(ToRole(shift.role, but=shift.on_it), "shift.open", shift)


@tells(Shift.PersonAssigned)
def _assigned(
    event: Shift.PersonAssigned, _actor: AccountId, shift: ShiftBrief
) -> Iterator[Notice]:
    yield _asked(event.person_id, shift)


@tells(Shift.AssignmentReassigned)
def _reassigned(
    event: Shift.AssignmentReassigned, _actor: AccountId, shift: ShiftBrief
) -> Iterator[Notice]:
    yield _asked(event.to_person_id, shift)
    yield _to_person(event.person_id, "shift.reassigned", shift, event.to_person_id)


@tells(Shift.PlaceSwapped)
def _swapped(event: Shift.PlaceSwapped, _actor: AccountId, shift: ShiftBrief) -> Iterator[Notice]:
    yield _to_person(event.to_person_id, "place.received", shift, event.person_id)
    yield _to_person(event.person_id, "place.given", shift, event.to_person_id)


@tells(Swap.Offered)
def _offered(event: Swap.Offered, _actor: AccountId, shift: ShiftBrief) -> Iterator[Notice]:
    """What anybody may take is found by whoever looks for it."""
    if event.to_person_id is not None:
        yield _to_person(event.to_person_id, "swap.offered", shift, event.person_id)


@tells(Swap.Taken)
def _taken(event: Swap.Taken, _actor: AccountId, shift: ShiftBrief) -> Iterator[Notice]:
    """Without approval both are told of their new places at once."""
    if event.needs_approval:
        yield Notice(ToCoordinators(), "swap.waiting", shift, event.person_id)


@tells(Swap.Rejected)
def _rejected(event: Swap.Rejected, _actor: AccountId, shift: ShiftBrief) -> Iterator[Notice]:
    both = (event.person_id, event.to_person_id)
    for person_id, other in (both, both[::-1]):
        yield Notice(
            ToPerson(person_id), "swap.rejected", shift, person_id, other, reason=event.reason
        )


@tells(Shift.Cancelled)
def _cancelled(event: Shift.Cancelled, _actor: AccountId, shift: ShiftBrief) -> Iterator[Notice]:
    for person_id in shift.holders:
        yield Notice(ToPerson(person_id), "shift.cancelled", shift, person_id, reason=event.reason)


@tells(Shift.Reminded)
def _reminded(event: Shift.Reminded, _actor: AccountId, shift: ShiftBrief) -> Iterator[Notice]:
    for person_id in event.person_ids:
        yield _to_person(person_id, "shift.reminder", shift)


@tells(Shift.PlaceClaimed)
def _claimed(event: Shift.PlaceClaimed, actor: AccountId, shift: ShiftBrief) -> Iterator[Notice]:
    yield from _to_coordinator("place.claimed", event.person_id, actor, shift)


@tells(Shift.AssignmentAccepted)
def _accepted(
    event: Shift.AssignmentAccepted, actor: AccountId, shift: ShiftBrief
) -> Iterator[Notice]:
    yield from _to_coordinator("assignment.accepted", event.person_id, actor, shift)


@tells(Shift.AssignmentDeclined)
def _declined(
    event: Shift.AssignmentDeclined, actor: AccountId, shift: ShiftBrief
) -> Iterator[Notice]:
    yield from _to_coordinator("assignment.declined", event.person_id, actor, shift)
    # A coordinator may take somebody off a shift in this way.
    person_id = event.person_id
    yield Notice(ToPerson(person_id), "assignment.withdrawn", shift, person_id, unless=actor)


@tells_alone(Digest.Issued)
def _digest(event: Digest.Issued, _actor: AccountId) -> Iterator[Notice]:
    yield Notice(ToCoordinators(), "digest", lines=tuple(_lines_of(event)))


def _lines_of(digest: Digest.Issued) -> Iterator[str]:
    for above in digest.hours:
        yield f"{above.name}: {above.hours:g} h in week {above.week}, cap {above.cap:g} h"
    if digest.left_out:
        yield f"Above the cap, too: {digest.left_out} more people"
    for unit in digest.open_places:
        yield f"{unit.name}: {unit.places} open places on {unit.shifts} shifts in the next 7 days"


def _asked(person_id: PersonId, shift: ShiftBrief) -> Notice:
    return _to_person(person_id, "shift.assigned", shift)


def _to_person(
    person_id: PersonId, kind: str, shift: ShiftBrief, other: PersonId | None = None
) -> Notice:
    return Notice(ToPerson(person_id), kind, shift, person_id, other)


def _to_coordinator(
    kind: str, person_id: PersonId, actor: AccountId, shift: ShiftBrief
) -> Iterator[Notice]:
    """A coordinator who acts for somebody needs not be told of it."""
    if actor != shift.coordinator_id:
        yield Notice(ToCoordinator(shift.coordinator_id), kind, shift, person_id)


KINDS = frozenset(
    {
        "digest",
        "shift.assigned",
        "shift.open",
        "shift.cancelled",
        "shift.reassigned",
        "shift.reminder",
        "place.claimed",
        "place.given",
        "place.received",
        "assignment.accepted",
        "assignment.declined",
        "assignment.withdrawn",
        "swap.offered",
        "swap.waiting",
        "swap.rejected",
    }
)
"""Of notices; each has its templates."""

ABOUT: tuple[type[Event], ...] = (*TELLERS, *LONELY_TELLERS)
"""The events that somebody is told of."""


def notices(event: Event, actor: AccountId, brief: ShiftBrief | None) -> list[Notice]:
    """What is to be told of the event, given what is known of its shift after it."""
    return list(told_of(event, actor, brief))
