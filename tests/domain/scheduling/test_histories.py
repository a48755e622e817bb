"""What must hold of agendas and shifts after any history whatever."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations
from uuid import UUID

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain.scheduling.agenda import Agenda
from domain.scheduling.candidate import Candidate
from domain.scheduling.shift import Shift
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
    hours,
    person,
    published,
)

PERIODS = [
    hours(8, 12),
    hours(10, 14),
    hours(12, 16),
    hours(8, 16),
    NEW_YEARS_EVE,
    hours(26, 40, 31, 12),
]
PEOPLE = {id: person(id) for id in (ANA, BEN, CLEO)}

a_shift = st.integers(0, len(PERIODS) - 1)
a_person = st.sampled_from(list(PEOPLE))
a_step = st.one_of(
    st.tuples(st.just("assign"), a_shift, a_person),
    st.tuples(st.just("accept"), a_shift, a_person),
    st.tuples(st.just("decline"), a_shift, a_person),
    st.tuples(st.just("reassign"), a_shift, a_person, a_person),
)
a_history = st.lists(a_step, min_size=20, max_size=40)
"""Long enough for somebody to decline what he was assigned."""
headcounts = st.lists(st.integers(1, 2), min_size=len(PERIODS), max_size=len(PERIODS))


@dataclass
class Roster:
    """Several shifts, three people, and the agendas that are opened when somebody needs them."""

    shifts: list[Shift]
    agendas: dict[tuple[PersonId, Month], Agenda]

    @classmethod
    def of(cls, places: list[int]) -> "Roster":
        return cls(
            [
                published(period, id=shift_id(number), headcount=places[number])
                for number, period in enumerate(PERIODS)
            ],
            {},
        )

    def do(self, act: str, number: int, *people: PersonId) -> None:
        """Carry the step out unless it is refused."""
        acts: dict[str, Callable[..., None]] = {
            "assign": self.assign,
            "accept": Shift.accept,
            "decline": self.decline,
            "reassign": self.reassign,
        }
        with happening_at(NOW), suppress(RuleBroken):
            acts[act](self.shifts[number], *people)

    def assign(self, shift: Shift, who: PersonId) -> None:
        shift.assign_all([Candidate(PEOPLE[who], self.agendas_of(who, shift.period))])

    def decline(self, shift: Shift, who: PersonId) -> None:
        shift.decline(who, self.agendas_of(who, shift.period))

    def reassign(self, shift: Shift, who: PersonId, to: PersonId) -> None:
        theirs = self.agendas_of(to, shift.period)
        shift.reassign(who, self.agendas_of(who, shift.period), Candidate(PEOPLE[to], theirs))

    def agendas_of(self, who: PersonId, period: Period) -> list[Agenda]:
        for month in period.months():
            if (who, month) not in self.agendas:
                self.agendas[who, month] = Agenda(
                    id=Agenda.id_of(TENANT, who, month), person_id=who, month=str(month)
                )
        return [self.agendas[who, month] for month in period.months()]


def shift_id(number: int) -> ShiftId:
    return ShiftId(UUID(int=number + 1))


@settings(max_examples=60, deadline=None)
@for_all(headcounts, a_history)
def test_whatever_is_asked(places, history):
    roster = Roster.of(places)
    for step in history:
        roster.do(*step)
        for shift in roster.shifts:
            no_shift_is_overbooked(shift)
        for agenda in roster.agendas.values():
            nobody_is_in_two_places(agenda)
            exactly_what_is_held_is_booked(agenda, roster.shifts)
    for thing in (*roster.shifts, *roster.agendas.values()):
        replaying_gives_the_same(thing)


def no_shift_is_overbooked(shift):
    assert shift.taken <= shift.headcount


def nobody_is_in_two_places(agenda):
    for one, other in combinations(agenda.bookings.values(), 2):
        assert not one.overlaps(other)


def exactly_what_is_held_is_booked(agenda, shifts):
    held = {
        shift.id: shift.period
        for shift in shifts
        if shift.is_held_by(agenda.person_id)
        and agenda.month in {str(month) for month in shift.period.months()}
    }
    assert agenda.bookings == held


def replaying_gives_the_same(thing: Aggregate):
    events = list(thing.pending_events)
    thing.pending_events.clear()
    assert replay(events) == thing
    assert [event.originator_version for event in events] == list(range(1, len(events) + 1))
