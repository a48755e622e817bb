"""Saying when one can work, and not over what somebody else has said meanwhile."""

import pytest

from application.attempt import Request
from application.scheduling.assignments import AssignPeople
from application.scheduling.availability import StateAvailability, availability_of
from domain.scheduling.availability import Availability, Calendar
from domain.scheduling.refusals import BlackedOut, OutsideAvailability
from domain.shared.errors import Forbidden, Invalid, NotFound, Stale
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
    ANA,
    ANA_HERSELF,
    ANAS_ACCOUNT,
    ANAS_CALENDAR,
    AUDITOR,
    BEN_HIMSELF,
    COORDINATOR,
    FOREIGN,
    LAST_WEEK,
    MORNING,
    NOBODY,
    SHIFT,
    TENANT,
    hours,
    person,
    published,
)

STATE = StateAvailability(ANA, ANAS_CALENDAR)
NEVER = Calendar("UTC", weekly=())


def stated(calendar=ANAS_CALENDAR):
    with happening_at(LAST_WEEK):
        return Availability.state(Availability.id_of(TENANT, ANA), ANA, calendar)


def given_ana(*others):
    given(person(ANA, account=ANAS_ACCOUNT), *others)


async def test_who_works_no_shifts_says_nothing_of_when():
    given_ana()
    await when_asked(STATE, by=AUDITOR)
    then_failed(Forbidden, needs="availability:write:own")


async def test_nobody_says_it_for_somebody_else():
    given_ana()
    await when_asked(STATE, by=BEN_HIMSELF)
    then_failed(Forbidden)


@pytest.mark.parametrize("actor", [ANA_HERSELF, COORDINATOR], ids=["herself", "coordinator"])
@pytest.mark.parametrize("seen", [None, 0])
async def test_it_is_stated(actor, seen):
    given_ana()
    await when_asked(StateAvailability(ANA, ANAS_CALENDAR, seen), by=actor)
    then(happened(Availability.Stated, person_id=ANA, calendar=ANAS_CALENDAR))


@pytest.mark.parametrize("seen", [None, 1])
async def test_it_is_replaced_by_who_has_seen_it(seen):
    given_ana(stated())
    done = await when_asked(StateAvailability(ANA, NEVER, seen), by=ANA_HERSELF)
    then(happened(Availability.Replaced, person_id=ANA, calendar=NEVER))
    assert done.result.version == 2


@pytest.mark.parametrize("seen", [0, 2])
async def test_who_has_seen_another_version_replaces_nothing(seen):
    given_ana(stated())
    await when_asked(StateAvailability(ANA, NEVER, seen), by=ANA_HERSELF)
    then_failed(Stale, version=1)


async def test_who_has_seen_what_there_never_was_is_told():
    given_ana()
    await when_asked(StateAvailability(ANA, NEVER, 1), by=ANA_HERSELF)
    then_failed(Stale, version=0)


async def test_the_same_again_is_nothing_new_and_no_new_version():
    given_ana(stated())
    done = await when_asked(StateAvailability(ANA, ANAS_CALENDAR, 1), by=ANA_HERSELF)
    then_nothing()
    assert done.result.version == 1


async def test_what_can_not_be_is_refused():
    given_ana(stated())
    await when_asked(StateAvailability(ANA, Calendar("Europe/Atlantis")), by=ANA_HERSELF)
    then_failed(Invalid, fields={"zone": "is not an IANA time zone"})


async def test_nothing_is_said_for_who_is_not_there():
    await when_asked(StateAvailability(NOBODY, NEVER), by=COORDINATOR)
    then_failed(NotFound, what="person", id=str(NOBODY))


async def test_nothing_is_said_for_another_tenants_people():
    given(person(ANA), tenant=FOREIGN)
    await when_asked(STATE, by=COORDINATOR)
    then_failed(NotFound, what="person")


async def test_what_was_said_is_looked_up(story):
    given_ana(stated())
    found = await story.dispatcher.look(lambda work: availability_of(ANA, work), COORDINATOR)
    assert found.calendar == ANAS_CALENDAR
    with pytest.raises(NotFound):
        await story.dispatcher.look(lambda work: availability_of(NOBODY, work), COORDINATOR)


@pytest.mark.parametrize(
    ("calendar", "rule"),
    [
        (NEVER, OutsideAvailability),
        (Calendar("UTC", None, ANAS_CALENDAR.blackouts), None),
        (ANAS_CALENDAR, None),
    ],
    ids=["never", "not on Christmas Eve", "Mondays by day"],
)
async def test_what_was_said_counts_when_somebody_is_assigned(calendar, rule):
    given_ana(stated(calendar), published())
    await when_asked(AssignPeople(SHIFT, (ANA,)))
    if rule is not None:
        then_refused(rule, person_id=ANA)


async def test_a_blackout_counts_when_somebody_is_assigned():
    christmas_eve = hours(8, 14, day=24, month=12)
    given_ana(stated(Calendar("UTC", None, ANAS_CALENDAR.blackouts)), published(christmas_eve))
    await when_asked(AssignPeople(SHIFT, (ANA,)))
    then_refused(BlackedOut, person_id=ANA)


async def test_what_is_said_while_somebody_is_assigned_counts(story):
    """The assignment was decided on what she had said before, and is decided again."""
    given_ana(stated(), published(MORNING))
    other = story.another_process(story.log.beside())
    never = StateAvailability(ANA, NEVER)
    story.log.meanwhile(lambda: other.run(never, Request(ANA_HERSELF, "request-2"), bool))
    await when_asked(AssignPeople(SHIFT, (ANA,)))
    assert [type(refusal) for refusal in story.failure.refusals] == [OutsideAvailability]
