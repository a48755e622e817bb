"""What a tenant lays down for its shifts."""

from math import inf, nan

import pytest

from domain.scheduling.policy import MOST_REST, Policy, Terms, TermsChange
from domain.shared.errors import Invalid
from domain.shared.moment import happening_at
from tests.support.given import given, happened, then, then_failed, then_nothing, when
from tests.support.scheduling import FOREIGN, LAST_WEEK, TENANT


def adopted(**terms):
    with happening_at(LAST_WEEK):
        return Policy(id=Policy.id_of(TENANT), terms=Terms(**terms))


def test_where_nothing_is_laid_down_the_law_holds():
    assert Terms() == Terms(minimum_rest_hours=11.0, swaps_need_approval=False)


@pytest.mark.parametrize(
    ("change", "terms"),
    [
        (TermsChange(minimum_rest_hours=9), Terms(9.0, True)),
        (TermsChange(minimum_rest_hours=0), Terms(0.0, True)),
        (TermsChange(minimum_rest_hours=MOST_REST), Terms(168.0, True)),
        (TermsChange(swaps_need_approval=False), Terms(12.5, False)),
        (TermsChange(0.25, swaps_need_approval=False), Terms(0.25, False)),
    ],
    ids=str,
)
def test_what_is_given_is_changed_and_the_rest_kept(change, terms):
    given(adopted(minimum_rest_hours=12.5, swaps_need_approval=True))
    when(lambda policy: policy.change(change))
    then(happened(Policy.Changed, terms=terms))


@pytest.mark.parametrize(
    "change", [TermsChange(), TermsChange(11), TermsChange(11.0, swaps_need_approval=False)]
)
def test_a_change_to_what_is_so_already_is_none(change):
    given(adopted())
    when(lambda policy: policy.change(change))
    then_nothing()


@pytest.mark.parametrize("hours", [-0.1, MOST_REST + 0.1, inf, nan])
def test_a_rest_that_nobody_could_keep_is_refused(hours):
    given(adopted())
    when(lambda policy: policy.change(TermsChange(minimum_rest_hours=hours)))
    then_failed(Invalid, fields={"minimum_rest_hours": "must be between 0 and 168"})


def test_there_is_one_policy_in_each_tenant():
    assert Policy.id_of(TENANT) == Policy.id_of(TENANT) != Policy.id_of(FOREIGN)
