"""Who may be put on a shift, and what that books."""

import pytest

from domain.scheduling.agenda import Agenda
from domain.scheduling.candidate import Candidate
from domain.scheduling.refusals import (
    AlreadyAssigned,
    NoPlaceLeft,
    NotOpen,
    Overlap,
    PersonInactive,
    RoleMissing,
    ShiftIsOver,
)
from domain.scheduling.shift import Shift
from domain.scheduling.staffing import AssignmentStatus, assignment_id
from domain.shared.period import Month
from tests.support.given import given, happened, then, then_refused, when
from tests.support.scheduling import (
    ANA,
    BEN,
    CLEO,
    EVENING,
    MORNING,
    NEW_YEARS_EVE,
    NOON,
    OTHER,
    OVER,
    SHIFT,
    agenda,
    draft,
    hours,
    person,
    published,
)


def assigned(shift, person, *agendas):
    shift.assign_all([Candidate(person, agendas)])


def test_a_person_is_assigned_and_booked():
    given(published(), person(ANA), agenda(ANA))
    when(assigned)
    then(
        happened(Shift.PersonAssigned, person_id=ANA),
        happened(Agenda.Booked, shift_id=SHIFT, period=MORNING),
    )


def test_an_assignment_waits_for_its_answer_and_holds_a_place():
    shift = published(pending=[ANA])
    assert shift.assignments == {ANA: AssignmentStatus.PENDING}
    assert shift.is_held_by(ANA)
    assert not shift.is_held_by(BEN)
    assert shift.taken == 1


def test_a_shift_over_new_year_books_both_months():
    december, january = agenda(month=Month(2026, 12)), agenda(month=Month(2027, 1))
    given(published(NEW_YEARS_EVE), person(ANA), december, january)
    when(assigned)
    booked = {"shift_id": SHIFT, "period": NEW_YEARS_EVE}
    then(
        happened(Shift.PersonAssigned, person_id=ANA),
        happened(Agenda.Booked, originator_id=december.id, **booked),
        happened(Agenda.Booked, originator_id=january.id, **booked),
    )


def test_nobody_is_assigned_to_a_draft():
    given(draft(), person(ANA), agenda(ANA))
    when(assigned)
    then_refused(NotOpen, status="draft")


def test_nobody_is_assigned_to_a_shift_that_is_over():
    given(published(OVER), person(ANA), agenda(ANA))
    when(assigned)
    then_refused(ShiftIsOver)


def test_a_full_shift_takes_nobody():
    given(published(headcount=2, pending=[BEN], accepted=[CLEO]), person(ANA), agenda(ANA))
    when(assigned)
    then_refused(NoPlaceLeft, headcount=2)


def test_a_declined_place_is_free_again():
    given(published(headcount=1, declined=[BEN]), person(ANA), agenda(ANA))
    when(assigned)
    then(
        happened(Shift.PersonAssigned, person_id=ANA),
        happened(Agenda.Booked, shift_id=SHIFT, period=MORNING),
    )


def test_an_inactive_person_is_not_assigned():
    given(published(), person(ANA, active=False), agenda(ANA))
    when(assigned)
    then_refused(PersonInactive, person_id=ANA)


@pytest.mark.parametrize("roles", [(), ("cook",), ("Nurse",)])
def test_a_person_without_the_role_is_not_assigned(roles):
    given(published(), person(ANA, roles=roles), agenda(ANA))
    when(assigned)
    then_refused(RoleMissing, person_id=ANA, role="nurse")


@pytest.mark.parametrize("answer", ["pending", "accepted"])
def test_a_person_is_assigned_once(answer):
    given(published(headcount=2, **{answer: [ANA]}), person(ANA), agenda(ANA))
    when(assigned)
    then_refused(AlreadyAssigned, person_id=ANA)


def test_who_declined_can_be_asked_again():
    given(published(declined=[ANA]), person(ANA), agenda(ANA))
    when(assigned)
    then(
        happened(Shift.PersonAssigned, person_id=ANA),
        happened(Agenda.Booked, shift_id=SHIFT, period=MORNING),
    )


def test_a_person_cannot_be_in_two_places_at_once():
    given(published(MORNING), person(ANA), agenda(ANA, {OTHER: NOON}))
    when(assigned)
    then_refused(Overlap, person_id=ANA, other=OTHER)


def test_one_agenda_of_several_with_a_clash_is_enough():
    december = agenda(month=Month(2026, 12))
    january = agenda(ANA, {OTHER: hours(27, 40, day=31, month=12)}, Month(2027, 1))
    given(published(NEW_YEARS_EVE), person(ANA), december, january)
    when(assigned)
    then_refused(Overlap, other=OTHER)


def test_a_person_goes_from_one_shift_straight_to_the_next():
    given(published(MORNING), person(ANA), agenda(ANA, {OTHER: EVENING}))
    when(assigned)
    then(
        happened(Shift.PersonAssigned, person_id=ANA),
        happened(Agenda.Booked, shift_id=SHIFT, period=MORNING),
    )


def test_every_reason_against_is_named():
    given(
        draft(OVER, headcount=0),
        person(ANA, roles=(), active=False),
        agenda(ANA, {OTHER: OVER}),
    )
    when(assigned)
    then_refused(NotOpen, ShiftIsOver, PersonInactive, RoleMissing, Overlap, NoPlaceLeft)


def test_an_assignment_is_known_by_its_shift_and_person():
    shift = published(pending=[ANA])
    assert shift.assignment_id(ANA) == assignment_id(SHIFT, ANA)
    assert (
        len({assignment_id(SHIFT, ANA), assignment_id(SHIFT, BEN), assignment_id(OTHER, ANA)}) == 3
    )
