"""What waits for a clock."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.scheduling.candidate import Candidate
from domain.scheduling.staffing import PlanChange, ShiftStatus
from domain.shared.ids import ShiftId
from projections.scheduling import due
from projections.scheduling.due import ended, model, stale_drafts, to_be_reminded_of
from tests.support.given import given, then_rows, when
from tests.support.scheduling import (
    ANA,
    BEN,
    EVENING,
    FOREIGN,
    LAST_WEEK,
    MORNING,
    NOW,
    OTHER,
    OVER,
    SHIFT,
    SWAP,
    TENANT,
    agenda,
    draft,
    person,
    published,
)


def row(**changes):
    return {
        "shift_id": SHIFT,
        "tenant_id": TENANT,
        "status": ShiftStatus.DRAFT,
        "starts_at": MORNING.start,
        "ends_at": MORNING.end,
        "touched_at": LAST_WEEK,
        "accepted": [],
        "reminded": False,
    } | changes


def test_a_draft_waits_since_it_was_touched():
    given(draft())
    then_rows(model, due=[row()])
    when(lambda shift: shift.change(PlanChange(start=EVENING.start, end=EVENING.end)))
    then_rows(model, due=[row(starts_at=EVENING.start, ends_at=EVENING.end, touched_at=NOW)])


def test_who_comes_is_known_until_he_or_she_does_not():
    given(published(headcount=3, accepted=[ANA, BEN]))
    then_rows(model, due=[row(status=ShiftStatus.PUBLISHED, accepted=[ANA, BEN])])
    when(lambda shift: shift.decline(ANA, ()))
    then_rows(model, due=[row(status=ShiftStatus.PUBLISHED, accepted=[BEN])])
    when(lambda shift: shift.reassign(BEN, (), Candidate(person(ANA))))
    then_rows(model, due=[row(status=ShiftStatus.PUBLISHED)])


def test_who_takes_a_place_comes_and_who_swaps_it_away_does_not():
    given(published())
    when(lambda shift: shift.claim(Candidate(person(ANA), [agenda()])))
    then_rows(model, due=[row(status=ShiftStatus.PUBLISHED, accepted=[ANA])])
    when(lambda shift: shift.reassign(ANA, (), Candidate(person(BEN), [agenda(BEN)]), SWAP))
    then_rows(model, due=[row(status=ShiftStatus.PUBLISHED, accepted=[BEN])])


def test_what_was_reminded_of_is_known():
    given(published(accepted=[ANA]))
    when(lambda shift: shift.remind())
    then_rows(model, due=[row(status=ShiftStatus.PUBLISHED, accepted=[ANA], reminded=True)])


@pytest.mark.parametrize(
    ("shift", "end"),
    [
        (draft(), lambda shift: shift.discard()),
        (published(OVER), lambda shift: shift.complete()),
        (published(), lambda shift: shift.cancel("Flooded.", ())),
    ],
    ids=["discarded", "completed", "cancelled"],
)
def test_of_what_has_ended_nothing_is_due(shift, end):
    given(shift)
    when(end)
    then_rows(model, due=[])


async def test_candidates_are_found_in_batches_by_their_end(asking, monkeypatch):
    monkeypatch.setattr(due, "BATCH", 2)
    given(*(published(OVER, id=each(number)) for number in (2, 3, 1)))
    given(published(MORNING, id=each(4)), draft(OVER, id=each(5)))
    given(published(OVER, id=each(6)), tenant=FOREIGN)
    async with asking(model) as connection:
        first = await ended(connection, TENANT, NOW, None)
        assert first == [(OVER.end, each(1)), (OVER.end, each(2))]
        assert await ended(connection, TENANT, NOW, first[-1]) == [(OVER.end, each(3))]
        assert await ended(connection, TENANT, NOW, (OVER.end, each(3))) == []


async def test_drafts_are_stale_when_they_are_over_or_were_left_alone(asking):
    given(draft(OVER, id=each(1)), draft(MORNING, id=each(2)), published(OVER, id=each(3)))
    async with asking(model) as connection:
        for since, wanted in (
            (LAST_WEEK - timedelta(seconds=1), [each(1)]),
            (LAST_WEEK, [each(1), each(2)]),
        ):
            found = await stale_drafts(connection, TENANT, NOW, since, None)
            assert [shift_id for _, shift_id in found] == wanted


async def test_reminded_are_those_who_come_soon_and_were_not_yet(asking):
    given(
        published(MORNING, id=SHIFT, accepted=[ANA]),
        published(EVENING, id=OTHER, accepted=[ANA]),
        published(MORNING, id=each(1), pending=[BEN]),
        published(OVER, id=each(2), accepted=[BEN]),
    )
    async with asking(model) as connection:
        found = await to_be_reminded_of(connection, TENANT, NOW, MORNING.start, None)
        assert found == [(MORNING.end, SHIFT)]


def each(number):
    return ShiftId(UUID(int=number))
