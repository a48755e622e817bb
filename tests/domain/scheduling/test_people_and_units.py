"""People come and go; units stay."""

from domain.scheduling.person import Person, PersonKind
from tests.support.given import given, happened, then, then_nothing, when
from tests.support.scheduling import ANA, ANAS_ACCOUNT, WARD, person, ward


def test_a_new_person_is_active():
    ana = person(ANA, roles=("cook", "nurse"), account=ANAS_ACCOUNT)
    assert (ana.name, ana.email, ana.kind) == ("Ana", "ana@demo.test", PersonKind.VOLUNTEER)
    assert (ana.roles, ana.account_id, ana.active) == (("cook", "nurse"), ANAS_ACCOUNT, True)


def test_a_person_is_taken_out_of_service():
    given(person(ANA))
    when(lambda ana: ana.deactivate())
    then(happened(Person.Deactivated))


def test_who_is_out_of_service_stays_so():
    given(person(ANA, active=False))
    when(lambda ana: ana.deactivate())
    then_nothing()


def test_a_unit_has_a_name_and_a_zone():
    unit = ward("Asia/Kathmandu")
    assert (unit.id, unit.name, unit.zone) == (WARD, "Ward 1", "Asia/Kathmandu")
