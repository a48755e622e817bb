"""Taking a free place for oneself."""

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
from domain.scheduling.staffing import AssignmentStatus
from domain.scheduling.warnings import WeeklyHoursAboveCap
from tests.support.given import given, happened, then, then_refused, when
from tests.support.scheduling import (
    ANA,
    BEN,
    CLEO,
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


def claimed(shift, person, *agendas):
    shift.claim(Candidate(person, agendas))


def test_a_free_place_is_claimed_and_booked():
    shift = published(headcount=2, pending=[BEN])
    given(shift, person(ANA), agenda(ANA))
    when(claimed)
    then(
        happened(Shift.PlaceClaimed, person_id=ANA),
        happened(Agenda.Booked, shift_id=SHIFT, period=MORNING),
    )
    assert shift.taken == 2


def test_a_claimed_place_needs_no_answer():
    shift = published()
    given(shift, person(ANA), agenda(ANA))
    when(claimed)
    assert shift.assignments == {ANA: AssignmentStatus.ACCEPTED}
    assert shift.accepted == [ANA]


def test_what_there_is_to_be_told_of_a_claim_is_remembered():
    shift = published()
    given(shift, person(ANA, cap=5), agenda(ANA))
    when(claimed)
    warning = WeeklyHoursAboveCap(ANA, "2026-W45", hours=6.0, cap=5.0)
    then(
        happened(Shift.PlaceClaimed, person_id=ANA),
        happened(Shift.WarningsRaised, person_id=ANA, warnings=(warning,)),
        happened(Agenda.Booked, shift_id=SHIFT, period=MORNING),
    )


def test_a_full_shift_can_not_be_claimed():
    given(published(headcount=2, pending=[BEN], accepted=[CLEO]), person(ANA), agenda(ANA))
    when(claimed)
    then_refused(NoPlaceLeft, headcount=2)


def test_who_declined_can_still_claim():
    given(published(declined=[ANA]), person(ANA), agenda(ANA))
    when(claimed)
    then(
        happened(Shift.PlaceClaimed, person_id=ANA),
        happened(Agenda.Booked, shift_id=SHIFT, period=MORNING),
    )


@pytest.mark.parametrize("answer", ["pending", "accepted"])
def test_nobody_claims_a_second_place(answer):
    given(published(headcount=2, **{answer: [ANA]}), person(ANA), agenda(ANA))
    when(claimed)
    then_refused(AlreadyAssigned, person_id=ANA)


def test_a_draft_is_not_there_to_be_claimed():
    given(draft(), person(ANA), agenda(ANA))
    when(claimed)
    then_refused(NotOpen, status="draft")


def test_every_reason_against_a_claim_is_named():
    ana = person(ANA, roles=(), active=False)
    given(published(OVER, headcount=0), ana, agenda(ANA, {OTHER: OVER}))
    when(claimed)
    then_refused(ShiftIsOver, PersonInactive, RoleMissing, Overlap, NoPlaceLeft)


def test_nobody_claims_a_place_beside_another_one():
    given(published(), person(ANA), agenda(ANA, {OTHER: NOON}))
    when(claimed)
    then_refused(Overlap, person_id=ANA, other=OTHER)
