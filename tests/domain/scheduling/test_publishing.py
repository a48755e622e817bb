"""Publishing a shift gives those who are planned on it their places, all of them or nobody."""

import pytest

from domain.scheduling.agenda import Agenda
from domain.scheduling.availability import Calendar
from domain.scheduling.candidate import Candidate
from domain.scheduling.refusals import (
    NoPlaceLeft,
    NotADraft,
    OutsideAvailability,
    Overlap,
    PersonInactive,
    RoleMissing,
    ShiftIsOver,
)
from domain.scheduling.shift import Shift
from domain.scheduling.staffing import AssignmentStatus, PlanChange, planned_people
from domain.scheduling.warnings import WeeklyHoursAboveCap
from domain.shared.errors import Invalid, RuleBroken
from tests.support.given import (
    given,
    happened,
    then,
    then_failed,
    then_nothing,
    then_refused,
    when,
)
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


def planned(*people, headcount=2, period=MORNING):
    shift = draft(period, headcount=headcount)
    given(shift)
    when(lambda shift: shift.change(PlanChange(people=people)))
    return shift


def publish(*candidates, notify=False):
    return lambda shift, *_: shift.publish(candidates, notify=notify)


def test_who_is_planned_holds_no_place_before():
    shift = planned(ANA, BEN)
    then(
        happened(
            Shift.Changed, role="nurse", period=MORNING, headcount=2, notes={}, people=(ANA, BEN)
        )
    )
    assert (shift.people, shift.assignments, shift.taken) == ((ANA, BEN), {}, 0)


def test_who_is_planned_gets_a_place_and_is_booked():
    shift, hers, his = planned(ANA, BEN), agenda(ANA), agenda(BEN)
    given(hers, his)
    when(publish(Candidate(person(ANA), [hers]), Candidate(person(BEN), [his]), notify=True))
    booked = {"shift_id": SHIFT, "period": MORNING}
    then(
        happened(Shift.Published, notify=True),
        happened(Shift.PersonAssigned, person_id=ANA),
        happened(Shift.PersonAssigned, person_id=BEN),
        happened(Agenda.Booked, originator_id=hers.id, **booked),
        happened(Agenda.Booked, originator_id=his.id, **booked),
    )
    assert set(shift.assignments.values()) == {AssignmentStatus.PENDING}


def test_what_there_is_to_be_told_of_who_is_planned_is_remembered():
    planned(ANA)
    when(publish(Candidate(person(ANA, cap=5))))
    warning = WeeklyHoursAboveCap(ANA, "2026-W45", hours=6.0, cap=5.0)
    then(
        happened(Shift.Published, notify=False),
        happened(Shift.PersonAssigned, person_id=ANA),
        happened(Shift.WarningsRaised, person_id=ANA, warnings=(warning,)),
    )


def test_every_reason_against_each_of_them_is_named():
    shift = planned(ANA, BEN, CLEO)
    when(
        publish(
            Candidate(person(ANA, active=False)),
            Candidate(person(BEN, roles=["cook"]), [agenda(BEN, {OTHER: NOON})]),
            Candidate(person(CLEO), calendar=Calendar("UTC", ())),
        )
    )
    then_refused(PersonInactive, RoleMissing, Overlap, OutsideAvailability, NoPlaceLeft)
    broken = then_failed(RuleBroken).data["broken"]
    assert [one.get("person_id") for one in broken] == [ANA, BEN, BEN, CLEO, None]
    assert shift.is_draft


def test_the_reasons_against_the_shift_come_first():
    given(published(OVER))
    when(publish(Candidate(person(ANA, roles=()))))
    then_refused(NotADraft, ShiftIsOver, RoleMissing, status="published")


def test_more_people_than_places_can_be_planned_but_not_published():
    planned(ANA, BEN, headcount=1)
    when(publish(Candidate(person(ANA)), Candidate(person(BEN))))
    then_refused(NoPlaceLeft, headcount=1)


def test_the_plan_can_be_emptied():
    planned(ANA)
    when(lambda shift: shift.change(PlanChange(people=())))
    then(happened(Shift.Changed, role="nurse", period=MORNING, headcount=2, notes={}, people=()))


def test_the_same_plan_again_is_nothing_new():
    planned(ANA, BEN)
    when(lambda shift: shift.change(PlanChange(people=[ANA, BEN])))
    then_nothing()


def test_nobody_is_planned_twice():
    given(draft())
    when(lambda shift: shift.change(PlanChange(people=[ANA, BEN, ANA])))
    then_failed(Invalid, fields={"people": "must name each person once"})


def test_there_is_an_end_to_planning():
    with pytest.raises(Invalid, match="too many"):
        planned_people([type(ANA)(int=number) for number in range(1001)])
