"""Which external identities an account has, and where they count."""

import pytest

from domain.identity.external import ExternalIdentity
from domain.shared.moment import happening_at
from projections.identity.identities import list_identities, model
from projections.paging import PageRequest
from tests.support.given import given, then_rows, when
from tests.support.scheduling import (
    ANAS_ACCOUNT,
    BENS_ACCOUNT,
    FOREIGN,
    LAST_WEEK,
    NOW,
    TENANT,
)

ISSUER = "https://issuer.test"


def linked(subject="ana", account_id=ANAS_ACCOUNT, only_in=TENANT):
    with happening_at(LAST_WEEK):
        return ExternalIdentity(
            id=ExternalIdentity.id_of(ISSUER, subject),
            issuer=ISSUER,
            subject=subject,
            account_id=account_id,
            only_in=only_in,
        )


def row(**changes):
    return {
        "identity_id": ExternalIdentity.id_of(ISSUER, "ana"),
        "issuer": ISSUER,
        "subject": "ana",
        "account_id": ANAS_ACCOUNT,
        "only_in": TENANT,
        "linked_at": LAST_WEEK,
        **changes,
    }


def test_a_linked_identity_is_the_accounts():
    given(linked())
    then_rows(model, identities=[row()])


def test_an_unlinked_one_is_nobodys():
    given(linked())
    when(lambda identity: identity.unlink())
    then_rows(model, identities=[row(account_id=None, only_in=None)])


def test_it_becomes_another_accounts():
    given(linked())
    when(lambda identity: identity.unlink())
    when(lambda identity: identity.link(BENS_ACCOUNT, None))
    then_rows(model, identities=[row(account_id=BENS_ACCOUNT, only_in=None, linked_at=NOW)])


@pytest.mark.parametrize(
    ("tenant_id", "subjects"),
    [(TENANT, ["everywhere", "here"]), (FOREIGN, ["everywhere", "there"])],
)
async def test_a_tenant_sees_those_that_count_in_it(asking, tenant_id, subjects):
    given(linked("here"), linked("there", only_in=FOREIGN), linked("everywhere", only_in=None))
    given(linked("ben", BENS_ACCOUNT))
    async with asking(model) as connection:
        page = await list_identities(connection, tenant_id, ANAS_ACCOUNT, PageRequest())
    assert [each.subject for each in page.items] == subjects
    assert page.total == 2
