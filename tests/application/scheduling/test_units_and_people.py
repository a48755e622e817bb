"""Units and people: opened and added, changed, and taken out of service."""

import pytest

from application.attempt import Request
from application.scheduling.people import (
    AddPerson,
    ChangePerson,
    DeactivatePerson,
    ReactivatePerson,
)
from application.scheduling.shifts import DraftShift
from application.scheduling.units import ChangeUnit, CloseUnit, OpenUnit, ReopenUnit
from domain.scheduling.person import Person, PersonKind, ProfileChange
from domain.scheduling.unit import Unit, UnitIsClosed
from domain.shared.errors import Forbidden, Invalid, NotFound
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
    ADMIN,
    ANA,
    ANAS_ACCOUNT,
    COORDINATOR,
    MORNING,
    STRANGER,
    WARD,
    person,
    role,
    ward,
)

OPEN_WARD = OpenUnit("Ward 1", "Europe/Berlin")
ADD_ANA = AddPerson(
    "Ana", "ana@demo.test", PersonKind.VOLUNTEER, ("nurse", "cook", "nurse"), ANAS_ACCOUNT
)


DRAFT = DraftShift(WARD, "nurse", MORNING.start, MORNING.end, 1, {})


async def test_an_admin_opens_a_unit():
    done = await when_asked(OPEN_WARD, by=ADMIN)
    then(happened(Unit.Opened, originator_id=done.result.id, name="Ward 1", zone="Europe/Berlin"))


async def test_an_admin_adds_a_person_with_each_role_once():
    given(role("cook"), role("nurse"))
    await when_asked(ADD_ANA, by=ADMIN)
    then(
        happened(
            Person.Added,
            name="Ana",
            email="ana@demo.test",
            kind=PersonKind.VOLUNTEER,
            roles=("cook", "nurse"),
            account_id=ANAS_ACCOUNT,
            phone=None,
            weekly_hour_cap=None,
            hourly_rate=None,
        )
    )


@pytest.mark.parametrize(
    "command",
    [
        OpenUnit(" ", "Europe/Berlin"),
        OpenUnit("Ward 1", "Europe"),
        AddPerson("", "ana@demo.test", PersonKind.STAFF, ()),
        AddPerson("Ana", "nowhere", PersonKind.STAFF, ()),
    ],
)
async def test_what_can_not_be_kept_is_refused_whoever_asks(command):
    await when_asked(command, by=ADMIN)
    then_failed(Invalid)


async def test_an_admin_changes_a_unit_and_closes_it_and_opens_it_again():
    given(ward())
    await when_asked(ChangeUnit(WARD, name="Ward 2"), by=ADMIN)
    then(happened(Unit.Changed, name="Ward 2", zone="Europe/Berlin"))
    await when_asked(CloseUnit(WARD), by=ADMIN)
    then(happened(Unit.Closed))
    await when_asked(ReopenUnit(WARD), by=ADMIN)
    then(happened(Unit.Reopened))


async def test_a_closed_unit_gets_no_new_shift():
    given(ward())
    await when_asked(CloseUnit(WARD), by=ADMIN)
    await when_asked(DRAFT)
    then_refused(UnitIsClosed, unit_id=WARD)


async def test_a_unit_that_is_closed_meanwhile_gets_no_new_shift(story):
    given(ward(), role())
    other = story.another_process(story.log.beside())
    close = Request(ADMIN, "request-2")
    story.log.meanwhile(lambda: other.run(CloseUnit(WARD), close, repr))
    await when_asked(DRAFT)
    assert [type(refusal) for refusal in story.failure.refusals] == [UnitIsClosed]
    assert [type(event) for event in story.news()] == [Unit.Closed]


async def test_an_admin_changes_what_is_known_of_a_person():
    given(person(ANA))
    done = await when_asked(ChangePerson(ANA, ProfileChange(phone="112 112")), by=ADMIN)
    assert done.result.profile.phone == "112 112"
    await when_asked(ChangePerson(ANA, ProfileChange(phone="112 112")), by=ADMIN)
    then_nothing()


async def test_an_admin_puts_a_person_back_into_service():
    given(person(ANA, active=False))
    done = await when_asked(ReactivatePerson(ANA), by=ADMIN)
    then(happened(Person.Reactivated))
    assert done.result.active


async def test_a_person_needs_no_account():
    done = await when_asked(AddPerson("Ben", "ben@demo.test", PersonKind.STAFF, ()), by=ADMIN)
    assert done.result.account_id is None


async def test_every_person_is_another_one():
    given(role("cook"), role("nurse"))
    first = await when_asked(ADD_ANA, by=ADMIN)
    second = await when_asked(ADD_ANA, by=ADMIN)
    assert first.result.id != second.result.id


async def test_an_admin_takes_a_person_out_of_service():
    given(person(ANA))
    done = await when_asked(DeactivatePerson(ANA), by=ADMIN)
    then(happened(Person.Deactivated))
    assert not done.result.active


async def test_who_is_out_of_service_already_stays_so():
    given(person(ANA, active=False))
    await when_asked(DeactivatePerson(ANA), by=ADMIN)
    then_nothing()


@pytest.mark.parametrize(
    "command",
    [ChangePerson(ANA, ProfileChange(name="X")), DeactivatePerson(ANA), ReactivatePerson(ANA)],
)
async def test_nobody_is_changed_by_another_tenant(command):
    given(person(ANA))
    await when_asked(command, by=STRANGER)
    then_failed(NotFound, what="person", id=str(ANA))


@pytest.mark.parametrize("command", [ChangeUnit(WARD, "X"), CloseUnit(WARD), ReopenUnit(WARD)])
async def test_no_unit_is_changed_by_another_tenant(command):
    given(ward())
    await when_asked(command, by=STRANGER)
    then_failed(NotFound, what="unit", id=str(WARD))


@pytest.mark.parametrize(
    ("command", "needed"),
    [
        (OPEN_WARD, "units:write:all"),
        (ChangeUnit(WARD, "X"), "units:write:all"),
        (CloseUnit(WARD), "units:write:all"),
        (ReopenUnit(WARD), "units:write:all"),
        (ADD_ANA, "people:write:all"),
        (ChangePerson(ANA, ProfileChange()), "people:write:all"),
        (ReactivatePerson(ANA), "people:write:all"),
        (DeactivatePerson(ANA), "people:write:all"),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_a_coordinator_may_not(command, needed):
    given(person(ANA))
    await when_asked(command, by=COORDINATOR)
    then_failed(Forbidden, needs=needed)
