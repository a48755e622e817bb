"""Tenants, accounts, and what an account is in a tenant."""

import pytest

from application.attempt import Request
from application.identity.accounts import FoundTenant, RegisterAccount, SetMemberRoles
from domain.identity.account import Account, EmailAddress, EmailIsTaken
from domain.identity.membership import Membership
from domain.identity.tenant import Tenant
from domain.shared.errors import Forbidden, Invalid
from domain.shared.ids import PLATFORM
from domain.shared.moment import happening_at
from tests.support.given import (
    given,
    happened,
    then,
    then_failed,
    then_nothing,
    then_refused,
    when_asked,
)
from tests.support.scheduling import ADMIN, ANAS_ACCOUNT, FOREIGN, LAST_WEEK, SYSTEM, TENANT

ANA = RegisterAccount(" Ana@Demo.test ", "Ana")


def founded(name):
    with happening_at(LAST_WEEK):
        return Tenant(id=TENANT, name=name)


async def test_a_tenant_is_founded_under_the_platform(story):
    done = await when_asked(FoundTenant("Demo"), by=SYSTEM)
    then(happened(Tenant.Founded, originator_id=done.result.id, name="Demo"))
    assert story.log.truth.entries[-1].tenant_id == PLATFORM


async def test_the_founder_may_know_the_tenants_id_already():
    done = await when_asked(FoundTenant("Demo", TENANT), by=SYSTEM)
    assert done.result.id == TENANT


async def test_a_tenant_is_founded_once():
    given(founded("Demo"))
    done = await when_asked(FoundTenant("Another name", TENANT), by=SYSTEM)
    then_nothing()
    assert done.result.name == "Demo"


async def test_registering_claims_the_address_in_its_plain_form(story):
    done = await when_asked(ANA, by=SYSTEM)
    address_id = EmailAddress.id_of("ana@demo.test")
    then(
        happened(EmailAddress.Claimed, originator_id=address_id, account_id=done.result.id),
        happened(Account.Registered, email="ana@demo.test", name="Ana"),
    )
    assert {entry.tenant_id for entry in story.log.truth.entries} == {PLATFORM}


@pytest.mark.parametrize("address", ["ana@demo.test", "ANA@demo.test  "])
async def test_an_address_belongs_to_one_account(address):
    await when_asked(ANA, by=SYSTEM)
    await when_asked(RegisterAccount(address, "Somebody else"), by=SYSTEM)
    then_refused(EmailIsTaken)


async def test_of_two_who_register_an_address_at_once_one_gets_it(story):
    other = story.another_process(story.log.beside())
    story.log.meanwhile(lambda: other.run(ANA, Request(SYSTEM, "request-2"), repr))
    await when_asked(ANA, by=SYSTEM)
    assert [type(refusal) for refusal in story.failure.refusals] == [EmailIsTaken]
    assert len(story.log.truth.entries) == 2


async def test_an_account_joins_the_actors_tenant(story):
    await when_asked(SetMemberRoles(ANAS_ACCOUNT, ("staff", "coordinator")), by=SYSTEM)
    then(happened(Membership.Joined, account_id=ANAS_ACCOUNT, roles=("coordinator", "staff")))
    assert story.log.truth.entries[-1].tenant_id == TENANT


async def test_a_members_roles_are_changed():
    await when_asked(SetMemberRoles(ANAS_ACCOUNT, ("staff",)), by=SYSTEM)
    await when_asked(SetMemberRoles(ANAS_ACCOUNT, ("admin",)), by=SYSTEM)
    then(happened(Membership.RolesChanged, roles=("admin",)))


async def test_the_same_roles_again_are_nothing_new():
    await when_asked(SetMemberRoles(ANAS_ACCOUNT, ("staff", "admin")), by=SYSTEM)
    await when_asked(SetMemberRoles(ANAS_ACCOUNT, ("admin", "staff")), by=SYSTEM)
    then_nothing()


async def test_an_account_is_something_else_in_another_tenant():
    await when_asked(SetMemberRoles(ANAS_ACCOUNT, ("staff",)), by=SYSTEM)
    await when_asked(SetMemberRoles(ANAS_ACCOUNT, ("admin",)), by=type(SYSTEM).system(FOREIGN))
    then(happened(Membership.Joined, account_id=ANAS_ACCOUNT, roles=("admin",)))


async def test_nobody_joins_with_an_unknown_role():
    await when_asked(SetMemberRoles(ANAS_ACCOUNT, ("wizard",)), by=SYSTEM)
    then_failed(Invalid)


@pytest.mark.parametrize(
    ("command", "needed"),
    [
        (FoundTenant("Demo"), "tenants:write:all"),
        (ANA, "accounts:write:all"),
        (SetMemberRoles(ANAS_ACCOUNT, ("admin",)), "accounts:write:all"),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_not_even_an_admin_may(command, needed):
    await when_asked(command, by=ADMIN)
    then_failed(Forbidden, needs=needed)


@pytest.mark.parametrize(
    "command",
    [
        RegisterAccount("a" * 4096, "Ana"),
        RegisterAccount("ana@demo.test", "Ana\x00"),
        FoundTenant("x" * 4096),
    ],
)
async def test_what_can_not_be_kept_is_refused_before_the_log(command):
    await when_asked(command, by=SYSTEM)
    then_failed(Invalid)
