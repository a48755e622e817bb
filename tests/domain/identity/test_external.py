"""A subject of another issuer is at most one account."""

import pytest

from domain.identity.external import ExternalIdentity, IdentityIsTaken, is_subject, subject_of
from domain.shared.errors import Invalid
from domain.shared.moment import happening_at
from tests.support.given import given, happened, then, then_nothing, then_refused, when
from tests.support.scheduling import ANAS_ACCOUNT, BENS_ACCOUNT, FOREIGN, LAST_WEEK, TENANT

ISSUER = "https://issuer.test"


def linked(only_in=TENANT):
    with happening_at(LAST_WEEK):
        return ExternalIdentity(
            id=ExternalIdentity.id_of(ISSUER, "ana"),
            issuer=ISSUER,
            subject="ana",
            account_id=ANAS_ACCOUNT,
            only_in=only_in,
        )


def unlinked():
    identity = linked()
    with happening_at(LAST_WEEK):
        identity.unlink()
    return identity


def test_it_is_unlinked_once():
    given(linked())
    when(lambda identity: identity.unlink())
    then(happened(ExternalIdentity.Unlinked))
    when(lambda identity: identity.unlink())
    then_nothing()


def test_what_was_unlinked_may_become_another_accounts():
    given(unlinked())
    when(lambda identity: identity.link(BENS_ACCOUNT, FOREIGN))
    then(happened(ExternalIdentity.Relinked, account_id=BENS_ACCOUNT, only_in=FOREIGN))


@pytest.mark.parametrize("only_in", [TENANT, FOREIGN, None])
def test_what_is_linked_stays_the_accounts(only_in):
    given(linked())
    when(lambda identity: identity.link(BENS_ACCOUNT, only_in))
    then_refused(IdentityIsTaken)


@pytest.mark.parametrize(("had", "asked"), [(TENANT, TENANT), (None, None), (None, TENANT)])
def test_asking_for_what_is_so_or_for_less_changes_nothing(had, asked):
    given(linked(had))
    when(lambda identity: identity.link(ANAS_ACCOUNT, asked))
    then_nothing()


@pytest.mark.parametrize("asked", [None, FOREIGN])
def test_it_may_come_to_count_elsewhere(asked):
    given(linked())
    when(lambda identity: identity.link(ANAS_ACCOUNT, asked))
    then(happened(ExternalIdentity.Relinked, account_id=ANAS_ACCOUNT, only_in=asked))


def test_it_counts_for_its_account_where_it_was_linked():
    assert linked().counts_for(ANAS_ACCOUNT, TENANT)
    assert linked(None).counts_for(ANAS_ACCOUNT, FOREIGN)
    assert not linked().counts_for(ANAS_ACCOUNT, FOREIGN)
    assert not linked(None).counts_for(BENS_ACCOUNT, TENANT)
    assert not unlinked().counts_for(ANAS_ACCOUNT, TENANT)


def test_no_two_pairs_have_one_id():
    pairs = [("https://a", "b/c"), ("https://a/b", "c"), ("https://a/b/c", ""), ("", "https://a")]
    assert len({ExternalIdentity.id_of(*pair) for pair in pairs}) == len(pairs)


@pytest.mark.parametrize(
    "text", ["", " ", " a", "a ", "a\n", "\x00", "\ud800", "\u200b", "x" * 256]
)
def test_what_can_be_no_subject(text):
    assert not is_subject(text)
    with pytest.raises(Invalid) as told:
        subject_of(text)
    assert set(told.value.data["fields"]) == {"subject"}
