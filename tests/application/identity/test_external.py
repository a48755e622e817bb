"""Who decides whose tokens speak for an account: its tenant's admins, and never those of two."""

import pytest

from application.identity.accounts import SetMemberRoles
from application.identity.external import LinkIdentity, UnlinkIdentity
from application.identity.members import RemoveMember
from domain.identity.account import Account
from domain.identity.external import (
    ExternalIdentity,
    IdentityIsTaken,
    MemberElsewhere,
    NoExternalIssuer,
)
from domain.identity.membership import Membership
from domain.shared.errors import Forbidden, Invalid, NotFound
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

ISSUER, SUBJECT = "https://issuer.test", "ana@issuer"
IDENTITY = ExternalIdentity.id_of(ISSUER, SUBJECT)


@pytest.fixture(autouse=True)
def _members(story):
    """Ana and Ben are members here; who asks is an admin in both tenants."""
    del story
    with happening_at(LAST_WEEK):
        accounts = [
            Account(id=ANAS_ACCOUNT, email="ana@demo.test", name="Ana"),
            Account(id=BENS_ACCOUNT, email="ben@demo.test", name="Ben"),
        ]
    given(*accounts, member(ANAS_ACCOUNT, "staff"), member(BENS_ACCOUNT, "staff"))
    given(member(COORDINATORS_ACCOUNT, "admin"))
    given(member(COORDINATORS_ACCOUNT, "admin", tenant=FOREIGN), tenant=FOREIGN)


def member(account_id, *roles, tenant=TENANT):
    with happening_at(LAST_WEEK):
        return Membership(
            id=Membership.id_of(tenant, account_id), account_id=account_id, roles=roles
        )


def link(account_id=ANAS_ACCOUNT, issuer=ISSUER, subject=SUBJECT, tenants=(TENANT,)):
    return LinkIdentity(account_id, issuer, subject, tenants)


def unlink(account_id=ANAS_ACCOUNT, identity_id=IDENTITY, tenants=(TENANT,)):
    return UnlinkIdentity(account_id, identity_id, tenants)


async def test_an_admin_links_a_member_in_the_own_tenant():
    done = await when_asked(link(), by=ADMIN)
    told = {"issuer": ISSUER, "subject": SUBJECT, "account_id": ANAS_ACCOUNT, "only_in": TENANT}
    then(happened(ExternalIdentity.Linked, **told))
    assert done.result.id == IDENTITY


async def test_an_account_may_have_several():
    await when_asked(link(), by=ADMIN)
    await when_asked(link(subject="another"), by=ADMIN)
    then(
        happened(
            ExternalIdentity.Linked,
            issuer=ISSUER,
            subject="another",
            account_id=ANAS_ACCOUNT,
            only_in=TENANT,
        )
    )


async def test_the_same_again_is_nothing_new():
    await when_asked(link(), by=ADMIN)
    await when_asked(link(), by=ADMIN)
    then_nothing()


async def test_a_subject_is_one_account_and_nobody_is_told_whose(story):
    await when_asked(link(), by=ADMIN)
    await when_asked(link(BENS_ACCOUNT), by=ADMIN)
    then_refused(IdentityIsTaken)
    assert str(ANAS_ACCOUNT) not in str(story.failure.data)


async def test_it_is_unlinked_and_may_be_linked_to_another():
    await when_asked(link(), by=ADMIN)
    await when_asked(unlink(), by=ADMIN)
    then(happened(ExternalIdentity.Unlinked))
    await when_asked(unlink(), by=ADMIN)
    then_failed(NotFound)
    await when_asked(link(BENS_ACCOUNT), by=ADMIN)
    then(happened(ExternalIdentity.Relinked, account_id=BENS_ACCOUNT, only_in=TENANT))


@pytest.mark.parametrize("tenants", [(TENANT, FOREIGN), (FOREIGN, TENANT), (FOREIGN,)])
async def test_who_belongs_to_another_tenant_is_not_taken_over(tenants):
    await when_asked(link(tenants=tenants), by=ADMIN)
    then_refused(MemberElsewhere)


async def test_an_operator_links_for_all_tenants():
    await when_asked(link(), by=ADMIN)
    await when_asked(link(tenants=(TENANT, FOREIGN)), by=SYSTEM)
    then(happened(ExternalIdentity.Relinked, account_id=ANAS_ACCOUNT, only_in=None))


async def test_what_an_operator_linked_an_admin_unlinks_for_nobody_else():
    await when_asked(link(), by=SYSTEM)
    await when_asked(unlink(tenants=(TENANT, FOREIGN)), by=ADMIN)
    then_refused(MemberElsewhere)
    await when_asked(unlink(), by=ADMIN)
    then(happened(ExternalIdentity.Unlinked))


async def test_what_an_admin_linked_an_admin_unlinks():
    await when_asked(link(), by=ADMIN)
    await when_asked(unlink(tenants=(TENANT, FOREIGN)), by=ADMIN)
    then(happened(ExternalIdentity.Unlinked))


@pytest.mark.parametrize("command", [link(), unlink()])
async def test_the_admin_of_another_tenant_finds_nobody(command):
    await when_asked(link(), by=ADMIN)
    await when_asked(command, by=STRANGER)
    then_failed(NotFound, what="member", id=str(ANAS_ACCOUNT))


async def test_what_was_linked_in_another_tenant_is_not_seen_here():
    given(member(ANAS_ACCOUNT, "staff", tenant=FOREIGN), tenant=FOREIGN)
    await when_asked(link(tenants=(FOREIGN,)), by=STRANGER)
    await when_asked(unlink(), by=ADMIN)
    then_failed(NotFound, what="identity", id=str(IDENTITY))


@pytest.mark.parametrize("command", [link(), unlink()])
async def test_who_was_removed_is_no_member(command):
    await when_asked(link(), by=ADMIN)
    await when_asked(RemoveMember(ANAS_ACCOUNT), by=ADMIN)
    await when_asked(command, by=ADMIN)
    then_failed(NotFound, what="member", id=str(ANAS_ACCOUNT))


@pytest.mark.parametrize("command", [link(), unlink()])
async def test_who_is_no_admin_decides_nothing(command):
    await when_asked(command, by=COORDINATOR)
    then_failed(Forbidden)


@pytest.mark.parametrize("command", [link(), unlink()])
async def test_who_is_no_admin_any_more_decides_nothing(command):
    """The actor's roles were read a moment ago; the log knows better."""
    await when_asked(link(), by=ADMIN)
    await when_asked(SetMemberRoles(COORDINATORS_ACCOUNT, ("staff",)), by=SYSTEM)
    await when_asked(command, by=ADMIN)
    then_failed(Forbidden)


@pytest.mark.parametrize("subject", ["", " ana", "a\nb", "x" * 256])
async def test_what_can_be_no_subject_is_invalid(subject):
    await when_asked(link(subject=subject), by=ADMIN)
    then_failed(Invalid)


@pytest.mark.parametrize("by", [ADMIN, SYSTEM])
async def test_without_an_issuer_nobody_is_linked(by):
    await when_asked(link(issuer=None), by=by)
    then_refused(NoExternalIssuer)


async def test_an_operator_links_only_what_is_an_account():
    await when_asked(link(COORDINATORS_ACCOUNT), by=SYSTEM)
    then_failed(NotFound, what="account", id=str(COORDINATORS_ACCOUNT))
