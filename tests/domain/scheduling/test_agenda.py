"""An agenda knows where a person is booked."""

from uuid import UUID

from domain.scheduling.agenda import Agenda, Booking
from domain.scheduling.candidate import Candidate
from domain.shared.ids import ShiftId
from domain.shared.period import Month
from tests.support.given import given, happened, then, then_nothing, when
from tests.support.scheduling import (
    ANA,
    BEN,
    EVENING,
    FOREIGN,
    MORNING,
    NOON,
    OTHER,
    SHIFT,
    TENANT,
    agenda,
    hours,
    person,
)

NEW_MONTH = hours(20, 30, day=30)
NOTHING = ShiftId(UUID(int=0))


def test_a_booking_is_remembered():
    given(agenda())
    when(lambda agenda: agenda.book(SHIFT, MORNING))
    then(happened(Agenda.Booked, shift_id=SHIFT, period=MORNING))


def test_a_booking_can_be_released():
    given(agenda(ANA, {SHIFT: MORNING}))
    when(lambda agenda: agenda.release(SHIFT))
    then(happened(Agenda.Released, shift_id=SHIFT))


def test_releasing_what_is_not_booked_is_nothing_new():
    given(agenda(ANA, {OTHER: MORNING}))
    when(lambda agenda: agenda.release(SHIFT))
    then_nothing()


def test_a_released_booking_is_gone():
    booked = agenda(ANA, {SHIFT: MORNING, OTHER: EVENING})
    given(booked)
    when(lambda agenda: agenda.release(SHIFT))
    assert booked.bookings == {OTHER: EVENING}


def test_a_candidates_bookings_are_those_of_all_agendas_each_once():
    november, december = (
        agenda(booked={OTHER: NEW_MONTH}),
        agenda(booked={OTHER: NEW_MONTH, SHIFT: NOON}, month=Month(2026, 12)),
    )
    ana = Candidate(person(ANA), [november, december])
    assert list(ana.bookings(besides=NOTHING)) == [Booking(OTHER, NEW_MONTH), Booking(SHIFT, NOON)]


def test_the_shift_in_question_and_what_is_given_up_do_not_count():
    booked = agenda(booked={OTHER: EVENING, SHIFT: NOON})
    assert list(Candidate(person(ANA), [booked]).bookings(besides=SHIFT)) == [
        Booking(OTHER, EVENING)
    ]
    leaving = Candidate(person(ANA), [booked], giving_up=frozenset({OTHER}))
    assert list(leaving.bookings(besides=SHIFT)) == []


def test_a_candidate_is_booked_in_the_months_of_the_shift_alone():
    november, december = agenda(), agenda(month=Month(2026, 12))
    ana = Candidate(person(ANA), [november, december])
    assert ana.agendas_of(MORNING) == [november]
    assert ana.agendas_of(NEW_MONTH) == [november, december]


def test_there_is_one_agenda_per_tenant_person_and_month():
    month = Month(2026, 11)
    ids = [
        Agenda.id_of(TENANT, ANA, month),
        Agenda.id_of(FOREIGN, ANA, month),
        Agenda.id_of(TENANT, BEN, month),
        Agenda.id_of(TENANT, ANA, month.next()),
    ]
    assert len(set(ids)) == 4
    assert Agenda.id_of(TENANT, ANA, Month(2026, 11)) == ids[0]
