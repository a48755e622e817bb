"""Publishing many drafts at once: all or none."""

from dataclasses import replace

from application.attempt import Request
from application.scheduling.shifts import PublishShift, PublishShifts
from domain.scheduling.agenda import Agenda
from domain.scheduling.shift import Shift
from domain.scheduling.staffing import PlanChange
from domain.shared.errors import Forbidden, NotFound, RuleBroken
from domain.shared.moment import happening_at
from tests.support.given import given, happened, then, then_failed, when_asked
from tests.support.scheduling import (
    ANA,
    ANA_HERSELF,
    BEN,
    FOREIGN,
    LAST_WEEK,
    MORNING,
    NOON,
    OTHER,
    OVER,
    SHIFT,
    SYSTEM,
    agenda,
    draft,
    hours,
    person,
    published,
)

TUESDAY = hours(8, 14, day=3)
BOTH = PublishShifts((SHIFT, OTHER))


def planned(*people, period=MORNING, id=SHIFT):
    shift = draft(period, id=id, headcount=max(1, len(people)))
    with happening_at(LAST_WEEK):
        shift.change(PlanChange(people=people))
    return shift


def refusals():
    failure = then_failed(RuleBroken)
    told = [refusal.as_data() for refusal in failure.refusals]
    return [(each["shift_id"], each["rule"]) for each in told]


async def test_drafts_are_published_in_one_append_by_their_start(story):
    given(draft(TUESDAY), draft(MORNING, id=OTHER))
    done = await when_asked(replace(BOTH, notify=True))
    published_ = happened(Shift.Published, notify=True)
    then(published_, published_)
    assert [shift.id for shift in done.result] == [OTHER, SHIFT]
    assert all(shift.is_published for shift in done.result)
    assert len(story.log.appends) == 1


async def test_who_is_planned_gets_a_place_on_each():
    given(person(ANA), agenda(ANA), planned(ANA), planned(ANA, period=TUESDAY, id=OTHER))
    await when_asked(BOTH)
    on_the = [{"originator_id": each, "person_id": ANA} for each in (SHIFT, OTHER)]
    then(
        happened(Shift.Published, notify=False),
        happened(Shift.PersonAssigned, **on_the[0]),
        happened(Shift.Published, notify=False),
        happened(Shift.PersonAssigned, **on_the[1]),
        happened(Agenda.Booked, shift_id=SHIFT, period=MORNING),
        happened(Agenda.Booked, shift_id=OTHER, period=TUESDAY),
    )


async def test_nobody_is_put_on_two_of_them_at_the_same_time():
    given(person(ANA), agenda(ANA), planned(ANA), planned(ANA, period=NOON, id=OTHER))
    await when_asked(BOTH)
    assert refusals() == [(OTHER, "Overlap")]


async def test_every_reason_against_each_is_told_and_none_is_published():
    given(person(ANA, roles=["cook"]), person(BEN), agenda(ANA), agenda(BEN))
    given(planned(ANA, BEN), published(TUESDAY, id=OTHER))
    await when_asked(BOTH)
    assert refusals() == [(SHIFT, "RoleMissing"), (OTHER, "NotADraft")]


async def test_a_refusal_says_whose_it_is():
    given(draft(OVER), draft(TUESDAY, id=OTHER))
    await when_asked(BOTH)
    assert refusals() == [(SHIFT, "ShiftIsOver")]
    failure = then_failed(RuleBroken)
    assert failure.message == "The shift has ended."
    assert failure.data["broken"] == [
        {"rule": "ShiftIsOver", "message": "The shift has ended.", "shift_id": SHIFT}
    ]


async def test_a_shift_that_is_named_twice_is_published_once():
    given(draft())
    await when_asked(PublishShifts((SHIFT, SHIFT)))
    then(happened(Shift.Published, notify=False))


async def test_a_shift_that_is_not_here_is_named():
    given(draft())
    given(draft(id=OTHER), tenant=FOREIGN)
    await when_asked(BOTH)
    then_failed(NotFound, what="shift", id=str(OTHER))


async def test_what_another_process_publishes_meanwhile_is_refused(story):
    given(draft(), draft(TUESDAY, id=OTHER))
    beside = story.another_process(story.log.beside())
    request = Request(SYSTEM, "request-2")
    story.log.meanwhile(lambda: beside.run(PublishShift(OTHER), request, lambda shift: shift.id))
    await when_asked(BOTH)
    assert [each.as_data()["rule"] for each in story.failure.refusals] == ["NotADraft"]
    assert story.log.appends == []


async def test_a_volunteer_may_not():
    given(draft())
    await when_asked(BOTH, by=ANA_HERSELF)
    then_failed(Forbidden, needs="shifts:write:all")
