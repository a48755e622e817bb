"""What must hold of agendas, shifts and swaps after any history whatever."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import combinations, count
from typing import Any
from uuid import UUID

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain.scheduling.agenda import Agenda
from domain.scheduling.candidate import Candidate
from domain.scheduling.shift import Shift
from domain.scheduling.swap import Swap
from domain.scheduling.swap_sides import Side
from domain.shared.aggregate import Aggregate
from domain.shared.errors import RuleBroken
from domain.shared.ids import PersonId, ShiftId
from domain.shared.moment import happening_at
from domain.shared.period import Month, Period
from tests.support.memory import replay
from tests.support.scheduling import (
    ANA,
    BEN,
    CLEO,
    NEW_YEARS_EVE,
    NOW,
    TENANT,
    draft,
    hours,
    person,
)

PERIODS = [
    hours(8, 12),
    hours(10, 14),
    hours(12, 16),
    hours(8, 16),
    hours(20, 26, day=30),
    NEW_YEARS_EVE,
    hours(26, 40, 31, 12),
]
PEOPLE = {id: person(id) for id in (ANA, BEN, CLEO)}

a_shift = st.integers(0, len(PERIODS) - 1)
a_person = st.sampled_from(list(PEOPLE))
a_place = st.integers(0, 20)
"""Of all that are held just then, counted round and round."""
a_step = st.one_of(
    st.tuples(st.just("assign"), a_shift, a_person),
    st.tuples(st.just("assign"), a_shift, a_person),
    st.tuples(st.just("claim"), a_shift, a_person),
    st.tuples(st.just("claim"), a_shift, a_person),
    st.tuples(st.just("accept"), a_shift, a_person),
    st.tuples(st.just("decline"), a_shift, a_person),
    st.tuples(st.just("reassign"), a_place, a_person),
    st.tuples(st.just("swap"), a_place, a_place),
    st.tuples(st.just("swap"), a_place, a_place),
    st.tuples(st.just("cancel"), a_shift, st.integers(0, 5)),
)
a_history = st.lists(a_step, min_size=20, max_size=40)
"""Long enough for somebody to decline what he was assigned."""
headcounts = st.lists(st.integers(1, 2), min_size=len(PERIODS), max_size=len(PERIODS))
plans = st.lists(st.lists(a_person, unique=True, max_size=1), min_size=7, max_size=7)
rests = st.sampled_from([0, 2, 6, 11]).map(lambda hours: timedelta(hours=hours))


@dataclass
class Roster:
    """Several shifts, three people, and the agendas that are opened when somebody needs them."""

    rest: timedelta
    shifts: list[Shift]
    agendas: dict[tuple[PersonId, Month], Agenda] = field(default_factory=dict)
    swaps: list[Swap] = field(default_factory=list)
    ids = count(1000)

    @classmethod
    def of(cls, places: list[int], rest: timedelta) -> "Roster":
        shifts = [
            draft(period, id=shift_id(number), headcount=places[number])
            for number, period in enumerate(PERIODS)
        ]
        return cls(rest, shifts)

    def publish(self, planned: list[list[PersonId]]) -> None:
        """Those whose planned people can't all be there get nobody."""
        for shift, people in zip(self.shifts, planned, strict=True):
            with happening_at(NOW), suppress(RuleBroken):
                shift.publish([self.candidate(who, shift) for who in people])
            with happening_at(NOW), suppress(RuleBroken):
                shift.publish()

    def do(self, act: str, *what: Any) -> None:
        """Carry the step out unless it is refused."""
        act_out: Callable[..., None] = getattr(self, act)
        with happening_at(NOW), suppress(RuleBroken):
            act_out(*what)

    def assign(self, number: int, who: PersonId) -> None:
        shift = self.shifts[number]
        shift.assign_all([self.candidate(who, shift)])

    def claim(self, number: int, who: PersonId) -> None:
        shift = self.shifts[number]
        shift.claim(self.candidate(who, shift))

    def accept(self, number: int, who: PersonId) -> None:
        self.shifts[number].accept(who)

    def decline(self, number: int, who: PersonId) -> None:
        shift = self.shifts[number]
        shift.decline(who, self.agendas_of(who, shift.period))

    def reassign(self, place: int, to: PersonId) -> None:
        for shift, who in self.places(place):
            shift.reassign(who, self.agendas_of(who, shift.period), self.candidate(to, shift))

    def cancel(self, number: int, chance: int) -> None:
        """Seldom, or there is nothing left to do."""
        shift = self.shifts[number]
        if chance == 0:
            held = [each for who in shift.holders for each in self.agendas_of(who, shift.period)]
            shift.cancel("Flooded.", held)

    def swap(self, offered: int, in_return: int) -> None:
        """Offered and taken at once."""
        for (one, holder), (other, taker) in zip(
            self.places(offered), self.places(in_return), strict=True
        ):
            swap = Swap.offer(UUID(int=next(self.ids)), one, holder)
            self.swaps.append(swap)
            places = one.taken, other.taken
            swap.take(
                self.side(one, holder, taker, other),
                self.side(other, taker, holder, one),
                needs_approval=False,
            )
            assert (one.taken, other.taken) == places
            assert one.is_held_by(taker)
            assert other.is_held_by(holder)

    def places(self, number: int) -> list[tuple[Shift, PersonId]]:
        """One that is held, if any is."""
        held = [(shift, who) for shift in self.shifts for who in shift.holders]
        return [held[number % len(held)]] if held else []

    def side(self, shift: Shift, who: PersonId, to: PersonId, in_return: Shift) -> Side:
        given_up = frozenset({ShiftId(in_return.id)})
        agendas = self.agendas_of(who, shift.period)
        return Side(shift, who, agendas, self.candidate(to, shift, given_up))

    def candidate(
        self, who: PersonId, shift: Shift, giving_up: frozenset[ShiftId] = frozenset()
    ) -> Candidate:
        around = self.agendas_of(who, shift.period.widened(self.rest))
        return Candidate(PEOPLE[who], around, None, self.rest, giving_up)

    def agendas_of(self, who: PersonId, period: Period) -> list[Agenda]:
        for month in period.months():
            if (who, month) not in self.agendas:
                self.agendas[who, month] = Agenda(
                    id=Agenda.id_of(TENANT, who, month), person_id=who, month=str(month)
                )
        return [self.agendas[who, month] for month in period.months()]

    def bookings_of(self, who: PersonId) -> dict[ShiftId, Period]:
        """Of all months, each shift once."""
        theirs = [agenda for (person_id, _), agenda in self.agendas.items() if person_id == who]
        return {id: period for agenda in theirs for id, period in agenda.bookings.items()}


