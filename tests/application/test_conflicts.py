"""Whoever loses against another command decides again from fresh state, but not for ever."""

import asyncio
from uuid import UUID

import pytest

from application import dispatch
from application.attempt import Request
from application.scheduling.assignments import AcceptAssignment, AssignPeople, DeclineAssignment
from application.scheduling.claims import ClaimShift
from application.scheduling.people import DeactivatePerson
from application.scheduling.shifts import ChangeShift, PublishShift
from domain.scheduling.agenda import Agenda
from domain.scheduling.person import Person
from domain.scheduling.refusals import NoPlaceLeft, NotADraft, PersonInactive
from domain.scheduling.shift import Shift
from domain.scheduling.staffing import PlanChange
from domain.shared.errors import Conflict, RuleBroken
from domain.shared.ids import PersonId
from domain.shared.moment import happening_at
from tests.support.given import (
    given,
    happened,
    then,
    then_failed,
    then_nothing,
    then_refused,
    when_asked,
)
from tests.support.scheduling import (
    ADMIN,
    ANA,
    ANA_HERSELF,
    ANAS_ACCOUNT,
    BEN,
    BEN_HIMSELF,
    BENS_ACCOUNT,
    CLEO,
    COORDINATOR,
    MORNING,
    NOW,
    OTHER,
    SHIFT,
    TENANT,
    agenda,
    draft,
    person,
    published,
)


def asked(story, command, by=COORDINATOR):
    """What another process does meanwhile."""
    other = story.another_process(story.log.beside())
    return lambda: other.run(command, Request(by, "request-2"), lambda result: result)


async def test_a_conflict_is_decided_again_from_fresh_state(story):
    given(draft())
    story.log.meanwhile(asked(story, ChangeShift(SHIFT, PlanChange(headcount=9))))
    await when_asked(PublishShift(SHIFT))
    then(
        happened(Shift.Changed, role="nurse", period=MORNING, headcount=9, notes={}, people=()),
        happened(Shift.Published, notify=False),
    )
    assert story.outcomes[-1].attempts == 2


async def test_what_the_fresh_state_forbids_is_refused(story):
    given(published(), person(ANA), person(BEN))
    story.log.meanwhile(asked(story, AssignPeople(SHIFT, (BEN,))))
    await when_asked(AssignPeople(SHIFT, (ANA,)))
    assert [refusal.__class__ for refusal in story.failure.refusals] == [NoPlaceLeft]


async def test_of_two_who_claim_the_last_place_one_gets_it(story):
    given(published(), person(ANA, account=ANAS_ACCOUNT), person(BEN, account=BENS_ACCOUNT))
    story.log.meanwhile(asked(story, ClaimShift(SHIFT, BEN), by=BEN_HIMSELF))
    await when_asked(ClaimShift(SHIFT, ANA), by=ANA_HERSELF)
    assert [refusal.__class__ for refusal in story.failure.refusals] == [NoPlaceLeft]
    assert story.log.replayed(SHIFT).holders == [BEN]


async def test_what_a_decision_relied_on_must_still_hold_when_it_is_stored(story):
    given(published(), person(ANA))
    story.log.meanwhile(asked(story, DeactivatePerson(ANA), by=ADMIN))
    await when_asked(AssignPeople(SHIFT, (ANA,)))
    assert [refusal.__class__ for refusal in story.failure.refusals] == [PersonInactive]
    assert story.log.truth.version(SHIFT) == 2


async def test_a_decision_gives_up_after_so_many_conflicts(story, monkeypatch):
    monkeypatch.setattr(dispatch, "ATTEMPTS", 3)
    given(draft())
    story.log.conflict(times=3)
    await when_asked(PublishShift(SHIFT))
    then_failed(Conflict)
    assert [(o.outcome, o.attempts, o.events) for o in story.outcomes] == [("conflict", 3, 0)]


async def test_the_last_attempt_counts(story, monkeypatch):
    monkeypatch.setattr(dispatch, "ATTEMPTS", 3)
    given(draft())
    story.log.conflict(times=2)
    await when_asked(PublishShift(SHIFT))
    then(happened(Shift.Published, notify=False))
    assert [(o.outcome, o.attempts, o.events) for o in story.outcomes] == [("done", 3, 1)]


