"""People who are meant to be on a shift before it is published."""

from dataclasses import replace
from datetime import timedelta

from application.scheduling.people import DeactivatePerson
from application.scheduling.shifts import ChangeShift, DraftShift, PublishShift
from domain.scheduling.agenda import Agenda
from domain.scheduling.refusals import NoPlaceLeft, Overlap, PersonInactive, RoleMissing
from domain.scheduling.shift import Shift
from domain.scheduling.staffing import PlanChange
from domain.shared.errors import Invalid, NotFound, RuleBroken
from tests.support.given import (
    given,
    happened,
    then,
    then_failed,
    then_refused,
    told_of,
    when_asked,
)
from tests.support.scheduling import (
    ADMIN,
    ANA,
    BEN,
    CLEO,
    MORNING,
    NOBODY,
    NOON,
    OTHER,
    WARD,
    agenda,
    person,
    role,
    ward,
)

DRAFT = DraftShift(WARD, "nurse", MORNING.start, MORNING.end, headcount=2, notes={})


async def given_a_draft_with(*people, **told):
    done = await when_asked(replace(DRAFT, people=people, **told))
    assert told_of(Shift) == ["Shift.Drafted"]
    return done.result.id


async def test_who_is_planned_has_to_be_there():
    given(ward(), role(), person(ANA))
    await when_asked(replace(DRAFT, people=(ANA, NOBODY)))
    then_failed(NotFound, what="person", id=str(NOBODY))
    shift_id = await given_a_draft_with(ANA)
    await when_asked(ChangeShift(shift_id, PlanChange(people=[NOBODY])))
    then_failed(NotFound, what="person", id=str(NOBODY))


async def test_nobody_is_planned_twice():
    given(ward(), role(), person(ANA))
    await when_asked(replace(DRAFT, people=(ANA, ANA)))
    then_failed(Invalid, fields={"people": "must name each person once"})


async def test_who_is_planned_is_not_booked_before_the_shift_is_published():
    given(ward(), role(), person(ANA), person(BEN), agenda(ANA))
    shift_id = await given_a_draft_with(BEN, ANA)
    await when_asked(PublishShift(shift_id, notify=True))
    booked = happened(Agenda.Booked, shift_id=shift_id, period=MORNING)
    then(
        happened(Shift.Published, notify=True),
        happened(Shift.PersonAssigned, person_id=ANA),
        happened(Shift.PersonAssigned, person_id=BEN),
        booked,
        happened(Agenda.Opened, person_id=BEN, month="2026-11"),
        booked,
    )


async def test_every_reason_against_each_of_them_is_named_and_nobody_gets_a_place():
    given(
        ward(),
        role(),
        person(ANA, roles=()),
        person(BEN),
        person(CLEO),
        agenda(BEN, {OTHER: NOON}),
    )
    shift_id = await given_a_draft_with(ANA, BEN, CLEO)
    await when_asked(DeactivatePerson(CLEO), by=ADMIN)
    await when_asked(PublishShift(shift_id))
    then_refused(RoleMissing, Overlap, PersonInactive, NoPlaceLeft)
    broken = then_failed(RuleBroken).data["broken"]
    assert [one.get("person_id") for one in broken] == [ANA, BEN, CLEO, None]


async def test_of_two_drafts_that_plan_the_same_person_one_is_published():
    given(ward(), role(), person(ANA))
    first = await given_a_draft_with(ANA)
    later = {"start": NOON.start, "end": NOON.end + timedelta(hours=1)}
    second = await given_a_draft_with(ANA, **later)
    await when_asked(PublishShift(first))
    await when_asked(PublishShift(second))
    then_refused(Overlap, person_id=ANA, other=first)
    await when_asked(ChangeShift(second, PlanChange(people=[])))
    await when_asked(PublishShift(second))
    then(happened(Shift.Published, notify=False))


async def test_a_shift_is_not_published_without_who_is_planned_on_it():
    """The rules are asked of everybody it names, in the order of their ids."""
    given(ward(), role(), person(ANA), person(BEN))
    shift_id = await given_a_draft_with(BEN, ANA, headcount=1)
    await when_asked(PublishShift(shift_id))
    then_refused(NoPlaceLeft, headcount=1)
