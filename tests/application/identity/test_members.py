"""Members of a tenant, as its admins decide."""

import pytest

from application.attempt import Request
from application.identity.accounts import SetMemberRoles
from application.identity.members import AddMember, ChangeMemberRoles, RemoveMember
from domain.identity.account import Account, EmailAddress
from domain.identity.membership import AlreadyAMember, Membership, OwnAdminRole
from domain.shared.errors import Forbidden, Invalid, NotFound
from domain.shared.moment import happening_at
from tests.support.given import given, happened, then, then_failed, then_refused, when_asked
from tests.support.scheduling import (
    ADMIN,
    ANAS_ACCOUNT,
    BENS_ACCOUNT,
    COORDINATOR,
    COORDINATORS_ACCOUNT,
    FOREIGN,
    LAST_WEEK,
    STRANGER,
    SYSTEM,
    TENANT,
)

ADD_ANA = AddMember(" Ana@demo.test", ("staff", "coordinator"))


@pytest.fixture(autouse=True)
def _admins(story):
    """All three have accounts; who asks is an admin in both tenants."""
    del story
    with happening_at(LAST_WEEK):
        account = Account(id=ANAS_ACCOUNT, email="ana@demo.test", name="Ana")
        ben = Account(id=BENS_ACCOUNT, email="ben@else.test", name="Ben")
        admin = Account(id=COORDINATORS_ACCOUNT, email="admin@demo.test", name="Admin")
        address_id = EmailAddress.id_of("ana@demo.test")
        address = EmailAddress(id=address_id, account_id=ANAS_ACCOUNT)
    given(account, ben, admin, address, member(COORDINATORS_ACCOUNT, "admin"))
    given(member(COORDINATORS_ACCOUNT, "admin", tenant=FOREIGN), tenant=FOREIGN)


def member(account_id, *roles, tenant=TENANT):
    with happening_at(LAST_WEEK):
        return Membership(
            id=Membership.id_of(tenant, account_id), account_id=account_id, roles=roles
        )


async def test_who_has_an_account_becomes_a_member_by_address():
    done = await when_asked(ADD_ANA, by=ADMIN)
    then(happened(Membership.Joined, account_id=ANAS_ACCOUNT, roles=("coordinator", "staff")))
    membership, account = done.result
    assert (membership.account_id, account.name) == (ANAS_ACCOUNT, "Ana")


@pytest.mark.parametrize(
    "command",
    [
        AddMember("ben@demo.test", ("staff",)),
        AddMember("nonsense", ("staff",)),
        AddMember("ana@demo.test", ("wizard",)),
    ],
)
async def test_what_can_not_be_a_member_is_refused(command):
    await when_asked(command, by=ADMIN)
    then_failed(Invalid)


async def test_a_member_is_not_added_twice():
    await when_asked(ADD_ANA, by=ADMIN)
    await when_asked(ADD_ANA, by=ADMIN)
    then_refused(AlreadyAMember)


async def test_a_member_is_changed_and_removed_and_comes_back():
    await when_asked(ADD_ANA, by=ADMIN)
    await when_asked(ChangeMemberRoles(ANAS_ACCOUNT, ("auditor",)), by=ADMIN)
    then(happened(Membership.RolesChanged, roles=("auditor",)))
    await when_asked(RemoveMember(ANAS_ACCOUNT), by=ADMIN)
    then(happened(Membership.Removed))
    await when_asked(ADD_ANA, by=ADMIN)
    then(happened(Membership.Rejoined, roles=("coordinator", "staff")))


async def test_the_system_has_who_was_removed_back_too():
    await when_asked(ADD_ANA, by=ADMIN)
    await when_asked(RemoveMember(ANAS_ACCOUNT), by=ADMIN)
    await when_asked(SetMemberRoles(ANAS_ACCOUNT, ("admin",)), by=SYSTEM)
    then(happened(Membership.Rejoined, roles=("admin",)))


@pytest.mark.parametrize(
    "command", [ChangeMemberRoles(ANAS_ACCOUNT, ("staff",)), RemoveMember(ANAS_ACCOUNT)]
)
async def test_who_is_a_member_elsewhere_is_none_here(command):
    await when_asked(ADD_ANA, by=ADMIN)
    await when_asked(command, by=STRANGER)
    then_failed(NotFound, what="member", id=str(ANAS_ACCOUNT))


@pytest.mark.parametrize(
    "command",
    [ChangeMemberRoles(COORDINATORS_ACCOUNT, ("staff",)), RemoveMember(COORDINATORS_ACCOUNT)],
)
async def test_nobody_takes_the_admin_role_from_oneself(command):
    await when_asked(command, by=ADMIN)
    then_refused(OwnAdminRole)


@pytest.mark.parametrize(
    "command",
    [ADD_ANA, ChangeMemberRoles(BENS_ACCOUNT, ("staff",)), RemoveMember(BENS_ACCOUNT)],
)
async def test_who_is_an_admin_no_more_changes_nothing(command):
    given(member(BENS_ACCOUNT, "admin"))
    await when_asked(ChangeMemberRoles(COORDINATORS_ACCOUNT, ("staff",)), by=SYSTEM)
    await when_asked(command, by=ADMIN)
    then_failed(Forbidden, needs="members:write:all")


async def test_of_two_admins_who_remove_each_other_one_stays(story):
    given(member(BENS_ACCOUNT, "admin"))
    ben = type(ADMIN).with_roles(BENS_ACCOUNT, TENANT, ("admin",))
    other = story.another_process(story.log.beside())
    removal = RemoveMember(COORDINATORS_ACCOUNT)
    story.log.meanwhile(lambda: other.run(removal, Request(ben, "request-2"), repr))
    await when_asked(RemoveMember(BENS_ACCOUNT), by=ADMIN)
    assert isinstance(story.failure, Forbidden)
    assert [type(event) for event in story.news()] == [Membership.Removed]


@pytest.mark.parametrize(
    "command",
    [ADD_ANA, ChangeMemberRoles(ANAS_ACCOUNT, ("staff",)), RemoveMember(ANAS_ACCOUNT)],
    ids=lambda command: type(command).__name__,
)
async def test_a_coordinator_may_not(command):
    await when_asked(command, by=COORDINATOR)
    then_failed(Forbidden, needs="members:write:all")
