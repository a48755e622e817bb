"""The catalogue of roles."""

from decimal import Decimal

import pytest

from domain.scheduling.role import Role, RoleChange
from projections.paging import PageRequest
from projections.scheduling import roles
from projections.scheduling.roles import RoleFilter, find_role, list_roles
from tests.support.given import given, then_rows, when
from tests.support.scheduling import FOREIGN, TENANT, euros, role

NURSE = Role.id_of(TENANT, "nurse")


def row(**changes):
    known = {"role_id": NURSE, "tenant_id": TENANT, "name": "nurse", "description": ""}
    return known | {"rate": None, "currency": None, "active": True} | changes


def test_a_role_that_was_added_is_listed():
    given(role())
    then_rows(roles.model, roles=[row()])


def test_a_role_is_listed_as_it_is_now():
    given(role(rate=euros("24.50")))
    then_rows(roles.model, roles=[row(rate=Decimal("24.50"), currency="EUR")])
    when(lambda nurse: nurse.change(RoleChange(description="x", hourly_rate=None)))
    when(lambda nurse: nurse.close())
    then_rows(roles.model, roles=[row(description="x", active=False)])
    when(lambda nurse: nurse.reopen())
    then_rows(roles.model, roles=[row(description="x")])


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (RoleFilter(), ["cook", "diver", "nurse"]),
        (RoleFilter(active=True), ["cook", "nurse"]),
        (RoleFilter(active=False), ["diver"]),
        (RoleFilter(search="OO"), ["cook"]),
        (RoleFilter(search="100%"), ["nurse"]),
        (RoleFilter(search="_"), []),
    ],
    ids=str,
)
async def test_roles_are_found_by_name(asking, wanted, names):
    nurse = role("nurse", euros("24.50"))
    given(nurse, role("diver", active=False), role("cook"))
    when(lambda nurse, *_: nurse.change(RoleChange(description="100% on call")))
    given(role("pilot"), tenant=FOREIGN)
    async with asking(roles.model) as connection:
        page = await list_roles(connection, TENANT, wanted, PageRequest())
        assert [each.name for each in page.items] == names
        found = await find_role(connection, TENANT, NURSE)
        assert (found.rate, found.currency) == (Decimal("24.50"), "EUR")
        assert await find_role(connection, FOREIGN, NURSE) is None
