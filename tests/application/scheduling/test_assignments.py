"""Putting people on shifts, and their answers."""

import pytest

from application.scheduling.assignments import (
    AcceptAssignment,
    AssignPeople,
    DeclineAssignment,
    ReassignAssignment,
)
from domain.scheduling.agenda import Agenda
from domain.scheduling.refusals import AlreadyAssigned, NoPlaceLeft, NotOpen, Overlap, RoleMissing
from domain.scheduling.shift import Shift
from domain.shared.errors import Forbidden, NotFound, RuleBroken
from domain.shared.period import Month
from tests.support.given import given, happened, then, then_failed, then_refused, when_asked
from tests.support.scheduling import (
    ANA,
    ANA_HERSELF,
    ANAS_ACCOUNT,
    AUDITOR,
    BEN,
    BEN_HIMSELF,
    BENS_ACCOUNT,
    COORDINATOR,
    MORNING,
    NEW_YEARS_EVE,
    NOBODY,
    NOON,
    OTHER,
    SHIFT,
    agenda,
    draft,
    person,
    published,
)

BOOKED = happened(Agenda.Booked, shift_id=SHIFT, period=MORNING)
RELEASED = happened(Agenda.Released, shift_id=SHIFT)


def opened(person_id, month="2026-11"):
    return happened(Agenda.Opened, person_id=person_id, month=month)


def given_ana_is_asked(*others):
    given(
        published(pending=[ANA]),
        agenda(ANA, {SHIFT: MORNING}),
        person(ANA, account=ANAS_ACCOUNT),
        person(BEN, account=BENS_ACCOUNT),
        *others,
    )


async def test_the_first_booking_of_a_month_opens_the_agenda():
    given(published(), person(ANA))
    await when_asked(AssignPeople(SHIFT, (ANA,)))
    then(happened(Shift.PersonAssigned, person_id=ANA), opened(ANA), BOOKED)


async def test_the_next_booking_uses_the_agenda_that_is_there():
    given(published(), person(ANA), agenda(ANA))
    await when_asked(AssignPeople(SHIFT, (ANA,)))
    then(happened(Shift.PersonAssigned, person_id=ANA), BOOKED)


async def test_a_shift_over_new_year_is_booked_in_both_years():
    given(published(NEW_YEARS_EVE), person(ANA), agenda(ANA, month=Month(2026, 12)))
    await when_asked(AssignPeople(SHIFT, (ANA,)))
    booked = happened(Agenda.Booked, shift_id=SHIFT, period=NEW_YEARS_EVE)
    then(happened(Shift.PersonAssigned, person_id=ANA), booked, opened(ANA, "2027-01"), booked)


async def test_of_several_people_all_are_assigned_or_none():
    given(published(headcount=1), person(ANA), person(BEN))
    await when_asked(AssignPeople(SHIFT, (ANA, BEN)))
    then_refused(NoPlaceLeft, headcount=1)


async def test_of_several_people_everybody_is_named_whom_a_rule_is_against():
    given(
        published(headcount=1),
        person(ANA, roles=()),
        person(BEN, roles=()),
        agenda(BEN, {OTHER: NOON}),
    )
    await when_asked(AssignPeople(SHIFT, (BEN, ANA)))
    then_refused(RoleMissing, RoleMissing, Overlap, NoPlaceLeft)
    broken = then_failed(RuleBroken).data["broken"]
    assert [one.get("person_id") for one in broken] == [ANA, BEN, BEN, None]


async def test_a_rule_of_the_shift_is_named_once_whoever_is_asked_for():
    given(draft(headcount=2), person(ANA), person(BEN))
    await when_asked(AssignPeople(SHIFT, (ANA, BEN)))
    then_refused(NotOpen)


async def test_nobody_is_named_twice():
    given(published(headcount=2), person(ANA))
    await when_asked(AssignPeople(SHIFT, (ANA, ANA)))
    then_refused(AlreadyAssigned, person_id=ANA)


