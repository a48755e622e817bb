"""The directory of units and people."""

from decimal import Decimal
from uuid import uuid4

import pytest

from domain.scheduling.person import Person, PersonKind, ProfileChange
from domain.scheduling.unit import Unit
from domain.shared.moment import happening_at
from projections.paging import PageRequest
from projections.scheduling import people, units
from projections.scheduling.people import (
    PeopleFilter,
    account_of_person,
    find_person,
    list_people,
    person_of_account,
)
from projections.scheduling.units import UnitFilter, find_unit, list_units
from tests.support.given import given, then_rows, when
from tests.support.scheduling import (
    ANA,
    ANAS_ACCOUNT,
    BEN,
    BENS_ACCOUNT,
    CLEO,
    FOREIGN,
    LAST_WEEK,
    NOBODY,
    TENANT,
    WARD,
    euros,
    person,
    ward,
)

EVERYBODY = PeopleFilter()
FIRST_PAGE = PageRequest()


def row_of(id, name, **changes):
    row = {
        "person_id": id,
        "tenant_id": TENANT,
        "account_id": None,
        "name": name,
        "email": f"{name.lower()}@demo.test",
        "kind": PersonKind.VOLUNTEER,
        "roles": ["nurse"],
        "phone": None,
        "weekly_hour_cap": None,
        "rate": None,
        "currency": None,
        "active": True,
    }
    return row | changes


def test_a_unit_that_was_opened_is_listed():
    given(ward())
    then_rows(units.model, units=[unit_row()])


def unit_row(**changes):
    row = {"unit_id": WARD, "tenant_id": TENANT, "name": "Ward 1", "zone": "Europe/Berlin"}
    return row | {"active": True} | changes


def test_a_unit_is_listed_as_it_is_now():
    given(ward())
    when(lambda unit: (unit.change(name="Attic", zone="UTC"), unit.close()))
    then_rows(units.model, units=[unit_row(name="Attic", zone="UTC", active=False)])
    when(lambda unit: unit.reopen())
    then_rows(units.model, units=[unit_row(name="Attic", zone="UTC")])


def test_a_person_is_listed_as_he_or_she_is_now():
    given(person(ANA))
    when(lambda ana: ana.change(EVERYTHING))
    known = vars(EVERYTHING) | {"roles": ["cook"], "rate": Decimal("31.00"), "currency": "EUR"}
    del known["hourly_rate"]
    then_rows(people.model, people=[row_of(ANA, "Ana") | known])


EVERYTHING = ProfileChange(
    name="Anna",
    email="anna@demo.test",
    kind=PersonKind.STAFF,
    roles=("cook",),
    account_id=ANAS_ACCOUNT,
    phone="112 112",
    weekly_hour_cap=38.5,
    hourly_rate=euros("31"),
)


def test_a_person_who_is_back_is_listed_as_active():
    given(person(ANA, active=False))
    when(lambda ana: ana.reactivate())
    then_rows(people.model, people=[row_of(ANA, "Ana")])


def test_a_person_who_was_added_is_listed():
    given(person(ANA, roles=["cook", "nurse"], account=ANAS_ACCOUNT))
    ana = row_of(ANA, "Ana", roles=["cook", "nurse"], account_id=ANAS_ACCOUNT)
    then_rows(people.model, people=[ana])


def test_a_person_out_of_service_is_listed_as_inactive():
    given(person(ANA), person(BEN))
    when(lambda ana, _ben: ana.deactivate())
    then_rows(people.model, people=[row_of(ANA, "Ana", active=False), row_of(BEN, "Ben")])


def test_a_person_belongs_to_a_tenant():
    given(person(ANA), tenant=FOREIGN)
    then_rows(people.model, people=[row_of(ANA, "Ana", tenant_id=FOREIGN)])


def unit_named(name):
    with happening_at(LAST_WEEK):
        return Unit(id=uuid4(), name=name, zone="UTC")


async def test_units_are_listed_by_name_without_those_of_others(asking):
    given(unit_named("Kitchen"), unit_named("Attic"))
    given(unit_named("Elsewhere"), tenant=FOREIGN)
    async with asking(units.model) as connection:
        page = await list_units(connection, TENANT, UnitFilter(), FIRST_PAGE)
    assert [unit.name for unit in page.items] == ["Attic", "Kitchen"]
    assert page.total == 2


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (UnitFilter(active=True), ["100% full", "Kitchen"]),
        (UnitFilter(active=False), ["Attic"]),
        (UnitFilter(search="TTI"), ["Attic"]),
        (UnitFilter(search="%"), ["100% full"]),
        (UnitFilter(active=True, search="attic"), []),
    ],
    ids=str,
)
async def test_units_are_found(asking, wanted, names):
    attic = unit_named("Attic")
    with happening_at(LAST_WEEK):
        attic.close()
    given(unit_named("Kitchen"), attic, unit_named("100% full"))
    async with asking(units.model) as connection:
        page = await list_units(connection, TENANT, wanted, FIRST_PAGE)
    assert [unit.name for unit in page.items] == names


