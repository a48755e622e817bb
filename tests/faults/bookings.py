"""Checks on people and places: in the read models, and at every moment of the log."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby, pairwise
from operator import attrgetter
from uuid import UUID

from domain.scheduling.shift import Shift
from domain.shared.aggregate import Event
from tests.faults.evidence import Evidence

Stretch = tuple[datetime, datetime, UUID]


def nobody_is_in_two_places_at_once(found: Evidence) -> Iterable[str]:
    stretches: dict[UUID, list[Stretch]] = defaultdict(list)
    for booking in found.bookings:
        shift = found.shifts[booking.shift_id]
        stretches[booking.person_id].append((shift.starts_at, shift.ends_at, booking.shift_id))
    for person_id, held in stretches.items():
        for one, other in _clashes(held):
            yield f"{person_id} is on {one} and {other}"


def no_shift_is_above_its_headcount(found: Evidence) -> Iterable[str]:
    taken: dict[UUID, int] = defaultdict(int)
    for booking in found.bookings:
        taken[booking.shift_id] += 1
    for shift_id, places in taken.items():
        if places > found.shifts[shift_id].headcount:
            yield f"{shift_id} has {places} people for {found.shifts[shift_id].headcount} places"


def the_log_never_overbooked_anybody(found: Evidence) -> Iterable[str]:
    """The same of every moment of the log: after each command, since it is stored as a whole."""
    book = _Book()
    for _, entries in groupby(found.log, key=attrgetter("command_id")):
        command = list(entries)
        book.take(entry.event for entry in command if entry.event is not None)
        yield from (f"at {command[-1].position}: {broken}" for broken in book.broken())


class _Book:
    """Who holds a place where, told by the events alone."""

    def __init__(self) -> None:
        self._stretches: dict[UUID, Stretch] = {}
        self._headcounts: dict[UUID, int] = {}
        self._people: dict[UUID, set[UUID]] = defaultdict(set)
        self._shifts: dict[UUID, set[UUID]] = defaultdict(set)
        self._touched: set[tuple[UUID, UUID]] = set()
        """Shifts and people that sat down since it was last asked what is broken."""

    def take(self, events: Iterable[Event]) -> None:
        for event in events:
            self._after(event)

    def broken(self) -> Iterator[str]:
        touched, self._touched = sorted(self._touched), set()
        for shift_id in {shift_id for shift_id, _ in touched}:
            if len(self._people[shift_id]) > self._headcounts[shift_id]:
                yield f"{shift_id} has more people than places"
        for person_id in {person_id for _, person_id in touched}:
            held = [self._stretches[shift_id] for shift_id in self._shifts[person_id]]
            for one, other in _clashes(held):
                yield f"{person_id} is on {one} and {other}"

    def _after(self, event: Event) -> None:
        shift_id = event.originator_id
        match event:
            case (
                Shift.Drafted(period=period, headcount=headcount)
                | Shift.Changed(period=period, headcount=headcount)
            ):
                self._stretches[shift_id] = (period.start, period.end, shift_id)
                self._headcounts[shift_id] = headcount
            case (
                Shift.PersonAssigned(person_id=person_id) | Shift.PlaceClaimed(person_id=person_id)
            ):
                self._seat(shift_id, person_id)
            case Shift.AssignmentDeclined(person_id=person_id):
                self._rise(shift_id, person_id)
            case (
                Shift.AssignmentReassigned(person_id=person_id, to_person_id=other)
                | Shift.PlaceSwapped(person_id=person_id, to_person_id=other)
            ):
                self._rise(shift_id, person_id)
                self._seat(shift_id, other)
            case Shift.Cancelled():
                for person_id in list(self._people[shift_id]):
                    self._rise(shift_id, person_id)

    def _seat(self, shift_id: UUID, person_id: UUID) -> None:
        self._people[shift_id].add(person_id)
        self._shifts[person_id].add(shift_id)
        self._touched.add((shift_id, person_id))

    def _rise(self, shift_id: UUID, person_id: UUID) -> None:
        self._people[shift_id].discard(person_id)
        self._shifts[person_id].discard(shift_id)


def _clashes(held: list[Stretch]) -> Iterator[tuple[UUID, UUID]]:
    for (_, end, one), (start, _, other) in pairwise(sorted(held)):
        if start < end:
            yield one, other
