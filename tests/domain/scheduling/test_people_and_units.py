"""People and units come and go, and what is known of them changes."""

from decimal import Decimal

import pytest

from domain.scheduling.person import Person, PersonKind, Profile, ProfileChange
from domain.scheduling.unit import Unit, UnitIsClosed
from domain.shared.errors import Invalid
from domain.shared.moment import happening_at
from domain.shared.money import Money
from tests.support.given import given, happened, then, then_failed, then_nothing, then_refused, when
from tests.support.scheduling import (
    ANA,
    ANAS_ACCOUNT,
    BENS_ACCOUNT,
    LAST_WEEK,
    WARD,
    euros,
    person,
    ward,
)

ANAS_PROFILE = Profile("Ana", "ana@demo.test", PersonKind.VOLUNTEER, ("nurse",))


def changing(**given):
    return lambda ana: ana.change(ProfileChange(**given))


def known(**changes):
    """What a change of Ana remembers."""
    return happened(Person.Changed, **(vars(ANAS_PROFILE) | changes))


def closed():
    unit = ward()
    with happening_at(LAST_WEEK):
        unit.close()
    return unit


def test_a_new_person_is_active():
    ana = person(ANA, roles=("cook", "nurse"), account=ANAS_ACCOUNT)
    assert (ana.name, ana.email, ana.kind) == ("Ana", "ana@demo.test", PersonKind.VOLUNTEER)
    assert (ana.roles, ana.account_id, ana.active) == (("cook", "nurse"), ANAS_ACCOUNT, True)
    assert (ana.phone, ana.weekly_hour_cap) == (None, None)


def test_a_person_is_added_in_a_plain_form():
    profile = Profile(
        name=" Ana ",
        email=" Ana@Demo.test",
        kind=PersonKind.STAFF,
        roles=("nurse", " cook", "nurse "),
        phone=" +49 (30) 12-34 ",
        weekly_hour_cap=38,
        hourly_rate=euros("31"),
    )
    with happening_at(LAST_WEEK):
        ana = Person.add(ANA, profile)
    assert ana.profile == Profile(
        name="Ana",
        email="ana@demo.test",
        kind=PersonKind.STAFF,
        roles=("cook", "nurse"),
        phone="+49 (30) 12-34",
        weekly_hour_cap=38.0,
        hourly_rate=euros("31.00"),
    )
    assert str(ana.hourly_rate.amount) == "31.00"


WRONG = [
    ("name", ""),
    ("name", "a\x00"),
    ("email", "ana"),
    ("roles", ("nurse", "")),
    ("roles", tuple(map(str, range(51)))),
    *(
        ("phone", phone)
        for phone in ("", "123", "1" * 21, "call me", "+49 30 12a", "1\n2345", "١٢٣٤")
    ),
    *(("hourly_rate", euros(amount)) for amount in ("-1", "1.001", "1e8", "nan", "sNaN", "inf")),
    ("hourly_rate", Money(Decimal(1), "euro")),
    *(("weekly_hour_cap", cap) for cap in (0, -1, 168.5, float("nan"), float("inf"))),
]


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_what_can_not_be_known_of_a_person_is_refused_by_name(field, value):
    with pytest.raises(Invalid) as told:
        Person.add(ANA, Profile(**(vars(ANAS_PROFILE) | {field: value})))
    assert {name.split(".")[0] for name in told.value.data["fields"]} == {field}
    given(person(ANA))
    when(changing(**{field: value}))
    assert then_failed(Invalid).data == told.value.data


