"""Opening units; adding people and taking them out of service."""

import pytest

from application.scheduling.people import AddPerson, DeactivatePerson
from application.scheduling.units import OpenUnit
from domain.scheduling.person import Person, PersonKind
from domain.scheduling.unit import Unit
from domain.shared.errors import Forbidden, NotFound
from tests.support.given import given, happened, then, then_failed, then_nothing, when_asked
from tests.support.scheduling import ADMIN, ANA, ANAS_ACCOUNT, COORDINATOR, STRANGER, person

OPEN_WARD = OpenUnit("Ward 1", "Europe/Berlin")
ADD_ANA = AddPerson(
    "Ana", "ana@demo.test", PersonKind.VOLUNTEER, ("nurse", "cook", "nurse"), ANAS_ACCOUNT
)


async def test_an_admin_opens_a_unit():
    done = await when_asked(OPEN_WARD, by=ADMIN)
    then(happened(Unit.Opened, originator_id=done.result.id, name="Ward 1", zone="Europe/Berlin"))


async def test_an_admin_adds_a_person_with_each_role_once():
    await when_asked(ADD_ANA, by=ADMIN)
    then(
        happened(
            Person.Added,
            name="Ana",
            email="ana@demo.test",
            kind=PersonKind.VOLUNTEER,
            roles=("cook", "nurse"),
            account_id=ANAS_ACCOUNT,
        )
    )


async def test_a_person_needs_no_account():
    done = await when_asked(AddPerson("Ben", "", PersonKind.STAFF, ()), by=ADMIN)
    assert done.result.account_id is None


async def test_every_person_is_another_one():
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


async def test_nobody_is_taken_out_of_service_by_another_tenant():
    given(person(ANA))
    await when_asked(DeactivatePerson(ANA), by=STRANGER)
    then_failed(NotFound, what="person", id=str(ANA))


@pytest.mark.parametrize(
    ("command", "needed"),
    [
        (OPEN_WARD, "units:write:all"),
        (ADD_ANA, "people:write:all"),
        (DeactivatePerson(ANA), "people:write:all"),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_a_coordinator_may_not(command, needed):
    given(person(ANA))
    await when_asked(command, by=COORDINATOR)
    then_failed(Forbidden, needs=needed)
