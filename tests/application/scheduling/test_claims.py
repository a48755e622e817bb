"""Claiming a place on an open shift."""

import pytest

from application.scheduling.claims import ClaimShift
from domain.scheduling.agenda import Agenda
from domain.scheduling.refusals import NoPlaceLeft, Overlap
from domain.scheduling.shift import Shift
from domain.shared.errors import Forbidden, NotFound
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
    FOREIGN,
    MORNING,
    NOBODY,
    NOON,
    OTHER,
    SHIFT,
    SYSTEM,
    agenda,
    person,
    published,
)

CLAIM = ClaimShift(SHIFT, ANA)
CLAIMED = (
    happened(Shift.PlaceClaimed, person_id=ANA),
    happened(Agenda.Opened, person_id=ANA, month="2026-11"),
    happened(Agenda.Booked, shift_id=SHIFT, period=MORNING),
)


def given_an_open_shift(*others):
    given(
        published(),
        person(ANA, account=ANAS_ACCOUNT),
        person(BEN, account=BENS_ACCOUNT),
        *others,
    )


@pytest.mark.parametrize("actor", [COORDINATOR, AUDITOR], ids=["coordinator", "auditor"])
async def test_who_works_no_shifts_claims_none(actor):
    given_an_open_shift()
    await when_asked(CLAIM, by=actor)
    then_failed(Forbidden, needs="shifts:claim:own")


async def test_nobody_claims_for_somebody_else():
    given_an_open_shift()
    await when_asked(CLAIM, by=BEN_HIMSELF)
    then_failed(Forbidden)


@pytest.mark.parametrize("actor", [ANA_HERSELF, SYSTEM], ids=["herself", "system"])
async def test_a_place_is_claimed(actor):
    given_an_open_shift()
    await when_asked(CLAIM, by=actor)
    then(*CLAIMED)


async def test_the_last_place_is_claimed_once():
    given_an_open_shift()
    await when_asked(CLAIM, by=ANA_HERSELF)
    await when_asked(ClaimShift(SHIFT, BEN), by=BEN_HIMSELF)
    then_refused(NoPlaceLeft, headcount=1)


async def test_who_is_elsewhere_claims_nothing():
    given_an_open_shift(agenda(ANA, {OTHER: NOON}))
    await when_asked(CLAIM, by=ANA_HERSELF)
    then_refused(Overlap, other=OTHER)


async def test_a_shift_that_is_not_there_is_named():
    given(person(ANA, account=ANAS_ACCOUNT))
    await when_asked(CLAIM, by=ANA_HERSELF)
    then_failed(NotFound, what="shift", id=str(SHIFT))


async def test_another_tenants_shift_is_not_there():
    given(person(ANA, account=ANAS_ACCOUNT))
    given(published(), tenant=FOREIGN)
    await when_asked(CLAIM, by=ANA_HERSELF)
    then_failed(NotFound, what="shift")


async def test_a_person_that_is_not_there_is_named():
    given_an_open_shift()
    await when_asked(ClaimShift(SHIFT, NOBODY), by=SYSTEM)
    then_failed(NotFound, what="person", id=str(NOBODY))
