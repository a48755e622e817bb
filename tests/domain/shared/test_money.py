"""Money is exact: to the cent, in one currency, whatever is added in whatever order."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.shared.errors import Invalid
from domain.shared.money import CENT, CURRENCIES, LARGEST, Money, rate_of, rounded, total

AMOUNTS = st.decimals(0, LARGEST, places=2)
EUROS = st.builds(Money, AMOUNTS, st.just("EUR"))
SECONDS = st.integers(0, 7 * 24 * 3600)


@for_all(st.lists(EUROS, min_size=1), st.randoms())
def test_a_sum_is_the_same_in_any_order_and_to_the_cent(amounts, random):
    shuffled = list(amounts)
    random.shuffle(shuffled)
    assert total(shuffled) == total(amounts)
    cents = sum(int(money.amount * 100) for money in amounts)
    assert total(amounts).amount * 100 == cents


@for_all(EUROS, SECONDS)
def test_time_at_a_rate_costs_what_it_does_on_paper_to_half_a_cent(rate, seconds):
    cost = rate.for_seconds(seconds)
    assert cost.amount.as_tuple().exponent == -2
    assert abs(Fraction(cost.amount) - Fraction(rate.amount) * seconds / 3600) <= Fraction(1, 200)
    with localcontext(prec=80):
        on_paper = (rate.amount * seconds / 3600).quantize(CENT, ROUND_HALF_UP)
    assert cost == Money(on_paper, "EUR")


@for_all(EUROS, SECONDS, SECONDS)
def test_more_time_never_costs_less(rate, one, other):
    assert rate.for_seconds(one + other).amount >= rate.for_seconds(one).amount


@for_all(EUROS, st.integers(0, 168))
def test_whole_hours_cost_the_rate_times_the_hours(rate, hours):
    assert rate.for_seconds(3600 * hours).amount == rate.amount * hours


@pytest.mark.parametrize(
    ("amount", "cents"), [("1/200", "0.01"), ("1/201", "0.00"), ("0", "0.00"), ("5/2", "2.50")]
)
def test_half_a_cent_goes_up(amount, cents):
    assert str(rounded(Fraction(amount))) == cents


def test_what_floats_get_wrong():
    dime = Money(Decimal("0.10"), "EUR")
    assert total([dime, dime, dime]) == Money(Decimal("0.30"), "EUR")


def test_two_currencies_are_not_added():
    with pytest.raises(ValueError, match="CHF and EUR"):
        total([Money(Decimal(1), "CHF"), Money(Decimal(1), "EUR")])


@for_all(EUROS)
def test_a_rate_is_kept_with_two_decimals(money):
    kept = rate_of(money)
    assert kept == money
    assert kept.amount.as_tuple().exponent == -2
    assert rate_of(kept) == kept


def test_no_rate_is_none_and_nothing_is_not_below_zero():
    assert rate_of(None) is None
    assert str(rate_of(Money(Decimal("-0.0"), "EUR")).amount) == "0.00"


@pytest.mark.parametrize(
    ("amount", "currency", "field"),
    [
        ("-0.01", "EUR", "pay.amount"),
        ("100000000", "EUR", "pay.amount"),
        ("0.001", "EUR", "pay.amount"),
        ("1e-99", "EUR", "pay.amount"),
        ("NaN", "EUR", "pay.amount"),
        ("sNaN", "EUR", "pay.amount"),
        ("Infinity", "EUR", "pay.amount"),
        ("1", "eur", "pay.currency"),
        ("1", "XXX", "pay.currency"),
        ("1", "KWD", "pay.currency"),
        ("1", "", "pay.currency"),
    ],
)
def test_what_can_not_be_a_rate_is_refused_by_name(amount, currency, field):
    with pytest.raises(Invalid) as told:
        rate_of(Money(Decimal(amount), currency), "pay")
    assert set(told.value.data["fields"]) == {field}


def test_currencies_are_codes_of_three_letters():
    assert len(CURRENCIES) > 140
    assert all(len(code) == 3 and code.isupper() for code in CURRENCIES)
