"""Cancelling, completing and discarding shifts, and reminding of them."""

import pytest

from application.scheduling.shifts import (
    CancelShift,
    CompleteShift,
    DiscardShift,
    RemindOfShift,
)
from domain.scheduling.agenda import Agenda
from domain.scheduling.refusals import NotADraft, NotOpen, ShiftIsNotOver
from domain.scheduling.shift import Shift
from domain.shared.errors import Forbidden, Invalid, NotFound
from domain.shared.period import Month
from tests.support.given import given, happened, then, then_failed, then_refused, when_asked
from tests.support.scheduling import (
    ANA,
    ANA_HERSELF,
    BEN,
    CLEO,
    MORNING,
    NEW_YEARS_EVE,
    NOON,
    OTHER,
    OVER,
    SHIFT,
    SYSTEM,
    agenda,
    draft,
    published,
)

COMMANDS = [
    CancelShift(SHIFT, "Flooded."),
    CompleteShift(SHIFT),
    DiscardShift(SHIFT),
    RemindOfShift(SHIFT),
]
each_command = pytest.mark.parametrize("command", COMMANDS, ids=lambda each: type(each).__name__)


@each_command
async def test_a_volunteer_may_not(command):
    given(published())
    await when_asked(command, by=ANA_HERSELF)
    then_failed(Forbidden, needs="shifts:write:all")


@each_command
async def test_a_shift_that_is_not_there_is_named(command):
    await when_asked(command)
    then_failed(NotFound, what="shift", id=str(SHIFT))


async def test_who_holds_a_place_on_a_cancelled_shift_is_free_again():
    hers = agenda(ANA, {SHIFT: MORNING, OTHER: NOON})
    given(
        published(headcount=3, pending=[ANA], accepted=[BEN], declined=[CLEO]),
        hers,
        agenda(BEN, {SHIFT: MORNING}),
        agenda(CLEO),
    )
    await when_asked(CancelShift(SHIFT, " Flooded. "))
    then(
        happened(Shift.Cancelled, reason="Flooded."),
        happened(Agenda.Released, originator_id=hers.id, shift_id=SHIFT),
        happened(Agenda.Released, shift_id=SHIFT),
    )


async def test_a_cancelled_night_frees_both_years():
    given(
        published(NEW_YEARS_EVE, accepted=[ANA]),
        agenda(ANA, {SHIFT: NEW_YEARS_EVE}, Month(2026, 12)),
        agenda(ANA, {SHIFT: NEW_YEARS_EVE}, Month(2027, 1)),
    )
    await when_asked(CancelShift(SHIFT, "Flooded."))
    released = happened(Agenda.Released, shift_id=SHIFT)
    then(happened(Shift.Cancelled, reason="Flooded."), released, released)


async def test_a_shift_is_cancelled_for_a_reason():
    given(published())
    await when_asked(CancelShift(SHIFT, " "))
    then_failed(Invalid, fields={"reason": "must have between 1 and 1000 characters"})


async def test_a_draft_is_not_cancelled():
    given(draft())
    await when_asked(CancelShift(SHIFT, "Flooded."))
    then_refused(NotOpen, status="draft")


async def test_a_past_shift_is_completed():
    given(published(OVER, accepted=[ANA]), agenda(ANA, {SHIFT: OVER}))
    await when_asked(CompleteShift(SHIFT), by=SYSTEM)
    then(happened(Shift.Completed))


async def test_a_shift_to_come_is_not_completed():
    given(published())
    await when_asked(CompleteShift(SHIFT))
    then_refused(ShiftIsNotOver)


async def test_a_draft_is_discarded():
    given(draft())
    await when_asked(DiscardShift(SHIFT))
    then(happened(Shift.Discarded))


async def test_a_published_shift_is_not_discarded():
    given(published())
    await when_asked(DiscardShift(SHIFT))
    then_refused(NotADraft, status="published")


async def test_people_are_reminded():
    given(published(headcount=2, accepted=[ANA], pending=[BEN]))
    await when_asked(RemindOfShift(SHIFT), by=SYSTEM)
    then(happened(Shift.Reminded, person_ids=(ANA,)))
