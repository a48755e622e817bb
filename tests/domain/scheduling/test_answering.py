"""Accepting, declining, and handing an assignment on."""

import pytest

from domain.scheduling.agenda import Agenda
from domain.scheduling.candidate import Candidate
from domain.scheduling.refusals import (
    AlreadyAnswered,
    AlreadyAssigned,
    NotAssigned,
    NotOpen,
    Overlap,
    PersonInactive,
    RoleMissing,
    ShiftIsOver,
)
from domain.scheduling.shift import Shift
from domain.scheduling.staffing import AssignmentStatus
from tests.support.given import given, happened, then, then_refused, when
from tests.support.scheduling import (
    ANA,
    BEN,
    MORNING,
    NOON,
    OTHER,
    OVER,
    SHIFT,
    agenda,
    draft,
    person,
    published,
)

BOOKED = {SHIFT: MORNING}


def accepted(shift):
    shift.accept(ANA)


def declined(shift, *agendas):
    shift.decline(ANA, agendas)


def handed_to_ben(shift, hers, ben, his):
    shift.reassign(ANA, [hers], to=Candidate(ben, [his]))


def test_the_assignee_accepts():
    given(published(pending=[ANA]))
    when(accepted)
    then(happened(Shift.AssignmentAccepted, person_id=ANA))


def test_an_accepted_assignment_holds_its_place():
    shift = published(accepted=[ANA])
    assert shift.assignments == {ANA: AssignmentStatus.ACCEPTED}
    assert shift.taken == 1


def test_who_is_not_assigned_can_not_accept():
    given(published(pending=[BEN]))
    when(accepted)
    then_refused(NotAssigned, person_id=ANA)


@pytest.mark.parametrize("answer", ["accepted", "declined"])
def test_an_answer_is_given_once(answer):
    given(published(**{answer: [ANA]}))
    when(accepted)
    then_refused(AlreadyAnswered, status=answer)


@pytest.mark.parametrize("answer", ["pending", "accepted"])
def test_declining_frees_the_place_and_the_agenda(answer):
    given(published(**{answer: [ANA]}), agenda(ANA, BOOKED))
    when(declined)
    then(
        happened(Shift.AssignmentDeclined, person_id=ANA),
        happened(Agenda.Released, shift_id=SHIFT),
    )


def test_a_declined_assignment_holds_no_place():
    shift = published(declined=[ANA])
    assert shift.assignments == {ANA: AssignmentStatus.DECLINED}
    assert shift.taken == 0
    assert not shift.is_held_by(ANA)


def test_who_declined_can_not_decline_again():
    given(published(declined=[ANA]), agenda(ANA))
    when(declined)
    then_refused(AlreadyAnswered, status="declined")


def test_who_is_not_assigned_can_not_decline():
    given(published(), agenda(ANA))
    when(declined)
    then_refused(NotAssigned, person_id=ANA)


@pytest.mark.parametrize("answer", ["pending", "accepted"])
def test_a_place_is_handed_to_another_person_who_has_yet_to_accept_it(answer):
    shift = published(**{answer: [ANA]})
    given(shift, agenda(ANA, BOOKED), person(BEN), agenda(BEN))
    when(handed_to_ben)
    then(
        happened(Shift.AssignmentReassigned, person_id=ANA, to_person_id=BEN),
        happened(Agenda.Released, shift_id=SHIFT),
        happened(Agenda.Booked, shift_id=SHIFT, period=MORNING),
    )
    assert shift.assignments == {ANA: AssignmentStatus.REASSIGNED, BEN: AssignmentStatus.PENDING}
    assert shift.taken == 1


def test_a_full_shift_can_still_be_handed_on():
    given(published(headcount=1, pending=[ANA]), agenda(ANA, BOOKED), person(BEN), agenda(BEN))
    when(handed_to_ben)
    then(
        happened(Shift.AssignmentReassigned, person_id=ANA, to_person_id=BEN),
        happened(Agenda.Released, shift_id=SHIFT),
        happened(Agenda.Booked, shift_id=SHIFT, period=MORNING),
    )


def test_who_holds_no_place_has_none_to_hand_on():
    given(published(), agenda(ANA), person(BEN), agenda(BEN))
    when(handed_to_ben)
    then_refused(NotAssigned, person_id=ANA)


def test_who_declined_has_no_place_to_hand_on():
    given(published(declined=[ANA]), agenda(ANA), person(BEN), agenda(BEN))
    when(handed_to_ben)
    then_refused(AlreadyAnswered, status="declined")


def test_nobody_is_handed_a_place_beside_another_one():
    given(published(pending=[ANA]), agenda(ANA, BOOKED), person(BEN), agenda(BEN, {OTHER: NOON}))
    when(handed_to_ben)
    then_refused(Overlap, person_id=BEN, other=OTHER)


def test_nobody_is_handed_a_second_place_on_the_same_shift():
    given(
        published(headcount=2, pending=[ANA, BEN]),
        agenda(ANA, BOOKED),
        person(BEN),
        agenda(BEN, BOOKED),
    )
    when(handed_to_ben)
    then_refused(AlreadyAssigned, person_id=BEN)


def test_nobody_hands_a_place_to_himself():
    given(published(pending=[ANA]), agenda(ANA, BOOKED), person(ANA))
    when(lambda shift, hers, ana: shift.reassign(ANA, [hers], to=Candidate(ana, [hers])))
    then_refused(AlreadyAssigned, person_id=ANA)


def test_who_takes_over_must_be_active_and_have_the_role():
    ben = person(BEN, roles=["cook"], active=False)
    given(published(pending=[ANA]), agenda(ANA, BOOKED), ben, agenda(BEN))
    when(handed_to_ben)
    then_refused(PersonInactive, RoleMissing, person_id=BEN)


ANSWERS = [accepted, lambda shift: shift.decline(ANA, ())]


@pytest.mark.parametrize("answer", ANSWERS, ids=["accept", "decline"])
def test_nobody_answers_when_the_shift_is_over(answer):
    given(published(OVER))
    when(answer)
    then_refused(ShiftIsOver, NotAssigned)


@pytest.mark.parametrize("answer", ANSWERS, ids=["accept", "decline"])
def test_nobody_answers_for_a_draft(answer):
    given(draft())
    when(answer)
    then_refused(NotOpen, NotAssigned, status="draft")


def test_nothing_is_handed_on_when_the_shift_is_over():
    given(published(OVER), agenda(ANA), person(BEN), agenda(BEN))
    when(handed_to_ben)
    then_refused(NotAssigned, ShiftIsOver)
