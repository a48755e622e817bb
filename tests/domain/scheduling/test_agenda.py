"""An agenda knows where a person is booked."""

import pytest

from domain.scheduling.agenda import Agenda, Booking
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
)


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


def test_a_clash_names_the_other_shift():
    clash = agenda(ANA, {OTHER: NOON}).clash_with(MORNING, besides=SHIFT)
    assert clash == Booking(OTHER, NOON)


def test_a_shift_does_not_clash_with_itself():
    assert agenda(ANA, {SHIFT: NOON}).clash_with(MORNING, besides=SHIFT) is None


@pytest.mark.parametrize("booked", [{}, {OTHER: EVENING}], ids=["nothing", "what follows"])
def test_there_is_no_clash_with(booked):
    assert agenda(ANA, booked).clash_with(MORNING, besides=SHIFT) is None


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