def shift_id(number: int) -> ShiftId:
    return ShiftId(UUID(int=number + 1))


@settings(max_examples=100, deadline=None)
@for_all(headcounts, plans, rests, a_history)
def test_whatever_is_asked(places, planned, rest, history):
    with happening_at(NOW):
        roster = Roster.of(places, rest)
        roster.publish(planned)
        for step in history:
            roster.do(*step)
            for shift in roster.shifts:
                no_shift_is_overbooked(shift)
            for who in PEOPLE:
                nobody_is_in_two_places_or_has_no_rest(roster.bookings_of(who), rest)
            for agenda in roster.agendas.values():
                exactly_what_is_held_is_booked(agenda, roster.shifts)
    for thing in (*roster.shifts, *roster.agendas.values(), *roster.swaps):
        replaying_gives_the_same(thing)


def no_shift_is_overbooked(shift):
    assert shift.taken <= shift.headcount


def nobody_is_in_two_places_or_has_no_rest(bookings, rest):
    for one, other in combinations(bookings.values(), 2):
        assert not one.overlaps(other)
        assert max(other.start - one.end, one.start - other.end) >= rest


def exactly_what_is_held_is_booked(agenda, shifts):
    """Of shifts that were not called off; who was on one of those is free."""
    held = {
        shift.id: shift.period
        for shift in shifts
        if shift.is_published
        and shift.is_held_by(agenda.person_id)
        and agenda.month in {str(month) for month in shift.period.months()}
    }
    assert agenda.bookings == held


def replaying_gives_the_same(thing: Aggregate):
    events = list(thing.pending_events)
    thing.pending_events.clear()
    assert replay(events) == thing
    assert [event.originator_version for event in events] == list(range(1, len(events) + 1))
