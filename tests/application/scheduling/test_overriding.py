"""Warnings, and letting an assignment be in spite of them."""

from uuid import UUID

import pytest

from application.scheduling.assignments import AssignPeople, OverrideWarnings
from application.scheduling.claims import ClaimShift
from domain.scheduling.agenda import Agenda
from domain.scheduling.refusals import NoPlaceLeft, NoWarnings
from domain.scheduling.shift import Shift
from domain.scheduling.warnings import WeeklyHoursAboveCap
from domain.shared.errors import Forbidden, Invalid, NotFound
from domain.shared.ids import ShiftId
from domain.shared.period import Month
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
    ANA_HERSELF,
    ANAS_ACCOUNT,
    BEN,
    COORDINATOR,
    MORNING,
    OTHER,
    SHIFT,
    agenda,
    hours,
    person,
    published,
)

ABOVE = WeeklyHoursAboveCap(ANA, "2026-W45", hours=36.0, cap=30.0)
RAISED = happened(Shift.WarningsRaised, person_id=ANA, warnings=(ABOVE,))
OVERRIDDEN = happened(
    Shift.WarningsOverridden, person_id=ANA, warnings=(ABOVE,), reason="Agreed with her."
)
ASSIGNED = happened(Shift.PersonAssigned, person_id=ANA)
BOOKED = happened(Agenda.Booked, shift_id=SHIFT, period=MORNING)
FORCED = AssignPeople(SHIFT, (ANA,), force=True, reason=" Agreed with her. ")
OVERRIDE = OverrideWarnings(SHIFT, ANA, "Agreed with her.")


def given_a_full_week(*others, headcount=1):
    booked = {ShiftId(UUID(int=day)): hours(0, 10, day=day) for day in (4, 5, 6)}
    given(
        published(headcount=headcount),
        person(ANA, cap=30, account=ANAS_ACCOUNT),
        agenda(ANA, booked),
        *others,
    )


@pytest.mark.parametrize("command", [FORCED, OVERRIDE], ids=["at once", "afterwards"])
@pytest.mark.parametrize("actor", [COORDINATOR, ANA_HERSELF], ids=["coordinator", "volunteer"])
async def test_nobody_overrides_but_an_admin(command, actor):
    given_a_full_week()
    await when_asked(command, by=actor)
    may_assign = actor is COORDINATOR or command is OVERRIDE
    then_failed(Forbidden, needs="warnings:override:all" if may_assign else "shifts:write:all")


async def test_who_is_assigned_above_the_cap_is_assigned_and_warned_of():
    given_a_full_week()
    done = await when_asked(AssignPeople(SHIFT, (ANA,)))
    then(ASSIGNED, RAISED, BOOKED)
    assert done.result.told_of(ANA) == [ABOVE.as_data()]


async def test_who_claims_above_the_cap_is_warned_of_too():
    given_a_full_week()
    await when_asked(ClaimShift(SHIFT, ANA), by=ANA_HERSELF)
    then(happened(Shift.PlaceClaimed, person_id=ANA), RAISED, BOOKED)


async def test_an_admin_lets_it_be_at_once():
    given_a_full_week()
    await when_asked(FORCED, by=ADMIN)
    then(ASSIGNED, OVERRIDDEN, BOOKED)


async def test_an_admin_lets_it_be_afterwards_and_once():
    given_a_full_week()
    await when_asked(AssignPeople(SHIFT, (ANA,)))
    await when_asked(OVERRIDE, by=ADMIN)
    then(OVERRIDDEN)
    await when_asked(OVERRIDE, by=ADMIN)
    then_refused(NoWarnings, person_id=ANA)


@pytest.mark.parametrize("command", [FORCED, OVERRIDE], ids=["at once", "afterwards"])
async def test_an_admin_says_why(command):
    given_a_full_week()
    await when_asked(type(command)(**{**vars(command), "reason": " "}), by=ADMIN)
    then_failed(Invalid, fields={"reason": "must have between 1 and 1000 characters"})


async def test_force_moves_no_rule():
    given_a_full_week(person(BEN))
    await when_asked(AssignPeople(SHIFT, (ANA, BEN), force=True, reason="So."), by=ADMIN)
    then_refused(NoPlaceLeft, headcount=1)


async def test_force_where_there_is_nothing_to_be_told_is_no_override():
    given(published(), person(ANA), agenda(ANA))
    await when_asked(FORCED, by=ADMIN)
    then(ASSIGNED, BOOKED)


async def test_a_shift_that_is_not_there_has_no_warnings():
    await when_asked(OVERRIDE, by=ADMIN)
    then_failed(NotFound, what="shift")


async def test_the_hours_of_a_week_over_two_months_are_all_counted():
    """Of the week from 30 November on, the shift touches December alone."""
    given(
        published(hours(0, 10, day=4, month=12)),
        person(ANA, cap=19),
        agenda(ANA, {OTHER: hours(0, 10, day=30)}),
        agenda(ANA, month=Month(2026, 12)),
    )
    done = await when_asked(AssignPeople(SHIFT, (ANA,)))
    assert told_of(Shift) == ["Shift.PersonAssigned", "Shift.WarningsRaised"]
    (told,) = done.result.told_of(ANA)
    assert (told["week"], told["hours"]) == ("2026-W49", 20.0)


async def test_the_rest_is_asked_across_the_months_and_its_agenda_opened():
    """Somebody else might be booking the night before at the same moment."""
    given(published(hours(6, 14, day=1, month=12)), person(ANA))
    await when_asked(AssignPeople(SHIFT, (ANA,)))
    then(
        ASSIGNED,
        happened(Agenda.Opened, person_id=ANA, month="2026-11"),
        happened(Agenda.Opened, person_id=ANA, month="2026-12"),
        happened(Agenda.Booked, shift_id=SHIFT, period=hours(6, 14, day=1, month=12)),
    )