async def test_one_of_them_is_found_by_its_id_in_its_tenant_alone(asking):
    given(ward(), person(ANA))
    async with asking(units.model) as connection:
        assert (await find_unit(connection, TENANT, WARD)).name == "Ward 1"
        assert await find_unit(connection, FOREIGN, WARD) is None
    async with asking(people.model) as connection:
        assert (await find_person(connection, TENANT, ANA)).name == "Ana"
        assert await find_person(connection, FOREIGN, ANA) is None
        assert await find_person(connection, TENANT, BEN) is None


def somebody(name, kind=PersonKind.STAFF, roles=("nurse",), email="x@demo.test"):
    with happening_at(LAST_WEEK):
        return Person(
            id=uuid4(), name=name, email=email, kind=kind, roles=tuple(roles), account_id=None
        )


def given_some_people():
    away = somebody("Dora", PersonKind.VOLUNTEER, ["cook"])
    with happening_at(LAST_WEEK):
        away.deactivate()
    given(
        somebody("Emil", email="100%@demo.test"),
        somebody("Anton", roles=["nurse", "cook"], email="under_score@demo.test"),
        away,
        somebody("Berta", PersonKind.VOLUNTEER),
        somebody("Carl", PersonKind.VOLUNTEER, []),
    )
    given(somebody("Zoe"), tenant=FOREIGN)


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (EVERYBODY, ["Anton", "Berta", "Carl", "Dora", "Emil"]),
        (PeopleFilter(role="cook"), ["Anton", "Dora"]),
        (PeopleFilter(role="Cook"), []),
        (PeopleFilter(kind=PersonKind.VOLUNTEER), ["Berta", "Carl", "Dora"]),
        (PeopleFilter(active=True), ["Anton", "Berta", "Carl", "Emil"]),
        (PeopleFilter(active=False), ["Dora"]),
        (PeopleFilter(search="ERT"), ["Berta"]),
        (PeopleFilter(search="demo.test"), ["Anton", "Berta", "Carl", "Dora", "Emil"]),
        (PeopleFilter(search="%"), ["Emil"]),
        (PeopleFilter(search="_"), ["Anton"]),
        (PeopleFilter(search="Zoe"), []),
        (PeopleFilter(role="cook", active=True, search="ant"), ["Anton"]),
    ],
    ids=str,
)
async def test_people_are_found(asking, wanted, names):
    given_some_people()
    async with asking(people.model) as connection:
        page = await list_people(connection, TENANT, wanted, FIRST_PAGE)
    assert [row.name for row in page.items] == names
    assert page.total == len(names)


@pytest.mark.parametrize(
    ("page", "names"),
    [
        (PageRequest(1, 2), ["Anton", "Berta"]),
        (PageRequest(2, 2), ["Carl", "Dora"]),
        (PageRequest(3, 2), ["Emil"]),
        (PageRequest(4, 2), []),
    ],
    ids=["first", "second", "last", "past the last"],
)
async def test_a_page_shows_its_part_and_how_many_there_are(asking, page, names):
    given_some_people()
    async with asking(people.model) as connection:
        found = await list_people(connection, TENANT, EVERYBODY, page)
    assert [row.name for row in found.items] == names
    assert (found.total, found.request) == (5, page)


async def test_namesakes_are_listed_in_the_same_order_always(asking):
    given(*(somebody("Ana") for _ in range(6)))
    async with asking(people.model) as connection:
        pages = [
            await list_people(connection, TENANT, EVERYBODY, PageRequest(number, 2))
            for number in (1, 2, 3)
        ]
    ids = [row.person_id for page in pages for row in page.items]
    assert ids == sorted(ids)
    assert len(set(ids)) == 6


async def test_an_account_acts_for_a_person_in_a_tenant(asking):
    given(person(ANA, account=ANAS_ACCOUNT), person(CLEO))
    given(person(BEN, account=ANAS_ACCOUNT), tenant=FOREIGN)
    async with asking(people.model) as connection:
        assert (await person_of_account(connection, TENANT, ANAS_ACCOUNT)).person_id == ANA
        assert (await person_of_account(connection, FOREIGN, ANAS_ACCOUNT)).person_id == BEN
        assert await person_of_account(connection, TENANT, BENS_ACCOUNT) is None
        assert await account_of_person(connection, TENANT, ANA) == ANAS_ACCOUNT
        assert await account_of_person(connection, TENANT, CLEO) is None
        assert await account_of_person(connection, TENANT, NOBODY) is None
        assert await account_of_person(connection, FOREIGN, ANA) is None
