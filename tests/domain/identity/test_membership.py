"""Who an account is in a tenant."""

import pytest

from domain.identity.account import Account, EmailAddress, EmailIsTaken
from domain.identity.membership import AlreadyAMember, Membership, known_roles
from domain.identity.tenant import Tenant
from domain.shared.errors import Invalid, NotFound
from domain.shared.moment import happening_at
from domain.shared.texts import normalized
from tests.support.given import given, happened, then, then_failed, then_nothing, then_refused, when
from tests.support.scheduling import ANAS_ACCOUNT, BENS_ACCOUNT, FOREIGN, LAST_WEEK, TENANT


def member(*roles):
    with happening_at(LAST_WEEK):
        return Membership(
            id=Membership.id_of(TENANT, ANAS_ACCOUNT), account_id=ANAS_ACCOUNT, roles=roles
        )


def test_a_members_roles_can_be_changed():
    given(member("volunteer"))
    when(lambda member: member.change_roles(["staff", "coordinator", "staff"]))
    then(happened(Membership.RolesChanged, roles=("coordinator", "staff")))


def test_the_same_roles_in_any_order_are_nothing_new():
    given(member("coordinator", "staff"))
    when(lambda member: member.change_roles(["staff", "coordinator"]))
    then_nothing()


def test_all_roles_can_be_taken_away():
    given(member("staff"))
    when(lambda member: member.change_roles([]))
    then(happened(Membership.RolesChanged, roles=()))


def test_a_member_is_removed_and_has_no_roles_then():
    given(member("staff"))
    when(lambda member: member.remove())
    then(happened(Membership.Removed))
    when(lambda member: (member.roles == () and not member.active) or member.remove())
    then_nothing()


@pytest.mark.parametrize("act", [lambda one: one.remove(), lambda one: one.change_roles(["staff"])])
def test_who_was_removed_is_no_member(act):
    given(removed())
    when(act)
    then_failed(NotFound, what="member", id=str(ANAS_ACCOUNT))


def removed():
    gone = member("staff")
    with happening_at(LAST_WEEK):
        gone.remove()
    return gone


def test_who_was_removed_may_come_back():
    given(removed())
    when(lambda member: member.rejoin(["staff", "admin"]))
    then(happened(Membership.Rejoined, roles=("admin", "staff")))


def test_a_member_can_not_join_again():
    given(member("staff"))
    when(lambda member: member.rejoin(["staff"]))
    then_refused(AlreadyAMember)


def test_nobody_comes_back_with_an_unknown_role():
    given(removed())
    when(lambda member: member.rejoin(["wizard"]))
    then_failed(Invalid)


def test_an_unknown_role_is_refused_and_the_known_ones_are_named():
    given(member("staff"))
    when(lambda member: member.change_roles(["staff", "wizard", "king"]))
    known = "admin, coordinator, staff, volunteer, manager, member, auditor"
    then_failed(Invalid, fields={"roles": f"unknown: king, wizard; known: {known}"})


def test_roles_are_sorted_and_each_there_once():
    assert known_roles(["volunteer", "admin", "volunteer"]) == ("admin", "volunteer")


def test_an_account_has_one_membership_in_each_tenant():
    ids = [
        Membership.id_of(TENANT, ANAS_ACCOUNT),
        Membership.id_of(FOREIGN, ANAS_ACCOUNT),
        Membership.id_of(TENANT, BENS_ACCOUNT),
    ]
    assert len(set(ids)) == 3
    assert Membership.id_of(TENANT, ANAS_ACCOUNT) == ids[0]


@pytest.mark.parametrize("same", ["Ana@Demo.test", " ana@demo.test ", "ANA@DEMO.TEST"])
def test_an_address_is_the_same_in_any_case_and_spacing(same):
    assert normalized(same) == "ana@demo.test"
    assert EmailAddress.id_of(same) == EmailAddress.id_of("ana@demo.test")


def test_different_addresses_are_different_streams():
    assert EmailAddress.id_of("ana@demo.test") != EmailAddress.id_of("ben@demo.test")


def test_a_taken_address_is_refused_without_saying_whose_it_is():
    assert EmailIsTaken().as_data() == {
        "rule": "EmailIsTaken",
        "message": "An account with this e-mail address exists already.",
    }


def test_accounts_addresses_and_tenants_remember_what_they_were_made_of():
    with happening_at(LAST_WEEK):
        account = Account(id=ANAS_ACCOUNT, email="ana@demo.test", name="Ana")
        address = EmailAddress(id=EmailAddress.id_of(account.email), account_id=ANAS_ACCOUNT)
        tenant = Tenant(id=TENANT, name="Demo")
    assert (account.id, account.email, account.name) == (ANAS_ACCOUNT, "ana@demo.test", "Ana")
    assert address.account_id == ANAS_ACCOUNT
    assert (tenant.id, tenant.name) == (TENANT, "Demo")