@pytest.mark.parametrize(
    ("change", "kept_as"),
    [
        ({"name": " Anna "}, {"name": "Anna"}),
        ({"email": "ANNA@demo.test"}, {"email": "anna@demo.test"}),
        ({"kind": PersonKind.STAFF}, {}),
        ({"roles": ("nurse", "cook")}, {"roles": ("cook", "nurse")}),
        ({"roles": ()}, {}),
        ({"account_id": BENS_ACCOUNT}, {}),
        ({"phone": " 0049 30 1234 "}, {"phone": "0049 30 1234"}),
        ({"weekly_hour_cap": 38.5}, {}),
        ({"weekly_hour_cap": 168}, {}),
        ({"hourly_rate": euros("0")}, {}),
    ],
    ids=str,
)
def test_only_what_is_given_changes(change, kept_as):
    given(person(ANA))
    when(changing(**change))
    then(known(**(change | kept_as)))


def test_what_may_be_empty_is_emptied():
    given(person(ANA, account=ANAS_ACCOUNT))
    when(changing(phone="112 112", weekly_hour_cap=10, hourly_rate=euros("1")))
    when(changing(account_id=None, phone=None, weekly_hour_cap=None, hourly_rate=None))
    then(known())


@pytest.mark.parametrize(
    "change",
    [{}, {"name": "Ana "}, {"roles": ("nurse", "nurse")}, {"phone": None, "account_id": None}],
    ids=str,
)
def test_what_is_so_already_does_not_happen(change):
    given(person(ANA))
    when(changing(**change))
    then_nothing()


def test_a_person_is_taken_out_of_service():
    given(person(ANA))
    when(lambda ana: ana.deactivate())
    then(happened(Person.Deactivated))


def test_who_is_out_of_service_stays_so():
    given(person(ANA, active=False))
    when(lambda ana: ana.deactivate())
    then_nothing()


def test_who_is_out_of_service_comes_back_once():
    given(person(ANA, active=False))
    when(lambda ana: ana.reactivate())
    then(happened(Person.Reactivated))
    when(lambda ana: ana.reactivate())
    then_nothing()


def test_a_unit_has_a_name_and_a_zone():
    unit = ward("Asia/Kathmandu")
    assert (unit.id, unit.name, unit.zone) == (WARD, "Ward 1", "Asia/Kathmandu")
    assert unit.active


@pytest.mark.parametrize(
    ("change", "name", "zone"),
    [
        ({"name": " Ward 2 "}, "Ward 2", "Europe/Berlin"),
        ({"zone": "UTC"}, "Ward 1", "UTC"),
        ({"name": "Attic", "zone": "UTC"}, "Attic", "UTC"),
    ],
    ids=str,
)
def test_a_unit_is_changed(change, name, zone):
    given(ward())
    when(lambda unit: unit.change(**change))
    then(happened(Unit.Changed, name=name, zone=zone))


@pytest.mark.parametrize("change", [{}, {"name": "Ward 1 ", "zone": "Europe/Berlin"}], ids=str)
def test_a_unit_that_is_so_already_does_not_change(change):
    given(ward())
    when(lambda unit: unit.change(**change))
    then_nothing()


@pytest.mark.parametrize(("field", "value"), [("name", " "), ("zone", "Europe"), ("zone", "")])
def test_what_can_not_be_known_of_a_unit_is_refused_by_name(field, value):
    with pytest.raises(Invalid) as told:
        Unit.open(WARD, **({"name": "Ward", "zone": "UTC"} | {field: value}))
    assert set(told.value.data["fields"]) == {field}
    given(ward())
    when(lambda unit: unit.change(**{field: value}))
    assert set(then_failed(Invalid).data["fields"]) == {field}


def test_a_unit_is_closed_once_and_opened_again_once():
    given(ward())
    when(lambda unit: unit.close())
    then(happened(Unit.Closed))
    when(lambda unit: unit.close())
    then_nothing()
    when(lambda unit: unit.reopen())
    then(happened(Unit.Reopened))
    when(lambda unit: unit.reopen())
    then_nothing()


def test_a_closed_unit_is_not_open():
    given(closed())
    when(lambda unit: unit.must_be_open())
    then_refused(UnitIsClosed, unit_id=WARD)
