"""The nightly digest: decided on the log, told once."""

from dataclasses import replace

import pytest

from application.scheduling.assignments import AssignPeople
from application.scheduling.digests import MOST_PEOPLE, RecalculateWeeklyHours, weeks_above_cap
from domain.scheduling.digest import Digest, HoursAboveCap, OpenPlaces
from domain.shared.errors import Forbidden
from domain.shared.ids import PersonId, derived_id
from tests.support.given import given, happened, then, then_failed, then_nothing, when_asked
from tests.support.scheduling import (
    ADMIN,
    ANA,
    BEN,
    COORDINATOR,
    EVENING,
    FOREIGN,
    MORNING,
    NOBODY,
    NOW,
    OTHER,
    SHIFT,
    SYSTEM,
    WARD,
    agenda,
    draft,
    person,
    published,
    ward,
)

TODAY = NOW.date()
ABOVE = HoursAboveCap(ANA, "Ana", "2026-W45", hours=6.0, cap=5.0)


def recalculate(people=(ANA,), shifts=(), left_out=0):
    return RecalculateWeeklyHours(TODAY, people, shifts, left_out)


def issued(hours=(ABOVE,), open_places=(), left_out=0):
    return happened(
        Digest.Issued,
        day=TODAY,
        hours=hours,
        left_out=left_out,
        open_places=open_places,
    )


def given_ana_above_her_cap():
    given(person(ANA, cap=5), published(pending=[ANA]), agenda(ANA, {SHIFT: MORNING}))


async def test_who_is_above_the_cap_is_told():
    given_ana_above_her_cap()
    await when_asked(recalculate(left_out=3), by=SYSTEM)
    then(issued(left_out=3))


async def test_the_same_day_is_never_told_twice():
    given_ana_above_her_cap()
    first = await when_asked(recalculate(), by=SYSTEM)
    given(ward(), published(id=OTHER))
    again = await when_asked(recalculate(shifts=(OTHER,)), by=SYSTEM)
    then_nothing()
    assert again.result == first.result


async def test_the_next_day_is_told_for_itself():
    given_ana_above_her_cap()
    await when_asked(recalculate(), by=SYSTEM)
    tomorrow = TODAY.replace(day=3)
    await when_asked(replace(recalculate(), day=tomorrow), by=SYSTEM)
    kind, fields = issued()
    then((kind, fields | {"day": tomorrow}))


async def test_the_cap_is_the_one_of_now():
    given(person(ANA, cap=38), published(pending=[ANA]), agenda(ANA, {SHIFT: MORNING}))
    await when_asked(recalculate(), by=SYSTEM)
    then_nothing()


async def test_what_an_admin_overrode_is_settled():
    given(person(ANA, cap=5), published())
    command = AssignPeople(SHIFT, (ANA,), force=True, reason="Agreed with her.")
    await when_asked(command, by=ADMIN)
    await when_asked(recalculate(), by=SYSTEM)
    then_nothing()


async def test_what_nobody_overrode_is_told():
    given(person(ANA, cap=5), published())
    await when_asked(AssignPeople(SHIFT, (ANA,)), by=COORDINATOR)
    await when_asked(recalculate(), by=SYSTEM)
    then(issued())


async def test_open_places_are_told_by_unit():
    given(ward(), published(headcount=3, pending=[ANA]), published(EVENING, id=OTHER))
    given(draft(id=NOBODY))
    await when_asked(recalculate(people=(), shifts=(SHIFT, OTHER, NOBODY, BEN)), by=SYSTEM)
    then(issued(hours=(), open_places=(OpenPlaces(WARD, "Ward 1", shifts=2, places=3),)))


async def test_where_there_is_nothing_to_tell_nothing_happens():
    given(person(ANA, cap=40), published(accepted=[ANA]))
    await when_asked(recalculate(people=(ANA, NOBODY), shifts=(SHIFT,)), by=SYSTEM)
    then_nothing()


async def test_people_of_another_tenant_are_not_told():
    given(person(ANA, cap=5), agenda(ANA, {SHIFT: MORNING}), tenant=FOREIGN)
    await when_asked(recalculate(), by=SYSTEM)
    then_nothing()


async def test_one_command_looks_at_so_many_and_no_more():
    given_ana_above_her_cap()
    others = tuple(PersonId(derived_id(number)) for number in range(MOST_PEOPLE))
    await when_asked(recalculate(people=(*others, ANA)), by=SYSTEM)
    then_nothing()


async def test_shifts_are_read_of_those_only_who_could_be_above(story):
    given(person(ANA, cap=38), agenda(ANA, {SHIFT: MORNING}))
    found = await story.dispatcher.look(lambda work: weeks_above_cap(ANA, TODAY, work), SYSTEM)
    assert found == (), "the shift is not even there"


@pytest.mark.parametrize("who", [ADMIN, COORDINATOR], ids=["admin", "coordinator"])
async def test_only_opstream_issues_digests(who):
    await when_asked(recalculate(), by=who)
    then_failed(Forbidden, needs="digests:issue:all")