async def test_who_is_elsewhere_is_not_assigned():
    given(published(), person(ANA), agenda(ANA, {OTHER: NOON}))
    await when_asked(AssignPeople(SHIFT, (ANA,)))
    then_refused(Overlap, other=OTHER)


async def test_who_is_not_there_is_named():
    given(published())
    await when_asked(AssignPeople(SHIFT, (NOBODY,)))
    then_failed(NotFound, what="person", id=str(NOBODY))


async def test_no_volunteer_assigns():
    given(published(), person(ANA))
    await when_asked(AssignPeople(SHIFT, (ANA,)), by=ANA_HERSELF)
    then_failed(Forbidden, needs="shifts:write:all")


@pytest.mark.parametrize("actor", [ANA_HERSELF, COORDINATOR], ids=["assignee", "coordinator"])
async def test_an_assignment_is_accepted_by(actor):
    given_ana_is_asked()
    await when_asked(AcceptAssignment(SHIFT, ANA), by=actor)
    then(happened(Shift.AssignmentAccepted, person_id=ANA))


@pytest.mark.parametrize("actor", [ANA_HERSELF, COORDINATOR], ids=["assignee", "coordinator"])
async def test_an_assignment_is_declined_by(actor):
    given_ana_is_asked()
    await when_asked(DeclineAssignment(SHIFT, ANA), by=actor)
    then(happened(Shift.AssignmentDeclined, person_id=ANA), RELEASED)


@pytest.mark.parametrize("actor", [ANA_HERSELF, COORDINATOR], ids=["assignee", "coordinator"])
async def test_an_assignment_is_handed_on_by(actor):
    given_ana_is_asked()
    await when_asked(ReassignAssignment(SHIFT, ANA, BEN), by=actor)
    then(
        happened(Shift.AssignmentReassigned, person_id=ANA, to_person_id=BEN),
        RELEASED,
        opened(BEN),
        BOOKED,
    )


ANSWERS = [
    AcceptAssignment(SHIFT, ANA),
    DeclineAssignment(SHIFT, ANA),
    ReassignAssignment(SHIFT, ANA, BEN),
]
answers = pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer).__name__)


@answers
async def test_nobody_answers_for_somebody_else(answer):
    given_ana_is_asked()
    await when_asked(answer, by=BEN_HIMSELF)
    failure = then_failed(Forbidden)
    assert failure.message == "This is for the person concerned, or for a coordinator."


@answers
async def test_who_may_not_answer_at_all_is_told_what_is_needed(answer):
    given_ana_is_asked()
    await when_asked(answer, by=AUDITOR)
    then_failed(Forbidden, needs="assignments:answer:own")


@answers
async def test_nobody_but_a_coordinator_answers_for_who_has_no_account(answer):
    given(published(pending=[ANA]), person(ANA, account=None), person(BEN))
    await when_asked(answer, by=ANA_HERSELF)
    then_failed(Forbidden)


@answers
async def test_an_answer_for_a_shift_that_is_not_there_names_it(answer):
    given(person(ANA, account=ANAS_ACCOUNT), person(BEN))
    await when_asked(answer, by=ANA_HERSELF)
    then_failed(NotFound, what="shift", id=str(SHIFT))


async def test_nothing_is_handed_to_who_is_not_there():
    given_ana_is_asked()
    await when_asked(ReassignAssignment(SHIFT, ANA, NOBODY))
    then_failed(NotFound, what="person", id=str(NOBODY))


async def test_who_declined_is_free_for_another_shift():
    given_ana_is_asked(published(NOON, id=OTHER))
    await when_asked(DeclineAssignment(SHIFT, ANA), by=ANA_HERSELF)
    await when_asked(AssignPeople(OTHER, (ANA,)))
    then(
        happened(Shift.PersonAssigned, person_id=ANA),
        happened(Agenda.Booked, shift_id=OTHER, period=NOON),
    )
