"""Who there is to log in, and where."""

from datetime import timedelta

import pytest

from domain.identity.account import Account
from domain.identity.membership import Membership
from domain.identity.tenant import Tenant
from domain.shared.moment import happening_at
from projections.identity.directory import (
    Member,
    MemberFilter,
    account_id_of,
    list_members,
    memberships_of,
    model,
)
from projections.paging import PageRequest
from tests.support.given import given, then_rows, when
from tests.support.scheduling import (
    ANAS_ACCOUNT,
    BENS_ACCOUNT,
    COORDINATORS_ACCOUNT,
    FOREIGN,
    LAST_WEEK,
    TENANT,
)


def account(id=ANAS_ACCOUNT, email="ana@demo.test", name="Ana"):
    with happening_at(LAST_WEEK):
        return Account(id=id, email=email, name=name)


def founded(id=TENANT, name="Demo"):
    with happening_at(LAST_WEEK):
        return Tenant(id=id, name=name)


def member(tenant_id=TENANT, roles=("staff",), days=0, account_id=ANAS_ACCOUNT):
    with happening_at(LAST_WEEK + timedelta(days=days)):
        membership_id = Membership.id_of(tenant_id, account_id)
        return Membership(id=membership_id, account_id=account_id, roles=roles)


def test_a_registered_account_is_known():
    given(account())
    row = {"account_id": ANAS_ACCOUNT, "email": "ana@demo.test", "name": "Ana"}
    then_rows(model, accounts=[row])


def test_a_founded_tenant_is_known_by_its_own_id():
    given(founded())
    then_rows(model, tenants=[{"tenant_id": TENANT, "name": "Demo"}])


def test_a_member_has_roles_in_a_tenant():
    given(member(roles=("admin", "staff")))
    then_rows(model, members=[row_of("admin", "staff")])


def test_a_member_has_the_roles_of_now_since_then():
    given(member())
    when(lambda member: member.change_roles(["auditor"]))
    then_rows(model, members=[row_of("auditor")])


def test_who_was_removed_is_no_member_until_he_or_she_is_back():
    given(member())
    when(lambda member: member.remove())
    then_rows(model, members=[row_of() | {"active": False}])
    when(lambda member: member.rejoin(["staff"]))
    then_rows(model, members=[row_of("staff")])


def row_of(*roles):
    return {
        "membership_id": Membership.id_of(TENANT, ANAS_ACCOUNT),
        "tenant_id": TENANT,
        "account_id": ANAS_ACCOUNT,
        "roles": list(roles),
        "active": True,
        "joined_at": LAST_WEEK,
    }


async def test_an_account_is_found_by_its_address_in_any_case(asking):
    given(account(), account(BENS_ACCOUNT, "ben@demo.test", "Ben"))
    async with asking(model) as connection:
        assert await account_id_of(connection, " Ana@DEMO.test") == ANAS_ACCOUNT
        assert await account_id_of(connection, "ben@demo.test") == BENS_ACCOUNT
        assert await account_id_of(connection, "nobody@demo.test") is None


async def test_an_account_belongs_to_the_tenants_it_joined_the_first_first(asking):
    given(account(), founded(), founded(FOREIGN, "Elsewhere"))
    given(member(days=1, roles=("admin", "staff")))
    given(member(FOREIGN, days=0), tenant=FOREIGN)
    given(member(account_id=BENS_ACCOUNT))
    async with asking(model) as connection:
        assert await memberships_of(connection, ANAS_ACCOUNT) == [
            Member(ANAS_ACCOUNT, "ana@demo.test", "Ana", FOREIGN, "Elsewhere", ("staff",)),
            Member(ANAS_ACCOUNT, "ana@demo.test", "Ana", TENANT, "Demo", ("admin", "staff")),
        ]


async def test_who_has_no_account_has_no_memberships(asking):
    given(account(), founded())
    async with asking(model) as connection:
        assert await memberships_of(connection, ANAS_ACCOUNT) == []
        assert await memberships_of(connection, BENS_ACCOUNT) == []


def removed(account_id):
    gone = member(account_id=account_id)
    with happening_at(LAST_WEEK):
        gone.remove()
    return gone


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (MemberFilter(), ["Ana", "Ben"]),
        (MemberFilter(role="admin"), ["Ana"]),
        (MemberFilter(search="EN@"), ["Ben"]),
        (MemberFilter(search="%"), []),
        (MemberFilter(role="admin", search="ben"), []),
    ],
    ids=str,
)
async def test_members_are_found_in_their_tenant_while_they_are_some(asking, wanted, names):
    given(account(BENS_ACCOUNT, "ben@demo.test", "Ben"), account(), founded())
    given(account(COORDINATORS_ACCOUNT, "cleo@demo.test", "Cleo"), removed(COORDINATORS_ACCOUNT))
    given(member(roles=("admin", "staff")), member(account_id=BENS_ACCOUNT))
    given(member(FOREIGN), tenant=FOREIGN)
    async with asking(model) as connection:
        page = await list_members(connection, TENANT, wanted, PageRequest())
        assert await memberships_of(connection, COORDINATORS_ACCOUNT) == []
    assert [row.name for row in page.items] == names
    assert page.total == len(names)
