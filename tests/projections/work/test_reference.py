"""Kinds of users and tasks, which have to do with each other, and who is of which."""

from domain.work.profile import Profile
from domain.work.task_type import TaskTypeChange
from domain.work.user_type import Powers, TaskPermission, UserTypeChange
from projections.work import reference
from projections.work.reference import (
    every_mapping,
    every_task_type,
    every_user_type,
    minutes_of_types,
    powers_of,
    user_types_of,
)
from tests.support.given import given, then_rows, when
from tests.support.scheduling import FOREIGN, TENANT
from tests.support.work import (
    CATERING,
    CHIEF,
    CUSTOMER,
    FLOWERS,
    VENDOR,
    profile,
    task_type,
    user_type,
    user_type_id,
)

VENDORS = user_type_id("Vendor")
VIEW, TAKE, MOVE = TaskPermission.VIEW, TaskPermission.TAKE, TaskPermission.MOVE_STATE


def kind_of_user(**changes):
    known = {
        "user_type_id": VENDORS,
        "tenant_id": TENANT,
        "name": "Vendor",
        "description": "",
        "permissions": [VIEW, TAKE, MOVE],
        "read_only": False,
    }
    return known | changes


def kind_of_task(**changes):
    known = {
        "task_type_id": CATERING,
        "tenant_id": TENANT,
        "name": "Catering",
        "description": "",
        "minutes": 60,
        "active": True,
    }
    return known | changes


def mapping(task_type_id):
    return {"user_type_id": VENDORS, "task_type_id": task_type_id, "tenant_id": TENANT}


def test_a_user_type_is_listed_as_it_is_now():
    given(user_type("Vendor"))
    then_rows(reference.model, user_types=[kind_of_user()])
    change = UserTypeChange(description="From outside", permissions=(VIEW,), read_only=True)
    when(lambda vendors: vendors.change(change))
    changed = kind_of_user(description="From outside", permissions=[VIEW], read_only=True)
    then_rows(reference.model, user_types=[changed])


def test_types_of_tasks_are_mapped_and_unmapped():
    given(user_type("Vendor"))
    then_rows(reference.model, eligibility_mappings=[mapping(CATERING)])
    when(lambda vendors: vendors.map(FLOWERS))
    then_rows(reference.model, eligibility_mappings=[mapping(CATERING), mapping(FLOWERS)])
    when(lambda vendors: vendors.unmap(CATERING))
    then_rows(reference.model, eligibility_mappings=[mapping(FLOWERS)])


def test_a_task_type_is_listed_as_it_is_now():
    given(task_type())
    then_rows(reference.model, task_types=[kind_of_task()])
    when(lambda kind: [kind.change(TaskTypeChange(description="Food", minutes=90)), kind.retire()])
    changed = kind_of_task(description="Food", minutes=90)
    then_rows(reference.model, task_types=[changed | {"active": False}])
    when(lambda kind: kind.reopen())
    then_rows(reference.model, task_types=[changed])


def test_an_account_is_of_one_user_type():
    given(profile(VENDOR))
    row = {
        "profile_id": Profile.id_of(TENANT, VENDOR),
        "tenant_id": TENANT,
        "account_id": VENDOR,
        "user_type_id": VENDORS,
    }
    then_rows(reference.model, profiles=[row])
    when(lambda his: his.become(user_type_id("Customer")))
    then_rows(reference.model, profiles=[row | {"user_type_id": user_type_id("Customer")}])


async def test_each_tenant_is_told_its_own(asking):
    given(user_type("Vendor"), user_type("Customer"), task_type("Flowers"), task_type())
    given(profile(VENDOR), profile(CUSTOMER))
    async with asking(reference.model) as connection:
        kinds = await every_user_type(connection, TENANT)
        assert [each.name for each in kinds] == ["Customer", "Vendor"]
        assert [each.name for each in await every_task_type(connection, TENANT)] == [
            "Catering",
            "Flowers",
        ]
        pairs = [(m.user_type, m.task_type) for m in await every_mapping(connection, TENANT)]
        assert pairs == [("Customer", "Catering"), ("Customer", "Flowers"), ("Vendor", "Catering")]
        assert await minutes_of_types(connection, TENANT) == {CATERING: 60, FLOWERS: 60}
        found = await user_types_of(connection, TENANT, [VENDOR, CUSTOMER, CHIEF])
        assert {who: row.name for who, row in found.items()} == {
            VENDOR: "Vendor",
            CUSTOMER: "Customer",
        }
        for query in (every_user_type, every_task_type, every_mapping, minutes_of_types):
            assert not await query(connection, FOREIGN)


async def test_powers_are_those_that_decide(asking):
    given(user_type("Vendor"), user_type("Customer"), profile(VENDOR), profile(CUSTOMER))
    when(lambda vendors, *_: vendors.unmap(CATERING))
    async with asking(reference.model) as connection:
        assert await powers_of(connection, TENANT, VENDOR) == Powers(
            "Vendor", frozenset({VIEW, TAKE, MOVE}), frozenset(), read_only=False
        )
        assert await powers_of(connection, TENANT, CUSTOMER) == user_type("Customer").powers
        assert await powers_of(connection, TENANT, CHIEF) is None
        assert await powers_of(connection, FOREIGN, VENDOR) is None