async def test_a_refusal_of_something_stale_is_decided_again(story):
    given(published(pending=[ANA]), agenda(ANA, {SHIFT: MORNING}), person(BEN), person(CLEO))
    await when_asked(AssignPeople(SHIFT, (BEN,)))
    then_refused(NoPlaceLeft)
    await asked(story, DeclineAssignment(SHIFT, ANA))()
    await when_asked(AssignPeople(SHIFT, (CLEO,)))
    then(
        happened(Shift.PersonAssigned, person_id=CLEO),
        happened(Agenda.Opened, person_id=CLEO, month="2026-11"),
        happened(Agenda.Booked, shift_id=SHIFT, period=MORNING),
    )


async def test_an_acceptance_of_something_stale_is_decided_again(story):
    given(draft())
    await when_asked(ChangeShift(SHIFT, PlanChange(headcount=2)))
    await asked(story, PublishShift(SHIFT))()
    await when_asked(ChangeShift(SHIFT, PlanChange(headcount=3)))
    then_refused(NotADraft)


async def test_nothing_to_do_on_something_stale_is_decided_again(story):
    given(published(pending=[ANA]), agenda(ANA), person(ANA), person(BEN))
    await when_asked(AssignPeople(SHIFT, ()))
    then_nothing()
    await asked(story, AcceptAssignment(SHIFT, ANA))()
    done = await when_asked(AssignPeople(SHIFT, ()), view=lambda shift: shift.version)
    then_nothing()
    assert done.result == 4
    assert story.outcomes[-1].attempts == 2


async def test_a_decision_does_not_see_what_another_has_not_stored_yet(story):
    given(published(), person(ANA))

    async def somebody_is_about_to_deactivate_her():
        ana = await story.log.take(Person, ANA, TENANT)
        with happening_at(NOW):
            ana.deactivate()
        story.log.taken.clear()

    story.log.meanwhile(somebody_is_about_to_deactivate_her, before="Agenda")
    await when_asked(AssignPeople(SHIFT, (ANA,)))
    then(
        happened(Shift.PersonAssigned, person_id=ANA),
        happened(Agenda.Opened, person_id=ANA, month="2026-11"),
        happened(Agenda.Booked, shift_id=SHIFT, period=MORNING),
    )


@pytest.mark.parametrize("places", [1, 3])
async def test_as_many_win_as_there_are_places(story, places):
    everybody = [person(PersonId(UUID(int=number + 1))) for number in range(8)]
    given(published(headcount=places), *everybody)
    processes = [story.another_process(story.log.beside()) for _ in range(2)]
    results = await asyncio.gather(
        *(
            processes[number % 2].run(
                AssignPeople(SHIFT, (who.id,)), Request(COORDINATOR, f"request-{number}"), repr
            )
            for number, who in enumerate(everybody)
        ),
        return_exceptions=True,
    )
    losers = [result for result in results if isinstance(result, Exception)]
    assert len(results) - len(losers) == places
    assert {type(loser) for loser in losers} == {RuleBroken}
    assert story.log.replayed(SHIFT).taken == places


async def test_of_two_shifts_at_the_same_hour_a_person_gets_one(story):
    given(published(), published(id=OTHER), person(ANA))
    processes = [story.another_process(story.log.beside()) for _ in range(2)]
    results = await asyncio.gather(
        *(
            process.run(AssignPeople(shift, (ANA,)), Request(COORDINATOR, "race"), repr)
            for process, shift in zip(processes, (SHIFT, OTHER), strict=True)
        ),
        return_exceptions=True,
    )
    assert sorted(isinstance(result, RuleBroken) for result in results) == [False, True]


async def test_an_answer_twice_at_once_is_given_once(story):
    given(published(pending=[ANA]))
    command, request = AcceptAssignment(SHIFT, ANA), Request(COORDINATOR, "race")
    results = await asyncio.gather(
        *(story.dispatcher.run(command, request, repr) for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(result, RuleBroken) for result in results) == 4
    assert story.log.truth.version(SHIFT) == 4
