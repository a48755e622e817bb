"""What a tenant lays down, and what follows from it."""

import pytest

from application.scheduling.assignments import AssignPeople
from application.scheduling.policy import ChangePolicy, terms_of
from domain.scheduling.policy import Policy, Terms, TermsChange
from domain.scheduling.refusals import TooLittleRest
from domain.scheduling.shift import Shift
from domain.shared.errors import Forbidden, Invalid
from domain.shared.moment import happening_at
from tests.support.given import (
    given,
    happened,
    then,
    then_failed,
    then_nothing,
    then_refused,
    told_of,
    when_asked,
)
from tests.support.scheduling import (
    ADMIN,
    ANA,
    ANA_HERSELF,
    COORDINATOR,
    EVENING,
    FOREIGN,
    LAST_WEEK,
    OTHER,
    SHIFT,
    STRANGER,
    TENANT,
    agenda,
    hours,
    person,
    published,
)

CHANGE = ChangePolicy(TermsChange(minimum_rest_hours=9))


def laid_down(tenant=TENANT, **terms):
    with happening_at(LAST_WEEK):
        return Policy(id=Policy.id_of(tenant), terms=Terms(**terms))


@pytest.mark.parametrize("actor", [COORDINATOR, ANA_HERSELF], ids=["coordinator", "volunteer"])
async def test_nobody_lays_down_anything_but_an_admin(actor):
    await when_asked(CHANGE, by=actor)
    then_failed(Forbidden, needs="policy:write:all")


async def test_what_is_laid_down_first_stands_beside_what_holds_anyway():
    await when_asked(CHANGE, by=ADMIN)
    then(happened(Policy.Adopted, terms=Terms(minimum_rest_hours=9.0, swaps_need_approval=False)))


async def test_what_is_laid_down_is_changed():
    given(laid_down(minimum_rest_hours=9, swaps_need_approval=True))
    await when_asked(ChangePolicy(TermsChange(minimum_rest_hours=0)), by=ADMIN)
    then(happened(Policy.Changed, terms=Terms(0.0, True)))
    await when_asked(ChangePolicy(TermsChange(minimum_rest_hours=0)), by=ADMIN)
    then_nothing()


@pytest.mark.parametrize("there", [True, False])
async def test_what_can_not_be_is_not_laid_down(there):
    given(*([laid_down()] if there else []))
    await when_asked(ChangePolicy(TermsChange(minimum_rest_hours=-1)), by=ADMIN)
    then_failed(Invalid, fields={"minimum_rest_hours": "must be between 0 and 168"})


async def test_a_tenant_lays_down_nothing_for_another(story):
    given(laid_down(minimum_rest_hours=9))
    given(laid_down(FOREIGN, minimum_rest_hours=8), tenant=FOREIGN)
    assert await story.dispatcher.look(terms_of, ADMIN) == Terms(minimum_rest_hours=9)
    assert await story.dispatcher.look(terms_of, STRANGER) == Terms(minimum_rest_hours=8)


async def test_where_nothing_is_laid_down_eleven_hours_are_asked_for():
    given(published(), person(ANA), agenda(ANA, {OTHER: EVENING}))
    await when_asked(AssignPeople(SHIFT, (ANA,)))
    then_refused(TooLittleRest, rest_hours=0.0, minimum_rest_hours=11.0)


@pytest.mark.parametrize(
    ("rest", "allowed"), [(0, True), (3, True), (3.5, False)], ids=["off", "kept", "not kept"]
)
async def test_the_rest_that_is_laid_down_is_asked_for(rest, allowed):
    three_hours_later = {OTHER: hours(17, 22)}
    policy = laid_down(minimum_rest_hours=rest)
    given(published(), person(ANA), agenda(ANA, three_hours_later), policy)
    await when_asked(AssignPeople(SHIFT, (ANA,)))
    if allowed:
        assert told_of(Shift) == ["Shift.PersonAssigned"]
    else:
        then_refused(TooLittleRest, rest_hours=3.0, minimum_rest_hours=3.5)
