"""Notices: that somebody is to be told something, and the register of who tells what."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar, cast

from application.processes.briefs import ShiftBrief
from domain.scheduling.staffing import assignment_id
from domain.shared.aggregate import Event
from domain.shared.ids import AccountId, PersonId


@dataclass(frozen=True)
class ToPerson:
    id: PersonId


@dataclass(frozen=True)
class ToCoordinator:
    """The one who answers for something; all coordinators of the tenant once he or she has left."""

    id: AccountId


@dataclass(frozen=True)
class ToCoordinators:
    """All of the tenant; where there are none, its admins."""


@dataclass(frozen=True)
class ToRole:
    """Every active person who has the role, except some."""

    role: str
    but: tuple[PersonId, ...] = ()


Recipient = ToPerson | ToCoordinator | ToCoordinators | ToRole


@dataclass(frozen=True)
class Notice:
    """What is told, without words: those are in the templates of its kind.

    `person_id` is whom it is about, `other_id` who else has to do with it; `lines` are what a
    longer notice lists. Whoever acts through the account `unless` knows it already.
    """

    to: Recipient
    kind: str
    shift: ShiftBrief | None = None
    person_id: PersonId | None = None
    other_id: PersonId | None = None
    reason: str = ""
    lines: tuple[str, ...] = ()
    unless: AccountId | None = None

    @property
    def data(self) -> dict[str, str]:
        """For programs: the ids of everything that it is about."""
        found: dict[str, object] = {}
        if self.shift is not None:
            found["shift_id"] = self.shift.shift_id
        if self.person_id is not None:
            found["person_id"] = self.person_id
        if self.shift is not None and self.person_id is not None:
            found["assignment_id"] = assignment_id(self.shift.shift_id, self.person_id)
        if self.other_id is not None:
            found["other_person_id"] = self.other_id
        return {name: str(value) for name, value in found.items()}


E = TypeVar("E", bound=Event)
Teller = Callable[[E, AccountId, ShiftBrief], Iterable[Notice]]
LonelyTeller = Callable[[E, AccountId], Iterable[Notice]]

TELLERS: dict[type[Event], Teller[Event]] = {}
"""By the kind of event of a shift."""
LONELY_TELLERS: dict[type[Event], LonelyTeller[Event]] = {}
"""By the kind of event that belongs to no shift."""


def tells(*kinds: type[E]) -> Callable[[Teller[E]], Teller[E]]:
    """Register who is told of an event of a shift: given the event, who acted, and what is known
    of the shift after it.
    """

    def register(teller: Teller[E]) -> Teller[E]:
        for kind in kinds:
            _refuse_a_second(kind)
            TELLERS[kind] = cast("Teller[Event]", teller)
        return teller

    return register


def tells_alone(*kinds: type[E]) -> Callable[[LonelyTeller[E]], LonelyTeller[E]]:
    """Register who is told of an event for which no shift need be known."""

    def register(teller: LonelyTeller[E]) -> LonelyTeller[E]:
        for kind in kinds:
            _refuse_a_second(kind)
            LONELY_TELLERS[kind] = cast("LonelyTeller[Event]", teller)
        return teller

    return register


def told_of(event: Event, actor: AccountId, brief: ShiftBrief | None) -> Iterator[Notice]:
    """What is to be told of the event, by whoever is registered for it."""
    kind = type(event)
    if kind in LONELY_TELLERS:
        yield from LONELY_TELLERS[kind](event, actor)
    elif kind in TELLERS and brief is not None:
        yield from TELLERS[kind](event, actor, brief)


def _refuse_a_second(kind: type[Event]) -> None:
    if kind in TELLERS or kind in LONELY_TELLERS:
        raise TypeError(f"somebody tells of {kind.__name__} already")
